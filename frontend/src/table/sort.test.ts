import { describe, expect, it } from 'vitest';
import type { SiteProperties } from '../api/types';
import type { SiteRow } from '../state/app.svelte';
import { classOf, levelOf } from '../state/classes';
import { site } from '../state/fixtures';
import { sortRows, type ColumnId } from './sort';

const row = (name: string, p: Partial<SiteProperties> = {}): SiteRow => {
  const s = site({ name, ...p });
  return { site: s, id: name, cls: classOf(s, ''), level: levelOf(s), imprecise: false };
};
const labels = { kind: () => '', locality: () => '', precision: () => '' };
const sorted = (rows: SiteRow[], column: ColumnId, descending = false) =>
  sortRows(rows, { column, descending }, '', labels, 'fr').map((r) => r.id);

describe('sortRows', () => {
  it('sorts names as French readers do', () => {
    const rows = ['Zola', 'Érable 10', 'Erable 9', 'étoile', 'Abri'].map((n) => row(n));
    expect(sorted(rows, 'name')).toEqual(['Abri', 'Erable 9', 'Érable 10', 'étoile', 'Zola']);
  });

  it('puts unknown values last in both directions', () => {
    const rows = [
      row('b', { nearest_zone_distance_m: 900 }),
      row('a'),
      row('c', { nearest_zone_distance_m: 30 }),
    ];
    expect(sorted(rows, 'distance')).toEqual(['c', 'b', 'a']);
    expect(sorted(rows, 'distance', true)).toEqual(['b', 'c', 'a']);
  });

  it('breaks ties by name and leaves its input alone', () => {
    const rows = [row('b', { capacity: 8 }), row('a', { capacity: 8 })];
    expect(sorted(rows, 'capacity', true)).toEqual(['a', 'b']);
    expect(rows.map((r) => r.id)).toEqual(['b', 'a']);
  });
});
