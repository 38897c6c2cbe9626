import type { MultiPolygon, Polygon, Position } from 'geojson';
import { fromLambert93, inverseMercator, mercator, toLambert93 } from './projection';
import { classOfScore, STATUS, type Combined } from './surface';
import type { SurfaceHeader } from './types';

export type GridHeader = Pick<
  SurfaceHeader,
  'cell_size_m' | 'crs' | 'origin' | 'columns' | 'rows' | 'bounds' | 'corners'
>;

type Pair = [number, number];

/** Between degrees and fractional columns and rows of a grid. */
export interface GridFrame {
  toGrid(lonLat: Pair): Pair;
  toDegrees(columnRow: Pair): Pair;
}

/**
 * Exact in Lambert-93. Grids of other projections, those of small territories overseas, lie
 * between their corners.
 */
export function frameOf(g: GridHeader): GridFrame {
  const size = g.cell_size_m;
  if (g.crs === 'EPSG:2154') {
    return {
      toGrid: (p) => {
        const [x, y] = toLambert93(p);
        return [(x - g.origin[0]) / size, (g.origin[1] - y) / size];
      },
      toDegrees: ([c, r]) => fromLambert93([g.origin[0] + c * size, g.origin[1] - r * size]),
    };
  }
  const [nw, ne, , sw] = g.corners;
  const across: Pair = [(ne[0] - nw[0]) / g.columns, (ne[1] - nw[1]) / g.columns];
  const down: Pair = [(sw[0] - nw[0]) / g.rows, (sw[1] - nw[1]) / g.rows];
  const det = across[0] * down[1] - across[1] * down[0];
  return {
    toGrid: ([lon, lat]) => {
      const [dx, dy] = [lon - nw[0], lat - nw[1]];
      return [(dx * down[1] - dy * down[0]) / det, (dy * across[0] - dx * across[1]) / det];
    },
    toDegrees: ([c, r]) => [
      nw[0] + c * across[0] + r * down[0],
      nw[1] + c * across[1] + r * down[1],
    ],
  };
}

/** Cells whose centre is within some of the polygons, by the even-odd rule within each. */
export function maskOf(g: GridHeader, shapes: readonly (Polygon | MultiPolygon)[]): Uint8Array {
  const frame = frameOf(g);
  const out = new Uint8Array(g.columns * g.rows);
  for (const shape of shapes) {
    const polygons = shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates;
    const crossings: number[][] = Array.from({ length: g.rows }, () => []);
    for (const ring of polygons.flat())
      cross(
        ring.map((p) => frame.toGrid(pair(p))),
        crossings,
      );
    crossings.forEach((xs, row) => {
      xs.sort((a, b) => a - b);
      for (let i = 0; i + 1 < xs.length; i += 2) {
        const column = (x: number) => Math.min(Math.max(Math.ceil(x - 0.5), 0), g.columns);
        out.fill(
          1,
          row * g.columns + column(xs[i] as number),
          row * g.columns + column(xs[i + 1] as number),
        );
      }
    });
  }
  return out;
}

const pair = (p: Position): Pair => [p[0] as number, p[1] as number];

/** Adds where the edges of a ring cross the middle of each row. */
function cross(ring: Pair[], crossings: number[][]): void {
  for (let i = 1; i < ring.length; i++) {
    let a = ring[i - 1] as Pair;
    let b = ring[i] as Pair;
    if (a[1] > b[1]) [a, b] = [b, a];
    // A vertex counts for the edge that it begins.
    const first = Math.max(Math.ceil(a[1] - 0.5), 0);
    const last = Math.min(Math.ceil(b[1] - 0.5) - 1, crossings.length - 1);
    for (let row = first; row <= last; row++) {
      const t = (row + 0.5 - a[1]) / (b[1] - a[1]);
      crossings[row]?.push(a[0] + t * (b[0] - a[0]));
    }
  }
}

/** Sides of an image that every graphics card takes. */
const MAX_SIDE = 4096;
/** Pixels between two positions that are projected exactly; those between are interpolated. */
const STEP = 16;

