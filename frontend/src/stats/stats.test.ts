import { afterEach, describe, expect, it, vi } from 'vitest';
import { getEdition, rowsOf, type StatsEdition } from '../api/stats';

const text = { fr: 'x', en: 'x' };
const EDITION: StatsEdition = {
  id: '2026-Q3',
  quarter: '2026-Q3',
  reference_day: '2026-09-30',
  frozen_at: '2026-10-01T00:00:00Z',
  title: text,
  licence: { id: 'etalab-2.0', title: 'Licence Ouverte 2.0', url: 'https://exemple.fr' },
  citation: text,
  rules: [],
  suppression: [],
  measures: [],
  areas: ['00', '01', '02', '03'].map((code) => ({
    level: 'department',
    code,
    name: `Département ${code}`,
    departments: 1,
    reporting: 1,
  })),
  cells: [
    { level: 'department', area: '00', measure: 'homes', status: 'published', value: 0, share: 0 },
    { level: 'department', area: '01', measure: 'homes', status: 'hidden' },
    { level: 'department', area: '02', measure: 'homes', status: 'no_report' },
    { level: 'region', area: '03', measure: 'homes', status: 'published', value: 40 },
    { level: 'department', area: '03', measure: 'places', status: 'published', value: 95 },
  ],
};

describe('a table of statistics', () => {
  it('never takes what is hidden or missing for zero, nor one level for another', () => {
    expect(rowsOf(EDITION, 'homes', 'department').map((r) => [r.area.code, r.shown])).toEqual([
      ['00', { kind: 'value', value: 0, share: 0 }],
      ['01', { kind: 'hidden' }],
      ['02', { kind: 'missing' }],
      ['03', { kind: 'missing' }],
    ]);
  });
});

describe('an edition', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('may have measures that it gave up, at no level', async () => {
    const measure = { id: 'class_5', label: text, definition: text, unit: text, source: text };
    const answer = { ...EDITION, measures: [{ ...measure, levels: null }] };
    vi.stubGlobal('fetch', () => Promise.resolve(Response.json(answer)));
    const edition = await getEdition('2026-Q3');
    expect(edition.measures.map((m) => m.levels)).toEqual([[]]);
    expect(rowsOf(edition, 'class_5', 'country')).toEqual([]);
  });
});
