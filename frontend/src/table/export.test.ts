import { describe, expect, it } from 'vitest';
import { site } from '../state/fixtures';
import { CSV_DIALECTS, toCSV, toGeoJSON } from './export';

describe('toCSV', () => {
  const home = site({ name: 'Foyer "Les Pins"; annexe', capacity: 12, zone_share_500m: 0.25 });

  it('writes French spreadsheets with semicolons, decimal commas and a byte-order mark', () => {
    const [head, line] = toCSV([home], CSV_DIALECTS.fr).split('\r\n');
    expect(head?.startsWith('\ufefflongitude;latitude;site_id;')).toBe(true);
    expect(line).toContain('"Foyer ""Les Pins""; annexe"');
    expect(line).toContain('0,25');
    expect(line?.startsWith('3;46;F1;')).toBe(true);
  });

  it('leaves the position empty for a home that is not located', () => {
    const lines = toCSV([site({}, false)], CSV_DIALECTS.en).split('\r\n');
    expect(lines[1]?.startsWith(',,F1,')).toBe(true);
  });

  it('defuses what a spreadsheet would run', () => {
    expect(toCSV([site({ name: '=HYPERLINK("http://x")' })], CSV_DIALECTS.en)).toContain(
      `"'=HYPERLINK`,
    );
    expect(toCSV([site({ name: '@SUM(A1)' })], CSV_DIALECTS.en)).toContain("'@SUM");
    expect(toCSV([site({ delta: -3.5 })], CSV_DIALECTS.en)).toContain(',-3.5');
  });

  it('gives as many cells a line as there are columns, whatever each home holds', () => {
    const lines = toCSV([site({ extra: 1 }), site({})], CSV_DIALECTS.en)
      .trimEnd()
      .split('\r\n');
    const cells = lines.map((l) => l.split(',').length);
    expect(new Set(cells).size).toBe(1);
  });
});

describe('toGeoJSON', () => {
  it('is the features as they came, those without position too', () => {
    const sites = [site({}), site({ site_id: 'F2' }, false)];
    expect(JSON.parse(toGeoJSON(sites))).toEqual({ type: 'FeatureCollection', features: sites });
  });
});
