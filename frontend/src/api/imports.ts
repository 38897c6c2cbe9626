import { request } from './client';
import type { Format, ImportRecord } from './types';

export async function listImports(signal?: AbortSignal): Promise<ImportRecord[]> {
  return (await request<{ imports: ImportRecord[] }>('/api/imports', { signal })).data.imports;
}

/** One import in full, with its problems and changes. */
export async function getImport(id: string): Promise<ImportRecord> {
  return (await request<ImportRecord>(`/api/imports/${encodeURIComponent(id)}`)).data;
}

export async function undoImport(id: string): Promise<ImportRecord> {
  const path = `/api/imports/${encodeURIComponent(id)}/undo`;
  return (await request<ImportRecord>(path, { method: 'POST' })).data;
}

export async function listFormats(signal?: AbortSignal): Promise<Format[]> {
  const { data } = await request<Format[] | { formats: Format[] }>('/api/formats', { signal });
  return Array.isArray(data) ? data : data.formats;
}
