import type { SiteFields, SiteRecord } from '../api/types';

/** The fields of the form, as typed. */
export interface Draft {
  name: string;
  category: string;
  street: string;
  postalCode: string;
  locality: string;
  communeCode: string;
  departmentCode: string;
  capacity: string;
  lon: string;
  lat: string;
  precision: string;
}

export type DraftField = keyof Draft;

export const EMPTY_DRAFT: Draft = {
  name: '',
  category: '',
  street: '',
  postalCode: '',
  locality: '',
  communeCode: '',
  departmentCode: '',
  capacity: '',
  lon: '',
  lat: '',
  precision: 'surveyed',
};

export function draftOf(record: SiteRecord): Draft {
  return {
    name: record.name,
    category: record.category,
    street: record.address.street,
    postalCode: record.address.postal_code,
    locality: record.address.locality,
    communeCode: record.commune_code,
    departmentCode: record.department_code,
    capacity: record.capacity === null ? '' : String(record.capacity),
    lon: record.position === null ? '' : String(record.position.lon),
    lat: record.position === null ? '' : String(record.position.lat),
    precision: record.position?.precision ?? 'surveyed',
  };
}

/** A number as French or English hands type it; NaN when it is none. */
export function parseNumber(text: string): number {
  const clean = text
    .trim()
    .replace(/[\s\u00a0\u202f]/g, '')
    .replace(',', '.')
    .replace('−', '-');
  return /^[+-]?\d+(\.\d+)?$/.test(clean) ? Number(clean) : NaN;
}

export type DraftProblem = 'required' | 'capacity' | 'longitude' | 'latitude' | 'both';

/** What the form can tell is wrong without asking the server. */
export function checkDraft(draft: Draft): Partial<Record<DraftField, DraftProblem>> {
  const problems: Partial<Record<DraftField, DraftProblem>> = {};
  if (draft.name.trim() === '') problems.name = 'required';
  if (draft.capacity.trim() !== '') {
    const n = parseNumber(draft.capacity);
    if (!Number.isInteger(n) || n < 1) problems.capacity = 'capacity';
  }
  const hasLon = draft.lon.trim() !== '';
  const hasLat = draft.lat.trim() !== '';
  if (hasLon !== hasLat) problems[hasLon ? 'lat' : 'lon'] = 'both';
  if (hasLon && !(Math.abs(parseNumber(draft.lon)) <= 180)) problems.lon = 'longitude';
  if (hasLat && !(Math.abs(parseNumber(draft.lat)) <= 90)) problems.lat = 'latitude';
  return problems;
}

/** The fields as the server takes them. */
export function fieldsOf(draft: Draft): SiteFields {
  const position =
    draft.lon.trim() === ''
      ? null
      : { lon: parseNumber(draft.lon), lat: parseNumber(draft.lat), precision: draft.precision };
  return {
    name: draft.name.trim(),
    category: draft.category,
    address: {
      street: draft.street.trim(),
      postal_code: draft.postalCode.trim(),
      locality: draft.locality.trim(),
    },
    commune_code: draft.communeCode.trim(),
    department_code: draft.departmentCode.trim(),
    capacity: draft.capacity.trim() === '' ? null : parseNumber(draft.capacity),
    position,
  };
}

/** Only what differs from the record as read: what another person changed elsewhere stays. */
export function changesOf(draft: Draft, base: SiteRecord): Partial<SiteFields> {
  const now = fieldsOf(draft);
  const before = fieldsOf(draftOf(base));
  const changed: Partial<SiteFields> = {};
  for (const key of Object.keys(now) as (keyof SiteFields)[]) {
    if (JSON.stringify(now[key]) !== JSON.stringify(before[key])) {
      Object.assign(changed, { [key]: now[key] });
    }
  }
  return changed;
}

/** One's entry on top of a newer record: what one typed stays, the rest follows the record. */
export function rebase(draft: Draft, base: SiteRecord, current: SiteRecord): Draft {
  const before = draftOf(base);
  const typed = Object.entries(draft).filter(
    ([field, value]) => value !== before[field as DraftField],
  );
  return { ...draftOf(current), ...Object.fromEntries(typed) };
}

const SERVER_FIELDS: Record<string, DraftField> = {
  name: 'name',
  category: 'category',
  kind: 'category',
  address: 'street',
  'address.street': 'street',
  'address.postal_code': 'postalCode',
  'address.locality': 'locality',
  commune_code: 'communeCode',
  department_code: 'departmentCode',
  capacity: 'capacity',
  position: 'lat',
  'position.point': 'lat',
  'position.lon': 'lon',
  'position.lat': 'lat',
  'position.precision': 'precision',
};

/** The form's field beside which a problem of the server is shown, if there is one. */
export function fieldFor(serverField: string | undefined): DraftField | null {
  if (serverField === undefined) return null;
  const path = serverField.replace(/^\//, '').replaceAll('/', '.');
  return SERVER_FIELDS[path] ?? null;
}
