import type { Site, SiteProperties } from '../api/types';

/** A fictitious home for tests. */
export function site(properties: Partial<SiteProperties>, located = true): Site {
  const base: SiteProperties = {
    site_id: 'F1',
    finess: null,
    name: 'Foyer fictif',
    kind: 'mecs',
    category: '177',
    status: 'open',
    address: null,
    postal_code: null,
    locality: null,
    department_code: '03',
    commune_code: null,
    capacity: null,
    legal_entity_finess: null,
    position_precision: 'house_number',
    position_source: null,
    proximity_status: 'computed',
    version: 1,
  };
  return {
    type: 'Feature',
    id: 'F1',
    geometry: located ? { type: 'Point', coordinates: [3, 46] } : null,
    properties: { ...base, ...properties } as SiteProperties,
  };
}
