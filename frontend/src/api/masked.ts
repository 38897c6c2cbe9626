import type { Feature, Geometry, MultiPolygon, Polygon } from 'geojson';
import { isLevel, LEVELS, type Level } from '../state/classes';
import type { Site } from './types';

/** A band of an indicator: the property of the server and the code it holds. */
export interface Band {
  name: string;
  code: string;
}

/** A home as someone sees it who may not know which one it is. */
export interface MaskedHome {
  /** Name in this release, the same for every recipient. */
  id: string;
  kind: string;
  department: string | null;
  level: Level;
  /** Identifier of the square it is shown in; null when that is its whole département. */
  cell: string | null;
  /** Side of the square in metres. */
  size: number | null;
  shape: Polygon | MultiPolygon | null;
  bands: Band[];
}

const BAND = /_band$/;

/** A masked record has no name: whoever may know the name sees the home exactly. */
export function isMasked(feature: Feature<Geometry | null>): boolean {
  return feature.properties?.['name'] === undefined;
}

/** Reads a masked feature; what is missing is not shown, never a class or a place. */
export function maskedHome(feature: Feature<Geometry | null>): MaskedHome {
  const p = (feature.properties ?? {}) as Record<string, unknown>;
  const string = (name: string) => (typeof p[name] === 'string' ? p[name] : null);
  const geometry = feature.geometry;
  const shape = geometry?.type === 'Polygon' || geometry?.type === 'MultiPolygon' ? geometry : null;
  return {
    id: string('site_id') ?? String(feature.id ?? ''),
    kind: string('kind') ?? '',
    department: string('department_code'),
    level: isLevel(p['exposure_class']) ? p['exposure_class'] : 'withheld',
    cell: shape === null ? null : string('cell'),
    size: typeof p['cell_size_m'] === 'number' ? p['cell_size_m'] : null,
    shape,
    bands: Object.entries(p).flatMap(([name, code]) =>
      BAND.test(name) && typeof code === 'string' ? [{ name, code }] : [],
    ),
  };
}

/** Parts the homes that are seen exactly from those that are masked. */
export function partSites(features: readonly Feature<Geometry | null>[]): {
  exact: Site[];
  masked: MaskedHome[];
} {
  const exact: Site[] = [];
  const masked: MaskedHome[] = [];
  for (const feature of features) {
    if (isMasked(feature)) masked.push(maskedHome(feature));
    else exact.push(feature as Site);
  }
  return { exact, masked };
}

/** Masked homes shown in one place. */
export interface MaskedCell {
  /** Identifier of the square, or of the département. */
  key: string;
  department: string | null;
  size: number | null;
  shape: Polygon | MultiPolygon | null;
  homes: MaskedHome[];
  /** The class of most homes here; of two as frequent, the higher. */
  level: Level;
}

/** Gathers masked homes by the place in which they are shown. */
export function cellsOf(homes: readonly MaskedHome[]): MaskedCell[] {
  const found = new Map<string, MaskedHome[]>();
  for (const home of homes) {
    const key = home.cell ?? `department.${home.department ?? ''}`;
    const here = found.get(key);
    if (here) here.push(home);
    else found.set(key, [home]);
  }
  return [...found].map(([key, here]) => {
    const { department = null, size = null, shape = null } = here[0] ?? {};
    return { key, department, size, shape, homes: here, level: mostFrequent(here) };
  });
}

function mostFrequent(homes: readonly MaskedHome[]): Level {
  const count = (level: Level) => homes.filter((h) => h.level === level).length;
  return LEVELS.reduce((best, level) => (count(level) > count(best) ? level : best), LEVELS[0]);
}
