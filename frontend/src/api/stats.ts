import { request } from './client';
import type { Text } from './types';

export interface EditionLine {
  id: string;
  frozen_at: string;
}

export type AreaLevel = 'department' | 'region' | 'country';
export const AREA_LEVELS: readonly AreaLevel[] = ['department', 'region', 'country'];

export interface StatsMeasure {
  id: string;
  label: Text;
  definition: Text;
  unit: Text;
  source: Text;
  /** The day that the figures describe. */
  date: string;
  quality: Text;
  /** Part of the homes for which the measure is known, from and to (0–1); null when hidden. */
  coverage: { from: number; to: number } | null;
  /** Levels at which the edition has the measure; none when it was given up to keep the others. */
  levels: AreaLevel[];
}

export interface StatsArea {
  level: AreaLevel;
  code: string;
  name: string;
  region?: string;
  departments: number;
  /** Départements with a home in the register: the figures are about these. */
  reporting: number;
}

export interface StatsCell {
  level: AreaLevel;
  area: string;
  measure: string;
  /** "hidden" is known and withheld, "no_report" is not known; neither is zero. */
  status: 'published' | 'hidden' | 'no_report';
  /** Rounded to base 5. */
  value?: number;
  /** Ratio 0–1 of the homes of the area, from rounded figures. */
  share?: number;
}

export interface StatsEdition {
  id: string;
  quarter: string;
  note?: string;
  reference_day: string;
  frozen_at: string;
  /** Edition of the priority neighbourhoods (QPV); empty when none was loaded. */
  qpv_edition?: string;
  title: Text;
  licence: { id: string; title: string; url: string };
  citation: Text;
  rules: Text[];
  suppression: { level: AreaLevel; cells: number; hidden: number; share: number }[];
  measures: StatsMeasure[];
  areas: StatsArea[];
  cells: StatsCell[] | null;
}

export async function listEditions(signal?: AbortSignal): Promise<EditionLine[]> {
  return (
    (await request<{ editions: EditionLine[] | null }>('/api/stats', { signal })).data.editions ??
    []
  );
}

export function editionPath(id: string): string {
  return `/api/stats/${encodeURIComponent(id)}`;
}

export async function getEdition(id: string, signal?: AbortSignal): Promise<StatsEdition> {
  const { data } = await request<PublishedEdition>(editionPath(id), { signal });
  return {
    ...data,
    measures: data.measures.map((measure) => ({ ...measure, levels: measure.levels ?? [] })),
  };
}

/** An edition on the wire: a measure that was given up has no list of levels. */
type PublishedEdition = Omit<StatsEdition, 'measures'> & {
  measures: (Omit<StatsMeasure, 'levels'> & { levels: AreaLevel[] | null })[];
};

/** What an area has for a measure; "absent" when the edition does not go down to its level. */
export type Shown =
  { kind: 'value'; value: number; share: number | null } | { kind: 'hidden' } | { kind: 'missing' };

export interface StatsRow {
  area: StatsArea;
  shown: Shown;
}

/** The areas of a level with what is published of a measure, in the order of the edition. */
export function rowsOf(edition: StatsEdition, measure: string, level: AreaLevel): StatsRow[] {
  const cells = new Map(
    (edition.cells ?? [])
      .filter((c) => c.measure === measure && c.level === level)
      .map((c) => [c.area, c]),
  );
  return edition.areas
    .filter((area) => area.level === level)
    .map((area) => ({ area, shown: shownOf(cells.get(area.code)) }));
}

function shownOf(cell: StatsCell | undefined): Shown {
  if (cell?.status === 'hidden') return { kind: 'hidden' };
  if (cell?.status !== 'published' || cell.value === undefined) return { kind: 'missing' };
  return { kind: 'value', value: cell.value, share: cell.share ?? null };
}
