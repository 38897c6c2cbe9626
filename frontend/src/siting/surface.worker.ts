import type { MultiPolygon, Polygon } from 'geojson';
import {
  frameOf,
  maskOf,
  paint,
  pixelMap,
  tally,
  type Palette,
  type PixelMap,
  type Tally,
} from './raster';
import { bestCells, CLASS_COUNT, combine, decodeLayers, type Layer } from './surface';
import type { Constraint, Criterion, CriterionChoice, SurfaceHeader } from './types';

/** What a study asks of its surface. */
export interface Wish {
  catalogue: Pick<Criterion, 'id' | 'goalposts'>[];
  criteria: CriterionChoice[];
  constraints: Constraint[];
  /** Where no home may open. */
  exclusions: (Polygon | MultiPolygon)[];
  /** Where the homes may be; null for everywhere. */
  area: Polygon | MultiPolygon | null;
  palette: Palette;
  /** How many of the best cells are asked for, and how far apart in metres. */
  best: number;
  spacing: number;
}

/** A surface to hold, or a wish to draw from the one held. */
export type Order =
  { kind: 'load'; header: SurfaceHeader; values: ArrayBuffer } | { kind: 'draw'; wish: Wish };

export interface BestCell {
  lon: number;
  lat: number;
  score: number;
}

/** The wish drawn. */
export interface Drawing {
  width: number;
  height: number;
  pixels: Uint8ClampedArray<ArrayBuffer>;
  tally: Tally;
  best: BestCell[];
  absent: string[];
}

let held: { header: SurfaceHeader; layers: Layer[]; pixels: PixelMap } | null = null;
let masked: { key: string; mask: Uint8Array | null } = { key: '', mask: null };

self.onmessage = ({ data }: MessageEvent<Order>) => {
  if (data.kind === 'load') {
    const { header, values } = data;
    held = { header, layers: decodeLayers(header, values), pixels: pixelMap(header) };
    masked = { key: '', mask: null };
  } else if (held) {
    const drawing = draw(data.wish, held);
    self.postMessage(drawing, { transfer: [drawing.pixels.buffer] });
  }
};

function draw(wish: Wish, { header, layers, pixels }: NonNullable<typeof held>): Drawing {
  const { catalogue, criteria, constraints } = wish;
  const combined = combine(layers, catalogue, criteria, constraints, excluded(wish, header));
  const frame = frameOf(header);
  const best = bestCells(combined, header, wish.best, wish.spacing).map((cell): BestCell => {
    const column = (cell % header.columns) + 0.5;
    const row = Math.floor(cell / header.columns) + 0.5;
    const [lon, lat] = frame.toDegrees([column, row]);
    return { lon, lat, score: combined.score[cell] as number };
  });
  return {
    width: pixels.width,
    height: pixels.height,
    pixels: paint(combined, pixels, wish.palette),
    tally: tally(combined, CLASS_COUNT),
    best,
    absent: combined.absent,
  };
}

/** Outlines change far less often than weights: their mask is kept. */
function excluded({ exclusions, area }: Wish, header: SurfaceHeader): Uint8Array | null {
  const key = JSON.stringify([exclusions, area]);
  if (key === masked.key) return masked.mask;
  let mask: Uint8Array | null = null;
  if (exclusions.length > 0 || area) {
    mask = maskOf(header, exclusions);
    if (area) {
      const inside = maskOf(header, [area]);
      for (let i = 0; i < mask.length; i++) mask[i] = Number(mask[i] || !inside[i]);
    }
  }
  masked = { key, mask };
  return mask;
}
