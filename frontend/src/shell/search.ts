import type { Area, Site, Zone } from '../api/types';

/** Lower case without accents or punctuation, so that "eveche" finds "L’Évêché". */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[œŒ]/g, 'oe')
    .replace(/[æÆ]/g, 'ae')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

export interface Hit {
  kind: 'site' | 'zone' | 'commune';
  id: string;
  title: string;
  detail: string;
}

/** Something that can be found, folded once. */
export interface Entry {
  hit: Hit;
  title: string;
  rest: string;
}

export function siteEntry(site: Site, locality: string, kind: string): Entry {
  const p = site.properties;
  const place = [p.postal_code, locality].filter(Boolean).join(' ');
  return {
    hit: {
      kind: 'site',
      id: p.site_id,
      title: p.name,
      detail: [kind, place].filter(Boolean).join(', '),
    },
    title: fold(p.name),
    rest: fold([p.site_id, p.finess, p.address, place, p.commune_code].filter(Boolean).join(' ')),
  };
}

export function zoneEntry(zone: Zone): Entry {
  const p = zone.properties;
  const title = p.name ?? p.zone_id;
  return {
    hit: { kind: 'zone', id: String(zone.id), title, detail: p.kind.toUpperCase() },
    title: fold(title),
    rest: fold(p.zone_id),
  };
}

export function communeEntry(area: Area): Entry {
  const p = area.properties;
  return {
    hit: { kind: 'commune', id: String(area.id), title: p.name, detail: p.code },
    title: fold(p.name),
    rest: fold(p.code),
  };
}

/**
 * The entries that hold every word of the query, best first: those whose title
 * starts with it, then those whose title holds it, then the others.
 */
export function search(entries: readonly Entry[], query: string, limit: number): Hit[] {
  const folded = fold(query);
  if (folded === '') return [];
  const words = folded.split(' ');
  const found: { hit: Hit; rank: number }[] = [];
  for (const { hit, title, rest } of entries) {
    const whole = `${title} ${rest}`;
    if (!words.every((word) => whole.includes(word))) continue;
    const rank = title.startsWith(folded) ? 0 : words.every((w) => title.includes(w)) ? 1 : 2;
    found.push({ hit, rank });
  }
  return found
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map((f) => f.hit);
}
