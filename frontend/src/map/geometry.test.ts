import { describe, expect, it } from 'vitest';
import type { Polygon } from 'geojson';
import type { MaskedCell } from '../api/masked';
import type { Area } from '../api/types';
import type { SiteRow } from '../state/app.svelte';
import { classOf } from '../state/classes';
import { site } from '../state/fixtures';
import {
  boundsOf,
  communeLabels,
  joinBounds,
  sitesAt,
  stacks,
  surroundings,
  territoryLabels,
  type Bounds,
} from './geometry';
import { separation } from '../site/separation';

const rows: SiteRow[] = [
  [3, 46],
  [3, 46],
  [3.0000001, 46],
  [3.1, 46],
].map(([x, y], i) => {
  const s = site({ site_id: `F${i}` });
  s.geometry = { type: 'Point', coordinates: [x as number, y as number] };
  return { site: s, id: `F${i}`, cls: classOf(s, ''), level: '3', imprecise: false };
});
const nowhere = site({ site_id: 'N' }, false);

describe('homes at one point', () => {
  it('are counted once, those without position never', () => {
    const piles = stacks([
      ...rows,
      { site: nowhere, id: 'N', cls: 'unlocated', level: 'unlocated', imprecise: true },
    ]);
    expect(piles.map((p) => p.properties.count)).toEqual([3]);
  });

  it('are found from any of them', () => {
    expect(sitesAt((rows[2] as SiteRow).site, rows).map((r) => r.id)).toEqual(['F0', 'F1', 'F2']);
    expect(sitesAt(nowhere, rows)).toEqual([]);
  });
});

describe('the label of a département', () => {
  const box = (w: number, s: number, e: number, n: number): Polygon => ({
    type: 'Polygon',
    coordinates: [
      [
        [w, s],
        [e, s],
        [e, n],
        [w, n],
        [w, s],
      ],
    ],
  });
  const cell = (key: string, shape: Polygon | null): MaskedCell => ({
    key,
    department: '00',
    size: shape === null ? null : 4000,
    shape,
    homes: [],
    level: 'withheld',
  });

  it('stands within it and beside the cells', () => {
    const territory = { ...cell('department.00', null), shape: box(2, 46, 3, 47) };
    const cells = [cell('a', box(2.3, 46.3, 2.7, 46.7)), cell('b', box(2.1, 46.75, 2.9, 46.95))];
    const [label] = territoryLabels([territory], cells, () => '51');
    expect(label?.properties).toEqual({ key: 'department.00', words: '51' });
    const [x = 0, y = 0] = label?.geometry.coordinates ?? [];
    const within = ([w, s, e, n]: Bounds) => x > w && x < e && y > s && y < n;
    expect(within([2, 46, 3, 47])).toBe(true);
    expect(within([2.3, 46.3, 2.7, 46.7])).toBe(false);
    expect(within([2.1, 46.75, 2.9, 46.95])).toBe(false);
  });

  it('stands in its middle when it has no cell', () => {
    const territory = { ...cell('department.00', null), shape: box(2, 46, 4, 47) };
    const [label] = territoryLabels([territory], [], () => '');
    const [x = 0, y = 0] = label?.geometry.coordinates ?? [];
    expect(Math.abs(x - 3)).toBeLessThan(0.5);
    expect(Math.abs(y - 46.5)).toBeLessThan(0.1);
  });
});

describe('joinBounds', () => {
  it('holds all that is known, and nothing is not the middle of the sea', () => {
    expect(joinBounds([null, [2, 46, 3, 47], [1, 46.5, 2, 48], null])).toEqual([1, 46, 3, 48]);
    expect(joinBounds([null])).toBeNull();
    expect(joinBounds([])).toBeNull();
  });
});

describe('communeLabels', () => {
  it('puts one label in the middle of the largest part', () => {
    const square = (x: number, y: number, d: number) => [
      [
        [x, y],
        [x + d, y],
        [x + d, y + d],
        [x, y + d],
        [x, y],
      ],
    ];
    const commune: Area = {
      type: 'Feature',
      id: 'commune.03001',
      geometry: { type: 'MultiPolygon', coordinates: [square(0, 0, 0.1), square(2, 46, 1)] },
      properties: { code: '03001', level: 'commune', name: 'Fictive', department_code: '03' },
    };
    const [label] = communeLabels([commune]);
    expect(label?.geometry.coordinates[0]).toBeCloseTo(2.5, 9);
    expect(label?.geometry.coordinates[1]).toBeCloseTo(46.5, 9);
  });
});

describe('boundsOf', () => {
  it('covers every part of a geometry', () => {
    const polygon = {
      type: 'Polygon' as const,
      coordinates: [
        [
          [1, 2],
          [5, -3],
          [0, 9],
          [1, 2],
        ],
      ],
    };
    expect(boundsOf(polygon)).toEqual([0, -3, 5, 9]);
    expect(boundsOf({ type: 'MultiPolygon', coordinates: [] })).toBeNull();
  });
});

describe('surroundings', () => {
  it('reaches the nearest zone, within reason', () => {
    const width = (d: number | null) => {
      const [w, , e] = surroundings(site({ nearest_zone_distance_m: d })) ?? [0, 0, 0, 0];
      const at = (x: number) => ({ type: 'Point' as const, coordinates: [x, 46] });
      return (separation(at(w), at(e)) ?? 0) / 2;
    };
    expect(width(3000)).toBeGreaterThan(3000);
    expect(width(100_000)).toBeLessThan(9000);
    expect(width(0)).toBeGreaterThan(700);
    expect(surroundings(nowhere)).toBeNull();
  });
});

describe('separation', () => {
  it('is a degree of latitude in metres', () => {
    const at = (lat: number) => ({ type: 'Point' as const, coordinates: [3, lat] });
    expect(separation(at(46), at(47))).toBeCloseTo(111_195, -1);
    expect(separation(at(46), null)).toBeNull();
  });
});
