import type { Feature, Geometry } from 'geojson';
import { describe, expect, it } from 'vitest';
import { site } from '../state/fixtures';
import { cellsOf, maskedHome, partSites } from './masked';

const SQUARE: Geometry = {
  type: 'Polygon',
  coordinates: [
    [
      [2.6, 46.4],
      [2.61, 46.4],
      [2.61, 46.41],
      [2.6, 46.41],
      [2.6, 46.4],
    ],
  ],
};

function masked(id: string, properties: object, geometry: Geometry | null = SQUARE): Feature {
  const base = {
    site_id: id,
    kind: 'mecs',
    category: '177',
    department_code: '00',
    cell: 'CRS3035RES1000mN2600000E3800000',
    cell_size_m: 1000,
    exposure_class: '3',
    nearest_zone_distance_band: 'le500',
    release: '2026-10-01',
  };
  return {
    type: 'Feature',
    id,
    geometry: geometry as Geometry,
    properties: { ...base, ...properties },
  };
}

describe('masked homes', () => {
  it('are told from exact ones by what they lack', () => {
    const { exact, masked: hidden } = partSites([site({}), masked('ab12', {})]);
    expect(exact.map((s) => s.properties.site_id)).toEqual(['F1']);
    expect(hidden.map((h) => h.id)).toEqual(['ab12']);
  });

  it('have a class, a square and bands, and nothing else', () => {
    const home = maskedHome(masked('ab12', { surprise: 'secret', capacity_band: null }));
    expect(home).toMatchObject({ level: '3', size: 1000, department: '00', kind: 'mecs' });
    expect(home.bands).toEqual([{ name: 'nearest_zone_distance_band', code: 'le500' }]);
    expect(JSON.stringify(home)).not.toContain('secret');
  });

  it('never get a class or a place that was not given', () => {
    const home = maskedHome(masked('ab12', { exposure_class: null, cell: null }, null));
    expect(home).toMatchObject({ level: 'withheld', cell: null, shape: null });
    expect(maskedHome(masked('cd', { exposure_class: 'indeterminate' })).level).toBe(
      'indeterminate',
    );
  });

  it('are gathered by square, or by département where they have none', () => {
    const homes = [
      masked('a', { exposure_class: '2' }),
      masked('b', { exposure_class: '5' }),
      masked('c', { exposure_class: '2' }),
      masked('d', { cell: null }, null),
      masked('e', { cell: null, department_code: '03' }, null),
    ].map(maskedHome);
    const cells = cellsOf(homes);
    expect(cells.map((c) => [c.key, c.homes.length, c.level])).toEqual([
      ['CRS3035RES1000mN2600000E3800000', 3, '2'],
      ['department.00', 1, '3'],
      ['department.03', 1, '3'],
    ]);
  });

  it('of two classes as frequent, show the higher', () => {
    const homes = ['1', '4'].map((c) => maskedHome(masked(c, { exposure_class: c })));
    expect(cellsOf(homes)[0]?.level).toBe('4');
  });
});
