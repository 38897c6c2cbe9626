import type { Constraint, Criterion, CriterionChoice } from './types';

/** The level of a cell that is outside the département, or whose value is unknown. */
export const NO_VALUE = 0xffff;

/** One value of every cell: offset + scale × level. */
export interface Layer {
  id: string;
  offset: number;
  scale: number;
  levels: Uint16Array;
}

/** What a combination says of a cell, the first that holds. */
export const STATUS = { empty: 0, excluded: 1, unverified: 2, incomplete: 3, scored: 4 } as const;

export interface Combined {
  status: Uint8Array;
  /** 0–100 over the known criteria; NaN for empty cells. */
  score: Float64Array;
  /** Criteria and constraints that no layer tells of. */
  absent: string[];
}

/** Themes whose distance is a criterion: its layer then serves the constraint too. */
function placeLayer(theme: string, catalogue: readonly { id: string }[]): string {
  return catalogue.some((c) => c.id === theme) ? theme : `place_distance:${theme}`;
}

/** What a constraint compares of a cell: a layer, its limit, and whether it is the least allowed. */
interface Limit {
  layer: string;
  limit: number;
  least: boolean;
}

function limitOf(c: Constraint, catalogue: readonly { id: string }[]): Limit | null {
  switch (c.type) {
    case 'zone_distance':
      return { layer: `zone_distance:${c.kind}`, limit: c.min_m, least: true };
    case 'place_distance':
      return { layer: placeLayer(c.theme, catalogue), limit: c.max_m, least: false };
    case 'home_distance':
      return { layer: 'homes', limit: c.min_m, least: true };
    case 'exposure':
      return { layer: 'exposure', limit: c.max, least: false };
    case 'exclusion':
      return null;
  }
}

/** The goalposts of a criterion: its own, or the catalogue's. */
export function goalposts(
  choice: CriterionChoice,
  catalogue: readonly Pick<Criterion, 'id' | 'goalposts'>[],
): [number, number] | null {
  return choice.goalposts ?? catalogue.find((c) => c.id === choice.id)?.goalposts ?? null;
}

/**
 * Scores every cell, as the server's arithmetic does, operation by operation: the weighted
 * mean of the utilities of its known criteria, times 100.
 * @param excluded cells within an excluded area, other than 0
 */
export function combine(
  layers: readonly Layer[],
  catalogue: readonly Pick<Criterion, 'id' | 'goalposts'>[],
  choices: readonly CriterionChoice[],
  constraints: readonly Constraint[],
  excluded: Uint8Array | null,
): Combined {
  const cells = layers[0]?.levels.length ?? 0;
  const status = new Uint8Array(cells);
  const score = new Float64Array(cells).fill(NaN);
  const absent: string[] = [];
  const find = (id: string) => layers.find((l) => l.id === id);

  const terms: { levels: Uint16Array; weight: number; utility: Float64Array }[] = [];
  for (const choice of choices) {
    const posts = goalposts(choice, catalogue);
    if (!(choice.weight > 0)) continue;
    const layer = find(choice.id);
    if (!layer || !posts) absent.push(choice.id);
    else
      terms.push({ levels: layer.levels, weight: choice.weight, utility: utilities(layer, posts) });
  }
  const limits: { levels: Uint16Array; allowed: Uint8Array }[] = [];
  let nowhere = false;
  for (const constraint of constraints) {
    const limit = limitOf(constraint, catalogue);
    if (limit === null) continue;
    const layer = find(limit.layer);
    if (layer) limits.push({ levels: layer.levels, allowed: allowed(layer, limit) });
    else {
      nowhere = true;
      absent.push(limit.layer);
    }
  }

  for (let cell = 0; cell < cells; cell++) {
    let sum = 0;
    let total = 0;
    let known = 0;
    for (const term of terms) {
      const level = term.levels[cell] as number;
      if (level === NO_VALUE) continue;
      sum += term.weight * (term.utility[level] as number);
      total += term.weight;
      known++;
    }
    if (known === 0) continue;
    score[cell] = (100 * sum) / total;
    let found: number = known < terms.length ? STATUS.incomplete : STATUS.scored;
    if (nowhere) found = STATUS.unverified;
    if (excluded?.[cell]) found = STATUS.excluded;
    else {
      for (const limit of limits) {
        const level = limit.levels[cell] as number;
        if (level === NO_VALUE) found = STATUS.unverified;
        else if (!limit.allowed[level]) {
          found = STATUS.excluded;
          break;
        }
      }
    }
    status[cell] = found;
  }
  return { status, score, absent };
}

/** What every level of a layer is worth, 0–1: a table, since there are fewer levels than cells. */
function utilities(layer: Layer, [worst, best]: [number, number]): Float64Array {
  const out = new Float64Array(NO_VALUE);
  for (let level = 0; level < NO_VALUE; level++) {
    const value = layer.offset + layer.scale * level;
    out[level] = Math.min(Math.max((value - worst) / (best - worst), 0), 1);
  }
  return out;
}

function allowed(layer: Layer, { limit, least }: Limit): Uint8Array {
  const out = new Uint8Array(NO_VALUE);
  for (let level = 0; level < NO_VALUE; level++) {
    const value = layer.offset + layer.scale * level;
    out[level] = Number(least ? value >= limit : value <= limit);
  }
  return out;
}

/**
 * At most `count` scored cells, the best first, of equals the northernmost, then the
 * westernmost, whose centres are at least `spacing` metres apart.
 */
export function bestCells(
  { status, score }: Combined,
  grid: { columns: number; cell_size_m: number },
  count: number,
  spacing: number,
): number[] {
  const order: number[] = [];
  for (let cell = 0; cell < status.length; cell++)
    if (status[cell] === STATUS.scored) order.push(cell);
  order.sort((a, b) => (score[b] as number) - (score[a] as number) || a - b);
  const out: number[] = [];
  for (const cell of order) {
    if (out.length >= count) break;
    const apart = (other: number) =>
      Math.hypot(
        (cell % grid.columns) - (other % grid.columns),
        Math.floor(cell / grid.columns) - Math.floor(other / grid.columns),
      ) * grid.cell_size_m;
    if (out.every((other) => apart(other) >= spacing)) out.push(cell);
  }
  return out;
}

/** The class of a score, 0 (under 20) to 4 (80 and more). */
export const CLASS_COUNT = 5;
export function classOfScore(score: number): number {
  return Math.min(Math.floor(score / (100 / CLASS_COUNT)), CLASS_COUNT - 1);
}

/** The layers of a surface, out of the octets that the server streams. */
export function decodeLayers(
  header: {
    columns: number;
    rows: number;
    layers: { id: string; offset: number; scale: number }[];
  },
  buffer: ArrayBuffer,
): Layer[] {
  const cells = header.columns * header.rows;
  if (buffer.byteLength !== header.layers.length * cells * 2)
    throw new RangeError('surface: unexpected length');
  const view = new DataView(buffer);
  return header.layers.map(({ id, offset, scale }, i) => {
    const levels = new Uint16Array(cells);
    for (let c = 0; c < cells; c++) levels[c] = view.getUint16((i * cells + c) * 2, true);
    return { id, offset, scale, levels };
  });
}
