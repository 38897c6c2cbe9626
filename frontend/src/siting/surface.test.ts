import { describe, expect, it } from 'vitest';
import goldenText from '../../../geo/siting/testdata/surface.golden.json?raw';
import { fromLambert93, toLambert93 } from './projection';
import { frameOf, maskOf, paint, pixelMap, tally, type GridHeader } from './raster';
import {
  bestCells,
  classOfScore,
  combine,
  decodeLayers,
  NO_VALUE,
  STATUS,
  type Layer,
} from './surface';
import type { Constraint, CriterionChoice } from './types';

interface Golden {
  cell_size_m: number;
  columns: number;
  rows: number;
  no_value: number;
  layers: { id: string; offset: number; scale: number; levels: number[] }[];
  criteria: CriterionChoice[];
  constraints: Constraint[];
  excluded: boolean[];
  status: (keyof typeof STATUS)[];
  score: (number | null)[];
  best: { count: number; spacing_m: number; cells: number[] };
  absent: string[];
}

/** The server's own results, which a test of it holds as well. */
const golden = JSON.parse(goldenText) as Golden;
const layers: Layer[] = golden.layers.map((l) => ({ ...l, levels: Uint16Array.from(l.levels) }));
const catalogue = [
  { id: 'exposure', goalposts: [60, 0] as [number, number] },
  { id: 'school', goalposts: [5000, 500] as [number, number] },
  { id: 'police', goalposts: [10_000, 500] as [number, number] },
  { id: 'cost', goalposts: [1_500_000, 0] as [number, number] },
];
const combined = combine(
  layers,
  catalogue,
  golden.criteria,
  golden.constraints,
  Uint8Array.from(golden.excluded, Number),
);

describe('the arithmetic of the surface', () => {
  it('is that of the server, cell by cell', () => {
    expect(golden.no_value).toBe(NO_VALUE);
    expect([...combined.status]).toEqual(golden.status.map((s) => STATUS[s]));
    // Equal to the last bit: a place on a threshold falls on the same side everywhere.
    expect([...combined.score].map((v) => (Number.isNaN(v) ? null : v))).toEqual(golden.score);
    expect(combined.absent).toEqual(golden.absent);
  });

  it('finds the same best cells', () => {
    const { count, spacing_m, cells } = golden.best;
    expect(bestCells(combined, golden, count, spacing_m)).toEqual(cells);
  });

  it('verifies nothing where a layer is missing', () => {
    const limit: Constraint = { type: 'place_distance', theme: 'bar', max_m: 100 };
    const out = combine(layers, catalogue, golden.criteria, [limit], null);
    expect(out.absent).toContain('place_distance:bar');
    expect(new Set(out.status)).toEqual(new Set([STATUS.empty, STATUS.unverified]));
  });

  it('counts and classes every cell that has a score', () => {
    const { classes, incomplete, unverified, excluded } = tally(combined, 5);
    const scored = classes.reduce((a, b) => a + b, 0);
    const empty = golden.status.filter((s) => s === 'empty').length;
    expect(scored + incomplete + unverified + excluded + empty).toBe(12);
    expect([0, 19.99, 20, 80, 100].map(classOfScore)).toEqual([0, 0, 1, 4, 4]);
  });
});

describe('the octets of a surface', () => {
  const header = { columns: 2, rows: 1, layers: [{ id: 'a', offset: 1, scale: 0.5 }] };

  it('are read little end first', () => {
    const [layer] = decodeLayers(header, Uint8Array.from([1, 0, 0, 1]).buffer);
    expect([...(layer?.levels ?? [])]).toEqual([1, 256]);
  });

  it('are refused when they are cut short', () => {
    expect(() => decodeLayers(header, new ArrayBuffer(2))).toThrow(RangeError);
  });
});

const size = 1000;
const corner = (x: number, y: number): [number, number] => fromLambert93([x, y]);
const grid: GridHeader = {
  cell_size_m: size,
  crs: 'EPSG:2154',
  origin: [600_000, 6_640_000],
  columns: 80,
  rows: 60,
  bounds: [1.6, 45.9, 2.8, 46.9],
  corners: [
    corner(600_000, 6_640_000),
    corner(680_000, 6_640_000),
    corner(680_000, 6_580_000),
    corner(600_000, 6_580_000),
  ],
};

describe('the projection', () => {
  it('gives IGN’s own values, and back', () => {
    const [x, y] = toLambert93([3, 46.5]);
    expect(x).toBeCloseTo(700_000, 2);
    expect(y).toBeCloseTo(6_600_000, 1);
    const [lon, lat] = fromLambert93(toLambert93([2.6123, 46.4321]));
    expect(lon).toBeCloseTo(2.6123, 9);
    expect(lat).toBeCloseTo(46.4321, 9);
  });

  it('puts each pixel of the image on its cell, to a cell', () => {
    const map = pixelMap(grid);
    const frame = frameOf(grid);
    for (const [x, y] of [
      [10, 10],
      [40, 30],
      [60, 25],
    ] as const) {
      const cell = map.cells[y * map.width + x] as number;
      const [lon, lat] = frame.toDegrees([(cell % 80) + 0.5, Math.floor(cell / 80) + 0.5]);
      const [w, s, e, n] = grid.bounds;
      const across = ((lon - w) / (e - w)) * map.width;
      const merc = (d: number) => Math.log(Math.tan(Math.PI / 4 + (d * Math.PI) / 360));
      const down = ((merc(n) - merc(lat)) / (merc(n) - merc(s))) * map.height;
      expect(Math.abs(across - x - 0.5)).toBeLessThan(1);
      expect(Math.abs(down - y - 0.5)).toBeLessThan(1.1);
    }
  });
});

describe('excluded areas', () => {
  it('cover the cells whose centre they hold, holes apart', () => {
    const box = (x0: number, y0: number, x1: number, y1: number) =>
      [
        [x0, y0],
        [x1, y0],
        [x1, y1],
        [x0, y1],
        [x0, y0],
      ].map(([c, r]) => frameOf(grid).toDegrees([c as number, r as number]));
    const mask = maskOf(grid, [
      { type: 'Polygon', coordinates: [box(10, 10, 20, 20), box(12, 12, 14, 14)] },
    ]);
    expect(mask.reduce((a, b) => a + b, 0)).toBe(100 - 4);
    expect(mask[10 * 80 + 10]).toBe(1);
    expect(mask[13 * 80 + 13]).toBe(0);
  });
});

describe('the drawing', () => {
  it('leaves out what is empty, thins what is excluded and hatches what is incomplete', () => {
    const status = Uint8Array.from(
      Array.from({ length: 64 }, (_, i) => (i < 16 ? 0 : i < 32 ? 1 : i < 48 ? 3 : 4)),
    );
    const score = new Float64Array(64).fill(90);
    const map = { width: 8, height: 8, cells: Int32Array.from(status, (_, i) => i) };
    const palette = { classes: [1, 2, 3, 4, 5], hatch: 9, excluded: 7 };
    const px = paint({ status, score, absent: [] }, map, palette);
    const blue = (cell: number) => px[cell * 4 + 2];
    const alpha = (cell: number) => px[cell * 4 + 3] as number;
    expect(alpha(0)).toBe(0);
    expect(alpha(20)).toBeLessThan(alpha(50));
    expect(new Set(Array.from({ length: 16 }, (_, i) => blue(32 + i)))).toEqual(new Set([5, 9]));
    expect(new Set(Array.from({ length: 16 }, (_, i) => blue(48 + i)))).toEqual(new Set([5]));
  });
});
