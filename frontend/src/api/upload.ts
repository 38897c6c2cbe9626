import { ApiError, acceptLanguage, failure, remedied } from './client';
import type { ImportRecord } from './types';

export interface UploadOptions {
  fields: Record<string, string>;
  files: readonly File[];
  signal: AbortSignal;
  /** Share of the files sent so far, 0–1; 1 means the server is now reading them. */
  onProgress(ratio: number): void;
}

/**
 * Sends files to the importer. XMLHttpRequest, because fetch tells nothing of an upload's progress.
 * @throws {ApiError} when the import is refused; a DOMException named AbortError when cancelled
 */
export function upload(options: UploadOptions): Promise<ImportRecord> {
  return remedied(() => uploadOnce(options));
}

function uploadOnce({ fields, files, signal, onProgress }: UploadOptions): Promise<ImportRecord> {
  const form = new FormData();
  // Fields first: the server can read them before the files stream in.
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const file of files) form.append('file', file, file.name);
  return new Promise((resolve, reject) => {
    const aborted = () => new DOMException('aborted', 'AbortError');
    if (signal.aborted) {
      reject(aborted());
      return;
    }
    const xhr = new XMLHttpRequest();
    const cancel = () => xhr.abort();
    signal.addEventListener('abort', cancel);
    xhr.open('POST', '/api/imports');
    xhr.setRequestHeader('Accept', 'application/json, application/problem+json');
    xhr.setRequestHeader('Accept-Language', acceptLanguage());
    xhr.responseType = 'json';
    xhr.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total);
    };
    xhr.upload.onload = () => onProgress(1);
    xhr.onload = () => {
      if (xhr.status >= 200 && xhr.status < 300) resolve(xhr.response as ImportRecord);
      else reject(failure(xhr.status, xhr.response));
    };
    xhr.onerror = () => reject(new ApiError('offline', 0, ''));
    xhr.onabort = () => reject(aborted());
    xhr.onloadend = () => signal.removeEventListener('abort', cancel);
    xhr.send(form);
  });
}
