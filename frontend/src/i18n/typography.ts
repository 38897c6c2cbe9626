const NNBSP = '\u202f';
const NBSP = '\u00a0';

/**
 * Sets a French sentence as a printer would: curly apostrophes, and no-break
 * spaces before ; : ! ? % and inside « ». Idempotent.
 */
export function typographyFr(text: string): string {
  return text
    .replace(/(\p{L})'/gu, '$1’')
    .replace(/[ \u00a0\u202f]+([;!?])/g, `${NNBSP}$1`)
    .replace(/[ \u00a0\u202f]+(:)(?!\/)/g, `${NBSP}$1`)
    .replace(/«[ \u00a0\u202f]*/g, `«${NBSP}`)
    .replace(/[ \u00a0\u202f]*»/g, `${NBSP}»`)
    .replace(/(\d)[ \u00a0]+(%|€)/g, `$1${NNBSP}$2`)
    .replace(/(\d)[ ]+(m|km|ha|m²)(?![\p{L}\d])/gu, `$1${NBSP}$2`);
}

/** Applies a function to every string of a tree of messages, and to what its functions return. */
export function mapMessages<T>(tree: T, set: (text: string) => string): T {
  if (typeof tree === 'string') return set(tree) as T;
  if (typeof tree === 'function') {
    const make = tree as unknown as (...args: unknown[]) => string;
    return ((...args: unknown[]) => set(make(...args))) as T;
  }
  if (Array.isArray(tree)) return tree.map((item) => mapMessages(item, set)) as T;
  return Object.fromEntries(
    Object.entries(tree as Record<string, unknown>).map(([key, value]) => [
      key,
      mapMessages(value, set),
    ]),
  ) as T;
}
