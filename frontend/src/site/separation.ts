import type { Point } from 'geojson';

/** Mean radius of the Earth in metres (IUGG). */
const EARTH_RADIUS_M = 6_371_008.8;

/**
 * Distance in metres between two points on a sphere (haversine): to tell
 * duplicates from neighbours, not to measure (it may be 0.5 % off). Null when
 * either has no position.
 */
export function separation(a: Point | null, b: Point | null): number | null {
  if (a === null || b === null) return null;
  const rad = (d: number) => (d * Math.PI) / 180;
  const [lon1, lat1] = a.coordinates as [number, number];
  const [lon2, lat2] = b.coordinates as [number, number];
  const h =
    Math.sin(rad(lat2 - lat1) / 2) ** 2 +
    Math.cos(rad(lat1)) * Math.cos(rad(lat2)) * Math.sin(rad(lon2 - lon1) / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}
