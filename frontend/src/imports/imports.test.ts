import { describe, expect, it } from 'vitest';
import type { Problem } from '../api/types';
import { DEFAULT_OPTIONS, formFields, guess } from './options';
import { groupProblems, locationOf, matches } from './problems';

const problem = (
  code: string,
  severity: Problem['severity'],
  extra: Partial<Problem> = {},
): Problem => ({
  code,
  severity,
  message: { fr: 'Trou hors du contour', en: 'Hole outside' },
  ...extra,
});

describe('formFields', () => {
  it('sends nothing that the server can tell by itself', () => {
    expect(formFields(DEFAULT_OPTIONS, true)).toEqual({ layer: 'sites', dry_run: 'true' });
  });

  it('sends the options of the layer and not those of another', () => {
    const all = {
      ...DEFAULT_OPTIONS,
      edition: '2024',
      services: true,
      closeMissing: true,
      strict: true,
      crs: ' EPSG:2154 ',
    };
    expect(formFields({ ...all, layer: 'zones', kind: 'zsp' }, false)).toEqual({
      layer: 'zones',
      dry_run: 'false',
      kind: 'zsp',
      edition: '2024',
      strict: 'true',
      crs: 'EPSG:2154',
    });
    expect(formFields(all, false)).toMatchObject({ services: 'true', close_missing: 'true' });
    expect(formFields(all, false)).not.toHaveProperty('kind');
  });
});

describe('guess', () => {
  it.each([
    [['QP2024_France.shp', 'QP2024_France.dbf'], { layer: 'zones', kind: 'qpv' }],
    [['qrr-2021.geojson'], { layer: 'zones', kind: 'qrr' }],
    [['etalab-cs1100502-stock.csv.gz'], { layer: 'sites' }],
    [['données.csv'], {}],
  ])('reads %j', (names, expected) => {
    expect(guess(names)).toEqual(expected);
  });
});

describe('problems', () => {
  it('are grouped worst first, then by number', () => {
    const groups = groupProblems([
      problem('a', 'info'),
      problem('b', 'warning'),
      problem('c', 'warning'),
      problem('c', 'warning'),
      problem('d', 'error'),
    ]);
    expect(groups.map((g) => [g.code, g.problems.length])).toEqual([
      ['d', 1],
      ['c', 2],
      ['b', 1],
      ['a', 1],
    ]);
  });

  it('say where they are with what is known', () => {
    expect(locationOf(problem('a', 'error', { file: 'f.csv', line: 3, column: 2 }))).toBe(
      'f.csv:3:2',
    );
    expect(locationOf(problem('a', 'error', { file: 'f.csv', column: 2 }))).toBe('f.csv');
    expect(locationOf(problem('a', 'error'))).toBe('');
  });

  it('are found by record, place or words in the language shown', () => {
    const p = problem('a', 'error', { file: 'f.csv', line: 31, record: 'QN001' });
    expect(matches(p, 'qn001', 'fr')).toBe(true);
    expect(matches(p, ':31', 'fr')).toBe(true);
    expect(matches(p, 'contour', 'fr')).toBe(true);
    expect(matches(p, 'contour', 'en')).toBe(false);
    expect(matches(p, '', 'en')).toBe(true);
  });
});
