import { lang } from './index.svelte';

function locale(): string {
  return lang() === 'fr' ? 'fr-FR' : 'en-GB';
}

/** A whole number with its thousands separated. */
export function integer(n: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 0 }).format(n);
}

/** A number with at most one decimal. */
export function decimal(n: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(n);
}

/** A distance in metres as people read it: "340 m", "1,2 km", "12 km". */
export function distance(metres: number): string {
  const km = metres >= 999.5;
  const value = km ? metres / 1000 : metres;
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: km ? 'kilometer' : 'meter',
    unitDisplay: 'short',
    maximumFractionDigits: km && value < 10 ? 1 : 0,
  }).format(value);
}

/** An area in square metres: hectares from 1 ha, km² from 1 km². */
export function area(m2: number): string {
  const format = (n: number) =>
    new Intl.NumberFormat(locale(), { maximumFractionDigits: n < 10 ? 1 : 0 }).format(n);
  if (m2 >= 1_000_000) return `${format(m2 / 1_000_000)}\u00a0km²`;
  if (m2 >= 10_000) return `${format(m2 / 10_000)}\u00a0ha`;
  return `${format(m2)}\u00a0m²`;
}

/** A ratio from 0 to 1 as a percentage; what is above zero never reads as zero. */
export function percent(ratio: number): string {
  const format = (n: number, digits: number) =>
    new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits }).format(n);
  if (ratio > 0 && ratio < 0.001) return `<\u00a0${format(0.001, 1)}`;
  return format(ratio, ratio < 0.1 ? 1 : 0);
}

/** A day and time: "24 nov. 2026, 18:40". */
export function dateTime(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(iso),
  );
}

/** A day: "24 nov. 2026". */
export function day(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(new Date(iso));
}

/** A size in bytes. */
export function bytes(n: number): string {
  const mega = n >= 1_000_000;
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: mega ? 'megabyte' : 'kilobyte',
    maximumFractionDigits: 1,
  }).format(n / (mega ? 1_000_000 : 1000));
}

/** Today's date in the user's time zone, as YYYY-MM-DD. */
export function today(): string {
  const now = new Date();
  const pad = (n: number) => String(n).padStart(2, '0');
  return `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
}

/** A degree coordinate to five decimals (about a metre). */
export function degrees(value: number): string {
  return new Intl.NumberFormat(locale(), {
    minimumFractionDigits: 5,
    maximumFractionDigits: 5,
  }).format(value);
}
