import type { Problem } from './types';

/** Why a request failed, as the interface tells causes apart. */
export type FailureKind =
  | 'offline'
  | 'timeout'
  | 'conflict'
  | 'invalid'
  | 'not_found'
  | 'unauthenticated'
  | 'forbidden'
  | 'throttled'
  | 'server';

/** A failed request, with what the server said of it (RFC 9457). */
export class ApiError extends Error {
  constructor(
    readonly kind: FailureKind,
    /** HTTP status, 0 when no answer came. */
    readonly status: number,
    message: string,
    readonly problems: Problem[] = [],
    /** The whole answer: a conflict carries the current record. */
    readonly body: unknown = null,
    /** Code of the problem's type, such as "purpose-required"; empty when there is none. */
    readonly code: string = '',
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The language the server answers in; set by the interface when the user switches. */
let language = 'fr';
export function setApiLanguage(lang: string): void {
  language = lang;
}
export function acceptLanguage(): string {
  return language;
}

/** No answer for this long is an error: an inspector in a car park must not wait for ever. */
const TIMEOUT_MS = 30_000;

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  /** Version of the record being changed, sent as If-Match. */
  version?: number;
  signal?: AbortSignal | undefined;
}

export interface Answer<T> {
  data: T;
  status: number;
  headers: Headers;
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/**
 * What can be done about a refusal before its caller hears of it: log in again, choose
 * a purpose. Resolves to true when the request is worth sending again.
 */
export type Remedy = (error: ApiError) => Promise<boolean>;

let remedy: Remedy = async () => false;
export function setRemedy(next: Remedy): void {
  remedy = next;
}

/** Sends again what was refused, as long as the remedy helps. */
export async function remedied<T>(send: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ApiError) || !(await remedy(error))) throw error;
    }
  }
}

let answeredAt = Date.now();
/** When the server last answered, in milliseconds since 1970: its idle delay runs from there. */
export function lastAnswer(): number {
  return answeredAt;
}

/**
 * Sends a request to Vigie and reads its JSON answer. A refusal that logging in or choosing
 * a purpose can lift waits for the user, then is sent again.
 * @throws {ApiError} on a refusal, a lost connection or a time-out;
 * a DOMException named AbortError when `signal` aborts.
 */
export function request<T>(path: string, options: RequestOptions = {}): Promise<Answer<T>> {
  return remedied(() => requestOnce<T>(path, options));
}

/** Sends a request like `request`, but a refusal is final: for what the remedy itself asks. */
export async function requestOnce<T>(
  path: string,
  options: RequestOptions = {},
): Promise<Answer<T>> {
  const { method = 'GET', body, version, signal } = options;
  const headers = new Headers({
    Accept: 'application/geo+json, application/json, application/problem+json',
    'Accept-Language': language,
  });
  if (body !== undefined) {
    headers.set(
      'Content-Type',
      method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    );
  }
  if (version !== undefined) headers.set('If-Match', `"${version}"`);
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const init: RequestInit = {
    method,
    headers,
    credentials: 'same-origin',
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  };
  if (body !== undefined) init.body = JSON.stringify(body);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, init);
    text = await response.text();
  } catch (cause) {
    if (signal?.aborted) throw new DOMException('aborted', 'AbortError');
    if (timeout.aborted) throw new ApiError('timeout', 0, '');
    throw new ApiError('offline', 0, cause instanceof Error ? cause.message : '');
  }
  answeredAt = Date.now();
  const data = parse(text);
  if (!response.ok) throw failure(response.status, data);
  return { data: data as T, status: response.status, headers: response.headers };
}

export function parse(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Builds the error of a refusal from its status and its problem document. */
export function failure(status: number, body: unknown): ApiError {
  const doc = (body ?? {}) as Partial<Record<'title' | 'detail' | 'problems' | 'code', unknown>>;
  const message =
    typeof doc.detail === 'string' && doc.detail !== ''
      ? doc.detail
      : typeof doc.title === 'string'
        ? doc.title
        : '';
  const problems = Array.isArray(doc.problems) ? (doc.problems as Problem[]) : [];
  const code = typeof doc.code === 'string' ? doc.code : '';
  return new ApiError(kindOf(status), status, message, problems, body, code);
}

function kindOf(status: number): FailureKind {
  switch (status) {
    case 0:
      return 'offline';
    case 401:
      return 'unauthenticated';
    case 403:
      return 'forbidden';
    case 404:
      return 'not_found';
    case 409:
    case 412:
      return 'conflict';
    case 400:
    case 413:
    case 415:
    case 422:
      return 'invalid';
    case 429:
      return 'throttled';
    case 408:
    case 504:
      return 'timeout';
    default:
      return 'server';
  }
}
