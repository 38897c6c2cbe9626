import { describe, expect, it } from 'vitest';
import { site } from '../state/fixtures';
import { fold, search, siteEntry } from './search';

const entries = [
  siteEntry(
    site({ site_id: '1', name: 'Foyer de l’Évêché', address: '3 rue Œuvre' }),
    'Évry',
    'MECS',
  ),
  siteEntry(site({ site_id: '2', name: 'Maison des Pins', finess: '030001234' }), 'Pinsac', 'MECS'),
  siteEntry(site({ site_id: '3', name: 'Les Pins' }), 'Moulins', 'Village'),
];
const ids = (q: string, limit = 8) => search(entries, q, limit).map((h) => h.id);

describe('search', () => {
  it('ignores accents, case, ligatures and apostrophes', () => {
    expect(fold("L'Évêché, ŒUVRE")).toBe('l eveche oeuvre');
    expect(ids('EVECHE')).toEqual(['1']);
    expect(ids('oeuvre evry')).toEqual(['1']);
  });

  it('finds by number, address and place, titles first', () => {
    expect(ids('0300012')).toEqual(['2']);
    expect(ids('les pins')).toEqual(['3']);
    expect(ids('pins')).toEqual(['2', '3']);
  });

  it('finds nothing for nothing, and no more than asked', () => {
    expect(ids('   ')).toEqual([]);
    expect(ids('zzz')).toEqual([]);
    expect(ids('pins', 1)).toHaveLength(1);
  });
});
