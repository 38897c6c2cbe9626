import { acceptLanguage, ApiError, failure, parse, remedied, request } from '../api/client';
import type {
  AddressHit,
  AllocationAnswer,
  Catalogue,
  FileReport,
  StudyAnswer,
  StudyBody,
  StudyLine,
  StudyRecord,
  SurfaceHeader,
} from './types';

const ROOT = '/api/siting';
const study = (id: string) => `${ROOT}/studies/${encodeURIComponent(id)}`;

export async function getCatalogue(signal?: AbortSignal): Promise<Catalogue> {
  return (await request<Catalogue>(`${ROOT}/criteria`, { signal })).data;
}

export async function listStudies(signal?: AbortSignal): Promise<StudyLine[]> {
  const { data } = await request<{ studies: StudyLine[] | null }>(`${ROOT}/studies?limit=500`, {
    signal,
  });
  return data.studies ?? [];
}

export async function getStudy(id: string, signal?: AbortSignal): Promise<StudyRecord> {
  return (await request<StudyRecord>(study(id), { signal })).data;
}

export async function createStudy(department: string, body: StudyBody): Promise<StudyRecord> {
  const sent = { department_code: department, body };
  return (await request<StudyRecord>(`${ROOT}/studies`, { method: 'POST', body: sent })).data;
}

export async function cloneStudy(id: string): Promise<StudyRecord> {
  return (await request<StudyRecord>(`${study(id)}/clone`, { method: 'POST' })).data;
}

/** Replaces a study. @throws {ApiError} of kind "conflict" when it changed since `version`. */
export async function putStudy(record: StudyRecord, body: StudyBody): Promise<StudyRecord> {
  const sent = { state: record.state, body };
  const options = { method: 'PUT', body: sent, version: record.version } as const;
  return (await request<StudyRecord>(study(record.id), options)).data;
}

export async function deleteStudy(line: { id: string; version: number }): Promise<void> {
  await request(study(line.id), { method: 'DELETE', version: line.version });
}

/** Has a file of candidates or exclusions read; a dry run only tells what is wrong with it. */
export function sendFile(
  record: { id: string; version: number },
  what: 'candidates' | 'exclusions',
  file: File,
  dryRun: boolean,
): Promise<FileReport> {
  const form = new FormData();
  form.append('file', file, file.name);
  return ask(`${study(record.id)}/${what}?dry_run=${dryRun}`, {
    method: 'POST',
    body: form,
    headers: { 'If-Match': `"${record.version}"` },
  }).then(async (r) => (await r.json()) as FileReport);
}

export async function getAnswer(id: string, signal?: AbortSignal): Promise<StudyAnswer> {
  return (await request<StudyAnswer>(`${study(id)}/answer`, { signal })).data;
}

export async function getAllocation(id: string, signal?: AbortSignal): Promise<AllocationAnswer> {
  return (await request<AllocationAnswer>(`${study(id)}/allocation`, { signal })).data;
}

/** The answer as a file: the server journals it and says whose it is. */
export async function getAnswerFile(id: string, format: string): Promise<Blob> {
  return (await ask(`${study(id)}/answer?f=${encodeURIComponent(format)}`)).blob();
}

/** Surveying a département takes a while the first time. */
const SURFACE_TIMEOUT_MS = 120_000;

/** The layers of a département, with the distance to the origins of a study as it is saved. */
export async function getSurface(
  of: { id: string; department_code: string; body: { cell_size_m: number } },
  signal: AbortSignal,
): Promise<{ header: SurfaceHeader; values: ArrayBuffer }> {
  const query = new URLSearchParams({
    department: of.department_code,
    cell: String(of.body.cell_size_m),
    study: of.id,
  });
  const late = AbortSignal.any([signal, AbortSignal.timeout(SURFACE_TIMEOUT_MS)]);
  const header = (await (
    await ask(`${ROOT}/surface?${query.toString()}`, { signal: late })
  ).json()) as SurfaceHeader;
  const values = await ask(`${ROOT}/surface/${encodeURIComponent(header.token)}/values`, {
    signal: late,
    headers: { Accept: 'application/octet-stream' },
  });
  return { header, values: await values.arrayBuffer() };
}

/** Addresses that match; null where no address file is imported. */
export async function searchAddresses(
  q: string,
  department: string,
  signal: AbortSignal,
): Promise<AddressHit[] | null> {
  const query = new URLSearchParams({ q, department, limit: '8' });
  try {
    const path = `${ROOT}/addresses?${query.toString()}`;
    const { data } = await request<{ addresses: AddressHit[] | null }>(path, { signal });
    return data.addresses ?? [];
  } catch (error) {
    if (error instanceof ApiError && error.kind === 'not_found') return null;
    throw error;
  }
}

/** Like `request`, for bodies that are not JSON and for what takes long. */
function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return remedied(async () => {
    const headers = new Headers(init.headers);
    headers.set('Accept-Language', acceptLanguage());
    let response: Response;
    try {
      response = await fetch(path, { ...init, headers, credentials: 'same-origin' });
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
      const late = cause instanceof DOMException && cause.name === 'TimeoutError';
      throw new ApiError(late ? 'timeout' : 'offline', 0, '');
    }
    if (!response.ok) throw failure(response.status, parse(await response.text()));
    return response;
  });
}
