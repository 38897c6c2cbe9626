import { beforeEach, describe, expect, it, vi } from 'vitest';
import { bandName, bandValue, maskedSchema } from './bands';

const columns = [
  {
    name: 'nearest_zone_distance_band',
    label: { fr: 'Distance à la zone', en: 'Distance to the zone' },
    codes: [{ code: 'le500', label: { fr: 'de 250 à 500 m', en: '250 to 500 m' } }],
  },
  { name: 'site_id', label: { fr: 'Pseudonyme', en: 'Pseudonym' } },
];

describe('a band', () => {
  beforeEach(() => {
    maskedSchema.data = null;
  });

  it('has the words of the server for its name and its code', async () => {
    const answer = new Response(JSON.stringify({ columns }), {
      headers: { 'Content-Type': 'application/json' },
    });
    vi.stubGlobal('fetch', vi.fn().mockResolvedValue(answer));
    await maskedSchema.load();
    vi.unstubAllGlobals();
    const band = { name: 'nearest_zone_distance_band', code: 'le500' };
    expect(bandName(band)).toBe('Distance à la zone');
    expect(bandValue(band)).toBe('de 250 à 500\u00a0m');
    expect(bandValue({ ...band, code: 'gt5000' }).replace(/\s/g, ' ')).toBe('plus de 5 km');
  });

  it('is told from its code until the server has answered', () => {
    const value = (name: string, code: string) => bandValue({ name, code }).replace(/\s/g, ' ');
    expect(value('nearest_zone_distance_band', 'le250')).toBe('jusqu’à 250 m');
    expect(value('zone_share_1000m_band', 'le50')).toBe('jusqu’à 50 %');
    expect(value('zones_within_1000m_band', 'eq0')).toBe('0');
    expect(value('nearest_zone_distance_band', 'unknown')).toBe('inconnu');
  });
});
