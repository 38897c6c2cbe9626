import type { MultiPolygon, Polygon } from 'geojson';
import type { Counts, Problem, Text } from '../api/types';

/** One entry of the catalogue of what places are compared by. */
export interface Criterion {
  id: string;
  label: Text;
  /** "m", "€", "1" for scores and counts, "1/1000". */
  unit: string;
  formula: Text;
  better: 'less' | 'more';
  /** The values that are worth 0 and 1. */
  goalposts: [number, number];
  weight: number;
  source: Text;
}

export interface Catalogue {
  criteria: Criterion[];
  constraints: { type: Constraint['type']; label: Text; members: string[] }[];
  /** Themes of places and kinds of zones that constraints may name. */
  themes: string[];
  zone_kinds: string[];
}

/** A condition without which a place is excluded. Distances are metres. */
export type Constraint =
  | { type: 'zone_distance'; kind: string; min_m: number }
  | { type: 'place_distance'; theme: string; max_m: number }
  | { type: 'home_distance'; min_m: number }
  | { type: 'exposure'; max: number }
  | { type: 'exclusion'; id: string };

export interface CriterionChoice {
  id: string;
  /** Relative to the others'; 0 leaves the criterion out. */
  weight: number;
  goalposts?: [number, number];
}

export interface Candidate {
  id: string;
  label: string;
  address: string;
  /** Degrees (CRS84). */
  lon: number;
  lat: number;
  precision: string;
  capacity?: number;
  cost_eur?: number;
  source: string;
  note?: string;
}

export interface Exclusion {
  id: string;
  label: string;
  source: string;
  geometry: Polygon | MultiPolygon;
}

export interface Need {
  kind: string;
  capacity: number;
  age_min: number;
  age_max: number;
  homes: number;
  origins: { commune_code: string; people: number }[] | null;
  series: { source: string; indicator: string; edition: string; year: number } | null;
}

export const MODELS = ['median', 'cover', 'dispersion'] as const;
export const POOLS = ['candidates', 'cells'] as const;

export interface AllocationChoice {
  model: (typeof MODELS)[number];
  homes: number;
  reach_m?: number;
  pool: (typeof POOLS)[number];
}

export interface StudyBody {
  format: 'vigie-study/1';
  title: string;
  note: string;
  origin_site_id?: string;
  need: Need;
  area: Polygon | MultiPolygon | null;
  cell_size_m: number;
  constraints: Constraint[];
  criteria: CriterionChoice[];
  candidates: Candidate[];
  exclusions: Exclusion[];
  allocation: AllocationChoice | null;
  runs: number;
  seed: number;
}

export interface StudyRecord {
  id: string;
  department_code: string;
  state: string;
  version: number;
  created_at: string;
  created_by: string;
  changed_at: string;
  changed_by: string;
  body: StudyBody;
}

/** A study in the list. */
export type StudyLine = Omit<StudyRecord, 'body'> & { title: string; candidates: number };

/** What reading a file of candidates or excluded areas gave, or would give. */
export interface FileReport {
  dry_run: boolean;
  version: number;
  counts: Counts;
  problems: Problem[];
}

export interface Method {
  profile: { name: string; version: string; hash: string };
  draws: number;
  seed: number;
  runs?: number;
  /** "straight_line". */
  travel: string;
  editions: { kind: string; label: string }[] | null;
  time: string;
}

export interface Exposed {
  /** 0–100, null when unknown; so are the bounds of its interval. */
  score: number | null;
  low: number | null;
  high: number | null;
  /** Index of the class, the lowest first; -1 when none is likely enough. */
  class: number;
}

export interface Failure {
  /** Its place in the study's list. */
  constraint: number;
  text: Text;
  value: number | null;
  limit: number | null;
}

export interface Ranked {
  id: string;
  label: string;
  lon: number;
  lat: number;
  status: 'ranked' | 'excluded' | 'unknown';
  failed: Failure[];
  /** Constraints that nothing known can verify. */
  unverified: Failure[];
  criteria: {
    id: string;
    value: number | null;
    /** 0–1. */
    utility: number | null;
    weight: number;
    points: number | null;
  }[];
  exposure: Exposed;
  score: number | null;
  score_low: number | null;
  score_high: number | null;
  /** 0 when not ranked. */
  rank: number;
  rank_low: number;
  rank_high: number;
  front: boolean;
  front_share: number | null;
  best_share: number | null;
  change: Text[];
  /** Share of the existing homes that are at least as exposed, 0–100. */
  percentile_existing: number | null;
}

export interface StudyAnswer {
  study: { id: string; version: number };
  method: Method;
  candidates: Ranked[];
  existing: { id: string; label: string; exposure: Exposed }[];
  disclaimer: Text;
}

export interface AllocationAnswer {
  study: { id: string; version: number };
  model: AllocationChoice['model'];
  pool: AllocationChoice['pool'];
  /** How many places there were to choose among, and homes that count as open already. */
  choices: number;
  existing: number;
  chosen: { id: string; label: string; lon: number; lat: number }[];
  objective: number | null;
  unit: string;
  bound: number | null;
  /** How much better the best choice could be at most, as a share of the objective. */
  gap: number | null;
  proven: boolean;
  seed: number;
  method: Method;
}

export interface SurfaceHeader {
  token: string;
  department_code: string;
  cell_size_m: number;
  crs: string;
  /** East and north of the north-west corner, in metres. */
  origin: [number, number];
  columns: number;
  rows: number;
  bounds: [number, number, number, number];
  corners: [[number, number], [number, number], [number, number], [number, number]];
  layers: { id: string; unit: string; offset: number; scale: number }[];
  method: Method;
}

export interface AddressHit {
  id: string;
  label: string;
  lon: number;
  lat: number;
  precision: string;
  score: number;
}
