import { ApiError, isAbort } from '../api/client';

export type Progress = (done: number, total: number | null) => void;

/**
 * Something fetched from the server, with its loading, error and ready states.
 * A reload keeps showing what was there; a second load aborts the first.
 */
export class Resource<T> {
  data = $state.raw<T | null>(null);
  loading = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** Features so far and in all, while loading; total is null until the server tells it. */
  progress = $state.raw<{ done: number; total: number | null } | null>(null);

  readonly #fetch: (signal: AbortSignal, progress: Progress) => Promise<T>;
  #abort: AbortController | null = null;

  constructor(fetch: (signal: AbortSignal, progress: Progress) => Promise<T>) {
    this.#fetch = fetch;
  }

  /** Fetches anew. Never rejects: the failure is in `error`. */
  async load(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.loading = true;
    this.error = null;
    this.progress = null;
    try {
      this.data = await this.#fetch(abort.signal, (done, total) => {
        this.progress = { done, total };
      });
    } catch (error) {
      if (isAbort(error)) return;
      this.error = error instanceof ApiError ? error : new ApiError('server', 0, String(error));
    } finally {
      if (this.#abort === abort) {
        this.#abort = null;
        this.loading = false;
        this.progress = null;
      }
    }
  }

  cancel(): void {
    this.#abort?.abort();
  }
}