/** An image in the projection of the map, and the cell of each of its pixels (-1 outside). */
export interface PixelMap {
  width: number;
  height: number;
  cells: Int32Array;
}

export function pixelMap(g: GridHeader): PixelMap {
  const frame = frameOf(g);
  const width = Math.min(g.columns, MAX_SIDE);
  const height = Math.min(g.rows, MAX_SIDE);
  const [west, south, east, north] = g.bounds;
  const [top, bottom] = [mercator(north), mercator(south)];
  const at = (x: number, y: number): Pair =>
    frame.toGrid([
      west + ((x + 0.5) / width) * (east - west),
      inverseMercator(top + ((y + 0.5) / height) * (bottom - top)),
    ]);
  const cells = new Int32Array(width * height).fill(-1);
  for (let y0 = 0; y0 < height; y0 += STEP) {
    for (let x0 = 0; x0 < width; x0 += STEP) {
      const [nw, ne, sw, se] = [
        at(x0, y0),
        at(x0 + STEP, y0),
        at(x0, y0 + STEP),
        at(x0 + STEP, y0 + STEP),
      ];
      for (let y = y0; y < Math.min(y0 + STEP, height); y++) {
        const v = (y - y0) / STEP;
        for (let x = x0; x < Math.min(x0 + STEP, width); x++) {
          const u = (x - x0) / STEP;
          const mix = (i: 0 | 1) =>
            (nw[i] * (1 - u) + ne[i] * u) * (1 - v) + (sw[i] * (1 - u) + se[i] * u) * v;
          const column = Math.floor(mix(0));
          const row = Math.floor(mix(1));
          if (column >= 0 && column < g.columns && row >= 0 && row < g.rows)
            cells[y * width + x] = row * g.columns + column;
        }
      }
    }
  }
  return { width, height, cells };
}

/** Colours as 0xRRGGBB: of the classes, the lowest first, of hatches and of what is excluded. */
export interface Palette {
  classes: readonly number[];
  hatch: number;
  excluded: number;
}

/** Opacity of a class and of what is excluded, 0–255. */
const OPAQUE = 200;
const FAINT = 64;
/** Period of the hatches, in pixels. */
const HATCH = 6;

/** Draws a combination, as RGBA. Cells that are incomplete or unverified are hatched. */
export function paint(
  { status, score }: Combined,
  { width, height, cells }: PixelMap,
  palette: Palette,
): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const cell = cells[i] as number;
      const s = cell < 0 ? STATUS.empty : (status[cell] as number);
      if (s === STATUS.empty) continue;
      let color = palette.excluded;
      let alpha = FAINT;
      if (s !== STATUS.excluded) {
        const hatched = s !== STATUS.scored && (x + y) % HATCH < 2;
        color = hatched
          ? palette.hatch
          : (palette.classes[classOfScore(score[cell] as number)] as number);
        alpha = OPAQUE;
      }
      out[i * 4] = color >> 16;
      out[i * 4 + 1] = (color >> 8) & 0xff;
      out[i * 4 + 2] = color & 0xff;
      out[i * 4 + 3] = alpha;
    }
  }
  return out;
}

/** How many cells there are of each class, and of each status. */
export interface Tally {
  classes: number[];
  incomplete: number;
  unverified: number;
  excluded: number;
}

export function tally({ status, score }: Combined, classes: number): Tally {
  const out: Tally = {
    classes: Array.from({ length: classes }, () => 0),
    incomplete: 0,
    unverified: 0,
    excluded: 0,
  };
  for (let cell = 0; cell < status.length; cell++) {
    const s = status[cell];
    if (s === STATUS.scored) {
      const c = classOfScore(score[cell] as number);
      out.classes[c] = (out.classes[c] as number) + 1;
    } else if (s === STATUS.incomplete) out.incomplete++;
    else if (s === STATUS.unverified) out.unverified++;
    else if (s === STATUS.excluded) out.excluded++;
  }
  return out;
}
