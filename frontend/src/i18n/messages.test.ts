import { describe, expect, it } from 'vitest';
import { en } from './en';
import { fr } from './fr';
import { mapMessages, typographyFr } from './typography';

/** Every message by its path, functions called with plausible arguments. */
function flatten(tree: unknown, path = ''): Map<string, string> {
  const out = new Map<string, string>();
  if (typeof tree === 'string') out.set(path, tree);
  else if (typeof tree === 'function') {
    for (const n of [0, 1, 2, 1234]) {
      const args = Array.from({ length: tree.length }, (_, i) => (i === 0 ? n : `x${i}`));
      out.set(`${path}(${n})`, (tree as (...a: unknown[]) => string)(...args));
    }
  } else {
    for (const [key, value] of Object.entries(tree as object)) {
      for (const [k, v] of flatten(value, path === '' ? key : `${path}.${key}`)) out.set(k, v);
    }
  }
  return out;
}

const keys = (tree: unknown) =>
  [...new Set([...flatten(tree).keys()].map((k) => k.replace(/\(\d+\)$/, '')))].sort();

describe('messages', () => {
  it('have the same keys in French and English', () => {
    expect(keys(en)).toEqual(keys(fr));
    expect(keys(fr).length).toBeGreaterThan(250);
  });

  it.each([
    ['French', fr],
    ['English', en],
  ])('are never empty in %s', (_, tree) => {
    const empty = [...flatten(tree)].filter(
      ([, text]) => text.trim() === '' || /undefined|NaN/.test(text),
    );
    expect(empty).toEqual([]);
  });

  it('are set in French typography', () => {
    const set = flatten(mapMessages(fr, typographyFr));
    const wrong = [...set].filter(([, text]) => / [;:!?»]|« |\p{L}'\p{L}/u.test(text));
    expect(wrong).toEqual([]);
  });

  it('keep neighbourhoods free of stigma', () => {
    const words = /zone à risque|zone dangereuse|ghetto|cité sensible|danger/i;
    expect([...flatten(fr).values()].filter((t) => words.test(t))).toEqual([]);
  });
});

describe('typographyFr', () => {
  it('puts narrow no-break spaces before high punctuation and no-break ones inside quotes', () => {
    expect(typographyFr("Vraiment ? L'avis : « oui » !")).toBe(
      'Vraiment\u202f? L’avis\u00a0: «\u00a0oui\u00a0»\u202f!',
    );
  });

  it('keeps a number and its unit together', () => {
    expect(typographyFr('De 500 m à 1 km, soit 12 %')).toBe(
      'De 500\u00a0m à 1\u00a0km, soit 12\u202f%',
    );
  });

  it('is idempotent and leaves addresses alone', () => {
    const once = typographyFr('Voir https://exemple.fr : « ici » ; non ?');
    expect(typographyFr(once)).toBe(once);
    expect(once).toContain('https://exemple.fr');
  });
});
