import type { Text } from '../api/types';
import { setApiLanguage } from '../api/client';
import { en } from './en';
import { fr as frSource } from './fr';
import type { Messages } from './messages';
import { mapMessages, typographyFr } from './typography';

export type Language = 'fr' | 'en';
export const LANGUAGES: readonly Language[] = ['fr', 'en'];

const messages: Record<Language, Messages> = { fr: mapMessages(frSource, typographyFr), en };

const current = $state<{ lang: Language }>({ lang: 'fr' });

/** The language shown. */
export function lang(): Language {
  return current.lang;
}

/** The messages in the language shown; reactive. */
export function m(): Messages {
  return messages[current.lang];
}

/** Picks the language shown out of a bilingual text of the server. */
export function text(t: Text): string {
  return current.lang === 'fr' ? typographyFr(t.fr) : t.en;
}

/** Switches the language of the page, of the server's answers and of the next visit. */
export function setLanguage(next: Language): void {
  current.lang = next;
  document.documentElement.lang = next;
  setApiLanguage(next);
  try {
    localStorage.setItem('lang', next);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

/** The language chosen at an earlier visit, French otherwise. */
export function storedLanguage(): Language {
  try {
    return localStorage.getItem('lang') === 'en' ? 'en' : 'fr';
  } catch {
    return 'fr';
  }
}
