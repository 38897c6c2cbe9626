import type { Group, Site } from '../api/types';

/**
 * Classes of a home on the map by distance: five of distance to the nearest zone, then what
 * can't be classed and why, then the closed ones.
 */
export const CLASSES = [
  'inside',
  'within500',
  'within1000',
  'within2000',
  'beyond',
  'unknown',
  'vague',
  'unlocated',
  'closed',
] as const;
export type ClassId = (typeof CLASSES)[number];

/** Classes that carry a distance, from nearest to farthest. */
export const DISTANCE_CLASSES = CLASSES.slice(0, 5) as readonly ClassId[];

export function isClass(value: string): value is ClassId {
  return (CLASSES as readonly string[]).includes(value);
}

/** Class of a home by its distance to the zones of a group (all zones, or one kind). */
export function classOf(site: Site, group: Group): ClassId {
  const p = site.properties;
  if (p.status === 'closed') return 'closed';
  if (site.geometry === null || p.proximity_status === 'not_located') return 'unlocated';
  if (p.proximity_status === 'position_commune') return 'vague';
  if (p[`${group}in_zone`] === true) return 'inside';
  const d = p[`${group}nearest_zone_distance_m`];
  if (typeof d !== 'number') return 'unknown';
  if (d <= 500) return 'within500';
  if (d <= 1000) return 'within1000';
  if (d <= 2000) return 'within2000';
  return 'beyond';
}

/**
 * Classes of exposure of a place, from the highest, then why a place has none. A masked home
 * may have its class withheld; an exact one may have no score for several reasons.
 */
export const LEVELS = [
  '5',
  '4',
  '3',
  '2',
  '1',
  'indeterminate',
  'withheld',
  'incomplete',
  'pending',
  'unlocated',
  'closed',
] as const;
export type Level = (typeof LEVELS)[number];

/** Levels that are a class, from the highest. */
export const EXPOSURE_CLASSES = LEVELS.slice(0, 5) as readonly Level[];

export function isLevel(value: unknown): value is Level {
  return (LEVELS as readonly unknown[]).includes(value);
}

/** Class of exposure of a home seen exactly, or why it has none. */
export function levelOf(site: Site): Level {
  const p = site.properties;
  if (p.status === 'closed') return 'closed';
  switch (p.exposure_status) {
    case 'computed':
      return isLevel(p.exposure_class) ? p.exposure_class : 'indeterminate';
    case 'pending':
      return 'pending';
    case 'incomplete':
      return 'incomplete';
  }
  return 'unlocated';
}

/** What the colour and size of a home tell. */
export const SCALES = ['exposure', 'distance'] as const;
export type Scale = (typeof SCALES)[number];

/** Positions known to a street or worse are drawn hollow: the distance is indicative. */
export function isImprecise(site: Site): boolean {
  const precision = site.properties.position_precision;
  return precision !== 'surveyed' && precision !== 'house_number';
}
