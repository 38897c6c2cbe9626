import type { Layer } from '../api/types';

/** What the user says of the files before they are read. */
export interface ImportOptions {
  layer: Layer;
  kind: string;
  edition: string;
  format: string;
  crs: string;
  idField: string;
  nameField: string;
  services: boolean;
  closeMissing: boolean;
  strict: boolean;
}

export const DEFAULT_OPTIONS: ImportOptions = {
  layer: 'sites',
  kind: 'qpv',
  edition: '',
  format: '',
  crs: '',
  idField: '',
  nameField: '',
  services: false,
  closeMissing: false,
  strict: false,
};

/** The fields of the upload; what is left to the server's own recognition is not sent. */
export function formFields(options: ImportOptions, dryRun: boolean): Record<string, string> {
  const fields: Record<string, string> = { layer: options.layer, dry_run: String(dryRun) };
  const texts = {
    format: options.format,
    crs: options.crs,
    id_field: options.idField,
    name_field: options.nameField,
  };
  for (const [name, value] of Object.entries(texts)) {
    if (value.trim() !== '') fields[name] = value.trim();
  }
  if (options.layer === 'zones') {
    fields.kind = options.kind;
    if (options.edition.trim() !== '') fields.edition = options.edition.trim();
  }
  if (options.layer === 'sites') {
    if (options.services) fields.services = 'true';
    if (options.closeMissing) fields.close_missing = 'true';
  }
  if (options.strict) fields.strict = 'true';
  return fields;
}

const ZONE_HINTS = /qpv|qrr|zsp|quartier|zone/i;

/** A guess of the layer and kind from the names of the files; the user may say otherwise. */
export function guess(names: readonly string[]): Partial<Pick<ImportOptions, 'layer' | 'kind'>> {
  const all = names.join(' ').toLowerCase();
  if (/qrr/.test(all)) return { layer: 'zones', kind: 'qrr' };
  if (/zsp/.test(all)) return { layer: 'zones', kind: 'zsp' };
  if (/qpv|qp20/.test(all)) return { layer: 'zones', kind: 'qpv' };
  if (/finess|foyer|etalab|structureet|mecs/.test(all)) return { layer: 'sites' };
  if (ZONE_HINTS.test(all) || /\.shp\b/.test(all)) return { layer: 'zones' };
  return {};
}
