import type {
  Feature,
  FeatureCollection,
  Geometry,
  MultiPolygon,
  Point,
  Polygon,
  Position,
} from 'geojson';
import type { MaskedCell } from '../api/masked';
import type { Area, Place, Site } from '../api/types';
import type { SiteRow } from '../state/app.svelte';
import type { Scale } from '../state/classes';
import { placeShape } from './images';

/** West, south, east, north in degrees. */
export type Bounds = [number, number, number, number];

export function collection<F extends Feature>(features: F[]): FeatureCollection {
  return { type: 'FeatureCollection', features };
}

/** Homes as the map draws them; those without a position are left to the table. */
export function siteFeatures(rows: readonly SiteRow[], scale: Scale): Feature<Point>[] {
  const out: Feature<Point>[] = [];
  for (const { site, id, cls, level, imprecise } of rows) {
    if (site.geometry === null) continue;
    out.push({
      type: 'Feature',
      geometry: site.geometry,
      properties: {
        id,
        cls: scale === 'exposure' ? level : cls,
        hollow: imprecise,
        name: site.properties.name,
      },
    });
  }
  return out;
}

/** Cells of masked homes as the map draws them, the largest first so that all can be seen. */
export function cellFeatures(cells: readonly MaskedCell[]): Feature<Polygon | MultiPolygon>[] {
  return cells
    .toSorted((a, b) => (b.size ?? 0) - (a.size ?? 0))
    .flatMap(({ key, shape, level, homes }) =>
      shape === null
        ? []
        : [
            {
              type: 'Feature' as const,
              geometry: shape,
              properties: { key, level, count: homes.length },
            },
          ],
    );
}

/** How many homes a cell holds, in its middle. */
export function cellLabels(cells: readonly MaskedCell[]): Feature<Point>[] {
  return cells.flatMap(({ shape, homes }) => {
    const box = shape === null ? null : boundsOf(shape);
    if (box === null) return [];
    const middle = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    return [
      {
        type: 'Feature' as const,
        geometry: { type: 'Point' as const, coordinates: middle },
        properties: { count: homes.length },
      },
    ];
  });
}

/** How many homes each département shows without a cell, in its widest room beside the cells. */
export function territoryLabels(
  territories: readonly (MaskedCell & { shape: Polygon | MultiPolygon })[],
  cells: readonly MaskedCell[],
  words: (cell: MaskedCell) => string,
): Feature<Point>[] {
  const boxes = cells.flatMap(({ shape }) => {
    const box = shape === null ? null : boundsOf(shape);
    return box === null ? [] : [box];
  });
  return territories.flatMap((territory) => {
    const ring = largestRing(territory.shape);
    if (ring === null) return [];
    return [
      {
        type: 'Feature' as const,
        geometry: { type: 'Point' as const, coordinates: roomIn(ring, boxes) },
        properties: { key: territory.key, words: words(territory) },
      },
    ];
  });
}

/** Steps of the grid, a side, on which room for a label is looked for. */
const ROOM_STEPS = 16;

/** The point of a ring, on a grid, that is farthest from its edges and from these boxes. */
function roomIn(ring: Position[], boxes: readonly Bounds[]): [number, number] {
  const [w, s, e, n] = boundsOf({ type: 'Polygon', coordinates: [ring] }) as Bounds;
  // A degree of longitude is shorter than one of latitude.
  const squeeze = Math.cos((((s + n) / 2) * Math.PI) / 180);
  let best = centroid(ring).center;
  let most = 0;
  for (let i = 0; i < ROOM_STEPS ** 2; i++) {
    const x = w + ((e - w) * ((i % ROOM_STEPS) + 0.5)) / ROOM_STEPS;
    const y = s + ((n - s) * (Math.floor(i / ROOM_STEPS) + 0.5)) / ROOM_STEPS;
    if (!inRing([x, y], ring)) continue;
    let room = Infinity;
    for (const b of boxes) {
      const dx = Math.max(b[0] - x, x - b[2], 0) * squeeze;
      room = Math.min(room, Math.hypot(dx, Math.max(b[1] - y, y - b[3], 0)));
    }
    for (let k = 0; k + 1 < ring.length && room > most; k++) {
      const [ax, ay] = ring[k] as [number, number];
      const [bx, by] = ring[k + 1] as [number, number];
      const [px, py, qx, qy] = [(x - ax) * squeeze, y - ay, (bx - ax) * squeeze, by - ay];
      const along = (px * qx + py * qy) / (qx * qx + qy * qy || 1);
      const t = Math.min(Math.max(along, 0), 1);
      room = Math.min(room, Math.hypot(px - t * qx, py - t * qy));
    }
    if (room > most) {
      most = room;
      best = [x, y];
    }
  }
  return best;
}

/** A point is inside a ring (even-odd). */
function inRing([x, y]: [number, number], ring: Position[]): boolean {
  let inside = false;
  for (let i = 0; i + 1 < ring.length; i++) {
    const [ax, ay] = ring[i] as [number, number];
    const [bx, by] = ring[i + 1] as [number, number];
    if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) inside = !inside;
  }
  return inside;
}

