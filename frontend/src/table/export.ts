import { acceptLanguage, failure, parse } from '../api/client';

/** How numbers and fields are written: a French spreadsheet expects `;` and a decimal comma. */
export interface CsvDialect {
  separator: ';' | ',';
  decimal: ',' | '.';
}

export const CSV_DIALECTS: Record<'fr' | 'en', CsvDialect> = {
  fr: { separator: ';', decimal: ',' },
  en: { separator: ',', decimal: '.' },
};

/** Lines of cells as a CSV file in UTF-8 with a byte-order mark. */
export function csvOf(lines: readonly (readonly unknown[])[], dialect: CsvDialect): string {
  const written = lines.map((line) => line.map((v) => cell(v, dialect)).join(dialect.separator));
  return '\ufeff' + written.join('\r\n') + '\r\n';
}

function cell(value: unknown, dialect: CsvDialect): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value).replace('.', dialect.decimal);
  if (typeof value !== 'string') return String(value);
  // A spreadsheet would run a text that starts like a formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /["\r\n;,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** How many homes can be named one by one in an address. */
const NAMED = 500;

/** Where the server writes a file of these homes, or of a département when they are many. */
export function fileAddress(
  ids: readonly string[],
  department: string | null,
  format: string,
): string {
  const query = new URLSearchParams({ f: format, status: 'all' });
  if (ids.length <= NAMED) {
    const list = ids.map((id) => `'${id.replaceAll("'", "''")}'`).join(',');
    query.set('filter', `site_id IN (${list})`);
  }
  if (department !== null) query.set('department_code', department);
  return `/api/collections/sites/items?${query.toString()}`;
}

/**
 * A file of homes, made by the server: it is journalled, says whose it is, and may need
 * the approval of another person.
 * @throws ApiError with the server's words when it is refused.
 */
export async function download(
  ids: readonly string[],
  department: string | null,
  format: string,
): Promise<Blob> {
  const answer = await fetch(fileAddress(ids, department, format), {
    headers: { 'Accept-Language': acceptLanguage() },
    credentials: 'same-origin',
  });
  if (!answer.ok) throw failure(answer.status, parse(await answer.text()));
  return answer.blob();
}

/** Hands a file to the browser to save. */
export function save(name: string, file: Blob): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has been handed over by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
