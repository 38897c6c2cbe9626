import type { StyleSpecification } from 'maplibre-gl';

/** A remote base map that is slower than this to answer is as good as down. */
const TIMEOUT_MS = 8000;

/** A remote base map that could not be used; the interface falls back to the built-in one. */
export class BasemapError extends Error {}

/**
 * Fetches a remote style and makes its addresses absolute.
 * @throws {BasemapError} when it does not answer in time or answers something else
 */
export async function fetchBasemap(url: string, signal: AbortSignal): Promise<StyleSpecification> {
  let style: unknown;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    });
    if (!response.ok) throw new BasemapError(`HTTP ${response.status}`);
    style = await response.json();
  } catch (error) {
    if (signal.aborted) throw new DOMException('aborted', 'AbortError');
    throw error instanceof BasemapError ? error : new BasemapError(String(error));
  }
  if (!isStyle(style)) throw new BasemapError('not a style');
  return absolute(style, url);
}

function isStyle(value: unknown): value is StyleSpecification {
  const style = value as Partial<StyleSpecification> | null;
  return (
    typeof style === 'object' &&
    style !== null &&
    style.version === 8 &&
    Array.isArray(style.layers) &&
    typeof style.sources === 'object'
  );
}

/** A style's relative addresses are relative to itself, not to the page. */
function absolute(style: StyleSpecification, url: string): StyleSpecification {
  // The braces of {z}/{x}/{y} and {fontstack} must survive the URL parser.
  const resolve = (path: string) =>
    new URL(path, url).href.replaceAll('%7B', '{').replaceAll('%7D', '}');
  const sources = Object.fromEntries(
    Object.entries(style.sources).map(([id, source]) => {
      const copy = { ...source } as Record<string, unknown>;
      if (typeof copy.url === 'string') copy.url = resolve(copy.url);
      if (Array.isArray(copy.tiles)) copy.tiles = (copy.tiles as string[]).map(resolve);
      return [id, copy];
    }),
  ) as StyleSpecification['sources'];
  return {
    ...style,
    sources,
    ...(style.glyphs ? { glyphs: resolve(style.glyphs) } : {}),
    ...(typeof style.sprite === 'string' ? { sprite: resolve(style.sprite) } : {}),
  };
}