/** Points where several homes stand, with how many; to about 10 cm. */
export function stacks(rows: readonly SiteRow[]): Feature<Point, { count: number }>[] {
  const found = new Map<string, Feature<Point, { count: number }>>();
  for (const { site } of rows) {
    if (site.geometry === null) continue;
    const key = pointKey(site.geometry.coordinates);
    const feature = found.get(key);
    if (feature) feature.properties.count++;
    else {
      found.set(key, { type: 'Feature', geometry: site.geometry, properties: { count: 1 } });
    }
  }
  return [...found.values()].filter((f) => f.properties.count > 1);
}

/** Homes at the same point as this one, itself included. */
export function sitesAt(site: Site, rows: readonly SiteRow[]): SiteRow[] {
  if (site.geometry === null) return [];
  const key = pointKey(site.geometry.coordinates);
  return rows.filter(
    (r) => r.site.geometry !== null && pointKey(r.site.geometry.coordinates) === key,
  );
}

function pointKey(position: Position): string {
  return `${position[0]?.toFixed(6)},${position[1]?.toFixed(6)}`;
}

export function placeFeatures(places: readonly Place[]): Feature<Point>[] {
  const out: Feature<Point>[] = [];
  for (const place of places) {
    if (place.geometry === null) continue;
    out.push({
      type: 'Feature',
      geometry: place.geometry,
      properties: { shape: placeShape(place.properties.kind), name: place.properties.name ?? '' },
    });
  }
  return out;
}

/** One label a commune, in the middle of its largest part; larger communes first. */
export function communeLabels(communes: Iterable<Area>): Feature<Point>[] {
  const out: Feature<Point>[] = [];
  for (const commune of communes) {
    const ring = largestRing(commune.geometry);
    if (ring === null) continue;
    const { area, center } = centroid(ring);
    out.push({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: center },
      properties: { name: commune.properties.name, rank: -area },
    });
  }
  return out;
}

function largestRing(geometry: Polygon | MultiPolygon): Position[] | null {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  let best: Position[] | null = null;
  let bestArea = -1;
  for (const [ring] of polygons) {
    if (ring === undefined) continue;
    const { area } = centroid(ring);
    if (area > bestArea) {
      bestArea = area;
      best = ring;
    }
  }
  return best;
}

/** Area (square degrees, for ranking only) and centroid of a ring, by the shoelace formula. */
function centroid(ring: Position[]): { area: number; center: [number, number] } {
  const [x0, y0] = ring[0] as [number, number];
  let twice = 0;
  let cx = 0;
  let cy = 0;
  // Relative to the first vertex: the products stay small and exact enough.
  for (let i = 0; i + 1 < ring.length; i++) {
    const [ax, ay] = ring[i] as [number, number];
    const [bx, by] = ring[i + 1] as [number, number];
    const cross = (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
    twice += cross;
    cx += (ax + bx - 2 * x0) * cross;
    cy += (ay + by - 2 * y0) * cross;
  }
  if (twice === 0) return { area: 0, center: [x0, y0] };
  return { area: Math.abs(twice) / 2, center: [x0 + cx / (3 * twice), y0 + cy / (3 * twice)] };
}

/** Least and most that is shown around a home, in metres. */
const AROUND_M = { least: 800, most: 8000, unknown: 2000 };

/** West, south, east, north that show a home with its nearest zone; null when not located. */
export function surroundings(site: Site): Bounds | null {
  if (site.geometry === null) return null;
  const [lon, lat] = site.geometry.coordinates as [number, number];
  const d = site.properties.nearest_zone_distance_m;
  const radius =
    typeof d === 'number'
      ? Math.min(Math.max(d * 1.3, AROUND_M.least), AROUND_M.most)
      : AROUND_M.unknown;
  const dy = radius / 111_195;
  const dx = dy / Math.max(Math.cos((lat * Math.PI) / 180), 0.01);
  return [lon - dx, lat - dy, lon + dx, lat + dy];
}

/** West, south, east, north of a geometry, in degrees; null when it has no position. */
export function boundsOf(geometry: Geometry): Bounds | null {
  const box: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (node: unknown): void => {
    if (!Array.isArray(node)) return;
    if (typeof node[0] === 'number' && typeof node[1] === 'number') {
      box[0] = Math.min(box[0], node[0]);
      box[1] = Math.min(box[1], node[1]);
      box[2] = Math.max(box[2], node[0]);
      box[3] = Math.max(box[3], node[1]);
      return;
    }
    for (const child of node) visit(child);
  };
  const enter = (g: Geometry): void => {
    if (g.type === 'GeometryCollection') g.geometries.forEach(enter);
    else visit(g.coordinates);
  };
  enter(geometry);
  return box[0] <= box[2] ? box : null;
}

/** The extent that holds all of these; null when there is none. */
export function joinBounds(boxes: readonly (Bounds | null)[]): Bounds | null {
  return boxes.reduce(
    (all, box) =>
      all === null || box === null
        ? (all ?? box)
        : [
            Math.min(all[0], box[0]),
            Math.min(all[1], box[1]),
            Math.max(all[2], box[2]),
            Math.max(all[3], box[3]),
          ],
    null,
  );
}
