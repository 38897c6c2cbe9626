import { describe, expect, it } from 'vitest';
import { CSV_DIALECTS, csvOf } from '../table/export';
import {
  differences,
  median,
  merge,
  newConstraint,
  newStudy,
  originsText,
  parseOrigins,
  TEMPLATE_COLUMNS,
} from './draft';
import type { Catalogue, StudyBody } from './types';

const label = { fr: 'x', en: 'x' };
const catalogue: Catalogue = {
  criteria: [
    {
      id: 'exposure',
      label,
      unit: '1',
      formula: label,
      better: 'less',
      goalposts: [60, 0],
      weight: 3,
      source: label,
    },
  ],
  constraints: [],
  themes: [],
  zone_kinds: [],
};
const base = newStudy('Sud', catalogue, 7);
const changed = (change: Partial<StudyBody>): StudyBody => ({
  ...structuredClone(base),
  ...change,
});

describe('a new study', () => {
  it('has the weights of the catalogue and nothing else decided', () => {
    expect(base.criteria).toEqual([{ id: 'exposure', weight: 3 }]);
    expect(base.constraints).toEqual([]);
    expect(base.seed).toBe(7);
  });
});

describe('a conflict', () => {
  const mine = changed({ title: 'Sud-Est', runs: 100 });
  const theirs = changed({ note: 'Vu en commission', runs: 200 });

  it('tells who changed what', () => {
    expect(differences(base, mine, theirs)).toEqual([
      { part: 'title', mine: true, theirs: false },
      { part: 'note', mine: false, theirs: true },
      { part: 'runs', mine: true, theirs: true },
    ]);
  });

  it('is merged without losing what only one changed', () => {
    const merged = merge(base, mine, theirs);
    expect(merged).toMatchObject({ title: 'Sud-Est', note: 'Vu en commission', runs: 100 });
    expect(theirs.title).toBe('Sud');
  });
});

describe('origins', () => {
  it('are read from lines, and written back', () => {
    const { origins, wrong } = parseOrigins(' 00001 4\n\n2a004;2,5\n');
    expect(wrong).toBeNull();
    expect(origins).toEqual([
      { commune_code: '00001', people: 4 },
      { commune_code: '2A004', people: 2.5 },
    ]);
    expect(parseOrigins(originsText(origins)).origins).toEqual(origins);
  });

  it('name the first wrong line', () => {
    expect(parseOrigins('00001 4\nLyon 3').wrong).toBe(2);
    expect(parseOrigins('00001 0').wrong).toBe(1);
  });

  it('are none when nothing is entered', () => {
    expect(parseOrigins(' \n')).toEqual({ origins: null, wrong: null });
  });
});

describe('a new constraint', () => {
  const choices = { kind: 'qpv', theme: 'school', area: undefined };

  it('has a limit that the server accepts', () => {
    expect(newConstraint('zone_distance', choices)).toEqual({
      type: 'zone_distance',
      kind: 'qpv',
      min_m: 500,
    });
  });

  it('needs an area to exclude', () => {
    expect(newConstraint('exclusion', choices)).toBeNull();
    expect(newConstraint('exclusion', { ...choices, area: 'a' })).toEqual({
      type: 'exclusion',
      id: 'a',
    });
  });
});

describe('the template of candidates', () => {
  it('is a CSV file of one line in the dialect of the reader', () => {
    expect(csvOf([TEMPLATE_COLUMNS], CSV_DIALECTS.fr)).toBe(
      '\ufeffid;nom;adresse;longitude;latitude;capacite;cout_eur\r\n',
    );
  });
});

describe('the median', () => {
  it('is the value in the middle, and unknown of none', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNull();
  });
});
