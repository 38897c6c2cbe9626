import { request } from './client';
import type { Category, Text } from './types';
import type { Right } from './session';

/** A stable identifier of the server and its name. */
export interface Term {
  id: string;
  label: Text;
}

export interface Described extends Term {
  about: Text;
}

export interface Role extends Term {
  precision: string;
  rights: string[];
}

export interface ZoneKindTerm extends Described {
  short: Text;
  /** Tells kinds apart on the map; 0 is the neutral one. */
  style: number;
  /** Homes have indicators of this kind alone, prefixed by its identifier. */
  indicators: boolean;
}

export interface ExportFormat extends Term {
  extension: string;
}

/** The words of the product as the server has them, each list in order of display. */
export interface Vocabulary {
  roles: Role[];
  rights: Term[];
  purposes: Term[];
  grant_kinds: Term[];
  layers: Term[];
  zone_kinds: ZoneKindTerm[];
  place_kinds: Term[];
  place_themes: Term[];
  site_categories: Category[];
  precisions: Described[];
  changes: Term[];
  /** The lowest first. */
  exposure_classes: Term[];
  export_formats: ExportFormat[];
  /** Radii of the proximity indicators, in metres. */
  radii: number[];
}

/** The rights that this interface acts upon: a test holds that the server knows them. */
export const KNOWN_RIGHTS: readonly Right[] = [
  'import',
  'edit_sites',
  'restricted',
  'review',
  'report',
  'decide',
  'study',
  'approve',
  'users',
  'audit',
];

export async function getVocabulary(signal?: AbortSignal): Promise<Vocabulary> {
  return (await request<Vocabulary>('/api/vocabulary', { signal })).data;
}
