import type { Site } from '../api/types';

/** How numbers and fields are written: a French spreadsheet expects `;` and a decimal comma. */
export interface CsvDialect {
  separator: ';' | ',';
  decimal: ',' | '.';
}

export const CSV_DIALECTS: Record<'fr' | 'en', CsvDialect> = {
  fr: { separator: ';', decimal: ',' },
  en: { separator: ',', decimal: '.' },
};

/** The homes as RFC 7946 GeoJSON, exactly as the server sent them. */
export function toGeoJSON(sites: readonly Site[]): string {
  return JSON.stringify({ type: 'FeatureCollection', features: sites }, null, 1);
}

/**
 * The homes as CSV in UTF-8 with a byte-order mark, longitude and latitude (CRS84,
 * degrees) first, then every property under its stable name.
 */
export function toCSV(sites: readonly Site[], dialect: CsvDialect): string {
  const names = new Set<string>();
  for (const site of sites) for (const name of Object.keys(site.properties)) names.add(name);
  const columns = [...names];
  const lines: unknown[][] = [['longitude', 'latitude', ...columns]];
  for (const { geometry, properties } of sites) {
    const [lon, lat] = geometry?.coordinates ?? [null, null];
    lines.push([lon, lat, ...columns.map((c) => properties[c])]);
  }
  return csvOf(lines, dialect);
}

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

/** Hands a file to the browser to save. */
export function save(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has been handed over by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
