import { describe, expect, it } from 'vitest';
import type { SiteRecord } from '../api/types';
import {
  changesOf,
  checkDraft,
  draftOf,
  EMPTY_DRAFT,
  fieldFor,
  fieldsOf,
  parseNumber,
  rebase,
} from './draft';

const record: SiteRecord = {
  id: 'F1',
  version: 3,
  name: 'Foyer fictif',
  category: '177',
  kind: 'mecs',
  status: 'open',
  finess: '',
  address: { street: '1 rue Fictive', postal_code: '03000', locality: 'Moulins' },
  commune_code: '03190',
  department_code: '03',
  capacity: 12,
  position: { lon: 3.3, lat: 46.5, precision: 'street' },
  merged_into: '',
};

describe('draft', () => {
  it('changes nothing when nothing was typed', () => {
    expect(changesOf(draftOf(record), record)).toEqual({});
  });

  it('sends only what changed, whole objects for address and position', () => {
    const draft = { ...draftOf(record), capacity: '', locality: 'Yzeure ' };
    expect(changesOf(draft, record)).toEqual({
      capacity: null,
      address: { street: '1 rue Fictive', postal_code: '03000', locality: 'Yzeure' },
    });
  });

  it('keeps what one typed and what another changed meanwhile', () => {
    const current = { ...record, version: 4, name: 'Nouveau nom', capacity: 30 };
    const mine = rebase({ ...draftOf(record), capacity: '14', locality: '' }, record, current);
    expect(changesOf(mine, current)).toEqual({
      capacity: 14,
      address: { street: '1 rue Fictive', postal_code: '03000', locality: '' },
    });
    expect(mine.name).toBe('Nouveau nom');
  });

  it('takes a position away with null', () => {
    expect(changesOf({ ...draftOf(record), lon: '', lat: '' }, record)).toEqual({ position: null });
  });

  it('reads numbers as French hands type them', () => {
    expect(parseNumber(' 46,123 ')).toBe(46.123);
    expect(parseNumber('−3.5')).toBe(-3.5);
    expect(parseNumber('1 234')).toBe(1234);
    expect(parseNumber('')).toBeNaN();
    expect(parseNumber('48°51')).toBeNaN();
    expect(parseNumber('1e5')).toBeNaN();
  });

  it('says what is wrong before asking the server', () => {
    expect(checkDraft(EMPTY_DRAFT)).toEqual({ name: 'required' });
    const bad = { ...draftOf(record), capacity: '2,5', lon: '200', lat: 'x' };
    expect(checkDraft(bad)).toEqual({ capacity: 'capacity', lon: 'longitude', lat: 'latitude' });
    expect(checkDraft({ ...draftOf(record), lat: '' })).toEqual({ lat: 'both' });
    expect(checkDraft(draftOf(record))).toEqual({});
  });

  it('keeps an unknown capacity unknown, never 0', () => {
    expect(fieldsOf(EMPTY_DRAFT).capacity).toBeNull();
  });

  it('finds the field a problem of the server is about', () => {
    expect(fieldFor('address.postal_code')).toBe('postalCode');
    expect(fieldFor('/position/lon')).toBe('lon');
    expect(fieldFor('position.point')).toBe('lat');
    expect(fieldFor('id')).toBeNull();
    expect(fieldFor(undefined)).toBeNull();
  });
});
