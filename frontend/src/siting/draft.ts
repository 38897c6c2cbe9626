import type { Constraint, Catalogue, Need, StudyBody } from './types';

/** The parts of a study that people change apart from each other. */
export type Part = Exclude<keyof StudyBody, 'format'>;

export const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** A study with nothing decided but the catalogue's own weights. */
export function newStudy(title: string, catalogue: Catalogue, seed: number): StudyBody {
  return {
    format: 'vigie-study/1',
    title,
    note: '',
    need: {
      kind: '',
      capacity: 12,
      age_min: 13,
      age_max: 17,
      homes: 1,
      origins: null,
      series: null,
    },
    area: null,
    cell_size_m: 100,
    constraints: [],
    criteria: catalogue.criteria.map(({ id, weight }) => ({ id, weight })),
    candidates: [],
    exclusions: [],
    allocation: null,
    runs: 500,
    seed,
  };
}

const keysOf = (...bodies: StudyBody[]) =>
  [...new Set(bodies.flatMap((b) => Object.keys(b)))].filter((k) => k !== 'format') as Part[];

/** The parts that differ between what was read, what was entered and what is saved now. */
export interface Difference {
  part: Part;
  mine: boolean;
  theirs: boolean;
}

export function differences(base: StudyBody, mine: StudyBody, theirs: StudyBody): Difference[] {
  return keysOf(base, mine, theirs)
    .map((part) => ({
      part,
      mine: !same(base[part], mine[part]),
      theirs: !same(base[part], theirs[part]),
    }))
    .filter((d) => d.mine || d.theirs);
}

/** Lays what one changed over what others saved meanwhile, part by part. */
export function merge(base: StudyBody, mine: StudyBody, theirs: StudyBody): StudyBody {
  const out: Record<string, unknown> = { ...theirs };
  for (const d of differences(base, mine, theirs)) if (d.mine) out[d.part] = mine[d.part];
  return out as unknown as StudyBody;
}

/** Origins as lines of "code people", and back; the number of the first wrong line, from 1. */
export function originsText(origins: Need['origins']): string {
  return (origins ?? []).map((o) => `${o.commune_code} ${o.people}`).join('\n');
}

export function parseOrigins(text: string): { origins: Need['origins']; wrong: number | null } {
  const origins: NonNullable<Need['origins']> = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const found = /^\s*([0-9AB]{5})[\s;,]+(\d+(?:[.,]\d+)?)\s*$/i.exec(line);
    const people = Number(found?.[2]?.replace(',', '.'));
    if (!found?.[1] || !(people > 0)) return { origins: null, wrong: i + 1 };
    origins.push({ commune_code: found[1].toUpperCase(), people });
  }
  return { origins: origins.length > 0 ? origins : null, wrong: null };
}

/** A constraint of a type, with a limit to start from; null when there is nothing to choose. */
export function newConstraint(
  type: Constraint['type'],
  choices: { kind: string; theme: string; area: string | undefined },
): Constraint | null {
  switch (type) {
    case 'zone_distance':
      return { type, kind: choices.kind, min_m: 500 };
    case 'place_distance':
      return { type, theme: choices.theme, max_m: 5000 };
    case 'home_distance':
      return { type, min_m: 1000 };
    case 'exposure':
      return { type, max: 60 };
    case 'exclusion':
      return choices.area === undefined ? null : { type, id: choices.area };
  }
}

/** The first lines of a file of candidates, as the importer reads it. */
export const TEMPLATE_COLUMNS = [
  'id',
  'nom',
  'adresse',
  'longitude',
  'latitude',
  'capacite',
  'cout_eur',
];

/** The value in the middle; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  if (sorted.length === 0) return null;
  const high = sorted[Math.floor(half)] as number;
  return sorted.length % 2 === 1 ? high : (high + (sorted[half - 1] as number)) / 2;
}

/** Six decimals of a degree are a tenth of a metre: more would be noise. */
export const roundDegrees = (degrees: number) => Math.round(degrees * 1e6) / 1e6;
