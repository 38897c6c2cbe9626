import type { Feature, MultiPolygon, Point, Polygon } from 'geojson';

/** A sentence in both languages of the product. */
export interface Text {
  fr: string;
  en: string;
}

/** Where a role or a grant holds; empty is nowhere. */
export interface Scope {
  national?: boolean;
  /** INSEE codes. */
  departments?: string[];
  /** Identifiers of named homes. */
  sites?: string[];
}

/** A role held in a scope, until a day. */
export interface Assignment {
  /** Of the vocabulary, like every kind, precision and format below. */
  role: string;
  scope: Scope;
  /** Also gives police-restricted layers. */
  restricted?: boolean;
  /** Reference of the order that a national scope needs. */
  mission_order?: string;
  expires?: string;
}

export type ProximityStatus = 'computed' | 'not_located' | 'position_commune';

/**
 * Prefix of the proximity indicators: empty for all zones together, else that of a kind
 * that has its own (`qpv_`).
 */
export type Group = string;

/**
 * Properties of a site (foyer). The proximity indicators (`in_zone`,
 * `nearest_zone_distance_m`, `zones_within_500m`…) are read through `indicator`.
 */
export interface SiteProperties {
  site_id: string;
  finess: string | null;
  name: string;
  kind: string;
  category: string | null;
  status: 'open' | 'closed';
  address: string | null;
  postal_code: string | null;
  locality: string | null;
  department_code: string | null;
  commune_code: string | null;
  capacity: number | null;
  legal_entity_finess: string | null;
  position_precision: string | null;
  position_source: string | null;
  proximity_status: ProximityStatus;
  version: number;
  [indicator: string]: string | number | boolean | null;
}

/** A home as the server sends it; the geometry is lon/lat in CRS84, null when not located. */
export type Site = Feature<Point | null, SiteProperties> & { id: string };

export interface ZoneProperties {
  zone_id: string;
  kind: string;
  edition: string;
  current: boolean;
  name: string | null;
  department_codes: string | null;
  commune_codes: string | null;
  area_m2: number | null;
}
export type Zone = Feature<Polygon | MultiPolygon, ZoneProperties> & { id: string };

export interface PlaceProperties {
  place_id: string;
  kind: string;
  name: string | null;
  department_code: string | null;
  commune_code: string | null;
}
export type Place = Feature<Point | null, PlaceProperties> & { id: string };

export interface AreaProperties {
  code: string;
  level: 'commune' | 'department';
  name: string;
  department_code: string | null;
}
export type Area = Feature<Polygon | MultiPolygon, AreaProperties> & { id: string };

export interface Basemap {
  id: string;
  label: Text;
  style_url?: string;
  attribution?: string;
}

export interface Config {
  demo: boolean;
  basemaps: Basemap[];
  default_basemap: string;
  languages: string[];
  /** West, south, east, north in degrees, of what the viewer sees; null when that is nothing. */
  bounds: [number, number, number, number] | null;
  version: string;
  /** Who answers for the processing of personal data; empty in a demonstration. */
  controller: string;
  /** Reference of the data protection impact assessment. */
  dpia_reference: string;
}

export interface Category {
  code: string;
  kind: string;
  label: Text;
  child_protection: boolean;
  residence: boolean;
  private: boolean;
}

export type Severity = 'error' | 'warning' | 'info';

/** One located finding of the server about a file or a form. */
export interface Problem {
  severity: Severity;
  code: string;
  file?: string;
  line?: number;
  column?: number;
  record?: string;
  field?: string;
  value?: string;
  message: Text;
}

export interface Counts {
  read: number;
  kept: number;
  created: number;
  updated: number;
  unchanged: number;
  filtered: number;
  rejected: number;
  repaired: number;
  unlocated: number;
  missing: number;
}

export interface Change {
  kind: string;
  record: string;
  name?: string;
  distance_m?: number;
  area_m2?: number;
  before?: string;
  after?: string;
}

/** Layers that files can hold: a test holds that the server knows them. */
export const LAYERS = ['sites', 'zones', 'places', 'areas', 'statistics'] as const;
export type Layer = (typeof LAYERS)[number];

export interface ImportRecord {
  id: string;
  layer: Layer;
  format: string;
  kind?: string;
  edition?: string;
  file_name: string;
  sha256: string;
  imported_at: string;
  by: string;
  dry_run: boolean;
  counts: Counts;
  problems: Problem[] | null;
  problem_counts: Record<string, number> | null;
  changes: Change[] | null;
  change_counts: Record<string, number> | null;
  undone_at?: string;
  undone_by?: string;
}

export interface Format {
  id: string;
  label: Text;
  layers: Layer[];
}

/** A full record as the edit routes give and take it. */
export interface SiteRecord {
  id: string;
  version: number;
  name: string;
  category: string;
  kind: string;
  status: 'open' | 'closed';
  finess: string;
  address: { street: string; postal_code: string; locality: string };
  commune_code: string;
  department_code: string;
  capacity: number | null;
  position: { lon: number; lat: number; precision: string } | null;
  merged_into: string;
}

/** What the viewer may change by hand in a site. */
export type SiteFields = Pick<
  SiteRecord,
  'name' | 'category' | 'address' | 'commune_code' | 'department_code' | 'capacity' | 'position'
>;
