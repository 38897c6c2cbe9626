import { ApiError, request } from './client';
import type { SiteFields, SiteRecord } from './types';

const path = (id: string) => `/api/sites/${encodeURIComponent(id)}`;

export async function getRecord(id: string, signal?: AbortSignal): Promise<SiteRecord> {
  return (await request<SiteRecord>(path(id), { signal })).data;
}

export async function addRecord(fields: Partial<SiteFields>): Promise<SiteRecord> {
  return (await request<SiteRecord>('/api/sites', { method: 'POST', body: fields })).data;
}

/** Changes the given fields if the record still has this version. */
export async function correctRecord(
  id: string,
  version: number,
  fields: Partial<SiteFields>,
): Promise<SiteRecord> {
  return (await request<SiteRecord>(path(id), { method: 'PATCH', body: fields, version })).data;
}

/** Closes a home on a day (YYYY-MM-DD). */
export async function closeRecord(id: string, version: number, on: string): Promise<SiteRecord> {
  const options = { method: 'POST', body: { on }, version } as const;
  return (await request<SiteRecord>(`${path(id)}/close`, options)).data;
}

export async function reopenRecord(id: string, version: number): Promise<SiteRecord> {
  return (await request<SiteRecord>(`${path(id)}/reopen`, { method: 'POST', version })).data;
}

/** Merges another record of the same home into this one, which stays. */
export async function mergeRecords(kept: SiteRecord, absorbed: SiteRecord): Promise<SiteRecord> {
  const body = { absorb: absorbed.id, absorb_version: absorbed.version };
  const options = { method: 'POST', body, version: kept.version } as const;
  return (await request<SiteRecord>(`${path(kept.id)}/merge`, options)).data;
}

/** The record as it stands now, which a conflict (412) carries; null when it carries none. */
export function currentOf(error: unknown): SiteRecord | null {
  if (!(error instanceof ApiError) || error.kind !== 'conflict') return null;
  const body = error.body as { current?: SiteRecord } | null;
  return body?.current ?? null;
}
