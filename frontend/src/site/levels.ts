import { m } from '../i18n/index.svelte';
import { EXPOSURE_CLASSES, type Level } from '../state/classes';
import { label } from '../state/vocabulary.svelte';

/** A word with a capital. */
export function capital(s: string): string {
  return s.charAt(0).toLocaleUpperCase() + s.slice(1);
}

/** A class of exposure in words, or why a place has none. */
export function levelName(level: Level): string {
  if (EXPOSURE_CLASSES.includes(level)) return capital(label('exposure_classes', level));
  return (m().masked.levels as Record<string, string>)[level] ?? level;
}
