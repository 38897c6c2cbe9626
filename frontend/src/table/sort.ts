import type { SiteRow } from '../state/app.svelte';
import type { Group } from '../api/types';
import { CLASSES, LEVELS } from '../state/classes';

export const COLUMNS = [
  'name',
  'kind',
  'locality',
  'exposure',
  'score',
  'interval',
  'class',
  'distance',
  'zone',
  'within',
  'share',
  'capacity',
  'precision',
] as const;
export type ColumnId = (typeof COLUMNS)[number];

/** Columns of numbers, set to the right. */
export const NUMERIC: readonly ColumnId[] = [
  'score',
  'interval',
  'distance',
  'within',
  'share',
  'capacity',
];

export interface SortOrder {
  column: ColumnId;
  descending: boolean;
}

/** Words that only the interface knows: labels of kinds and precisions, names of communes. */
export interface Labels {
  kind(row: SiteRow): string;
  locality(row: SiteRow): string;
  precision(row: SiteRow): string;
}

function keyOf(
  row: SiteRow,
  column: ColumnId,
  group: Group,
  labels: Labels,
): string | number | null {
  const p = row.site.properties;
  const value = (name: string) => (p[`${group}${name}`] ?? null) as string | number | null;
  switch (column) {
    case 'name':
      return p.name;
    case 'kind':
      return labels.kind(row);
    case 'locality':
      return labels.locality(row);
    case 'exposure':
      return LEVELS.indexOf(row.level);
    case 'score':
      return p.exposure_score as number | null;
    case 'interval':
      return p.exposure_high as number | null;
    case 'class':
      return CLASSES.indexOf(row.cls);
    case 'distance':
      return value('nearest_zone_distance_m');
    case 'zone':
      return value('nearest_zone_name');
    case 'within':
      return value('zones_within_1000m');
    case 'share':
      return value('zone_share_500m');
    case 'capacity':
      return p.capacity;
    case 'precision':
      return labels.precision(row);
  }
}

/** Rows in the order asked for; what is unknown comes last in both directions, ties by name. */
export function sortRows(
  rows: readonly SiteRow[],
  order: SortOrder,
  group: Group,
  labels: Labels,
  locale: string,
): SiteRow[] {
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  const keyed = rows.map((row) => ({ row, key: keyOf(row, order.column, group, labels) }));
  const sign = order.descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === null || a.key === '')
      return b.key === null || b.key === '' ? byName(a.row, b.row) : 1;
    if (b.key === null || b.key === '') return -1;
    const c =
      typeof a.key === 'number' && typeof b.key === 'number'
        ? a.key - b.key
        : collator.compare(String(a.key), String(b.key));
    return c === 0 ? byName(a.row, b.row) : sign * c;
  });
  function byName(a: SiteRow, b: SiteRow): number {
    return collator.compare(a.site.properties.name, b.site.properties.name);
  }
  return keyed.map((k) => k.row);
}
