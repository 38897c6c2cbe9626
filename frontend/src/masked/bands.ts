import { request } from '../api/client';
import type { Band } from '../api/masked';
import type { Text } from '../api/types';
import { distance, integer, percent } from '../i18n/format';
import { m, text } from '../i18n/index.svelte';
import { Resource } from '../state/resource.svelte';

interface Column {
  name: string;
  label: Text;
  /** The values of a column that has a closed list of them. */
  codes?: { code: string; label: Text }[];
}

/** Columns of homes as this viewer sees them, by name, with the words of their codes. */
export const maskedSchema = new Resource<Map<string, Column>>(async (signal) => {
  const path = '/api/collections/sites/schema';
  const { data } = await request<{ columns: Column[] }>(path, { signal });
  return new Map(data.columns.map((column) => [column.name, column]));
});

/** Name of a banded measure, in words. */
export function bandName(band: Band): string {
  const label = maskedSchema.data?.get(band.name)?.label;
  return label ? text(label) : band.name.replace(/_band$/, '').replaceAll('_', ' ');
}

/**
 * A band in words: the server's, or those of its code ("eq0", "le500", "gt5000", "unknown"),
 * metres for distances, percent for shares.
 */
export function bandValue(band: Band): string {
  const known = maskedSchema.data?.get(band.name)?.codes?.find((c) => c.code === band.code);
  if (known) return text(known.label);
  const parts = /^(eq|le|gt)(\d+)$/.exec(band.code);
  if (!parts) return band.code === 'unknown' ? m().masked.unknown : band.code;
  const n = Number(parts[2]);
  const value = band.name.includes('distance')
    ? distance(n)
    : band.name.includes('share')
      ? percent(n / 100)
      : integer(n);
  if (parts[1] === 'eq') return value;
  return parts[1] === 'le' ? m().masked.upTo(value) : m().masked.above(value);
}
