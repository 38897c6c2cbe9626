import type { Feature, Geometry } from 'geojson';
import { ApiError, request } from './client';

interface FeaturePage<F> {
  features: F[];
  numberMatched?: number;
  links?: { rel: string; href: string }[];
}

/** Features asked for in one page. */
export const PAGE_SIZE = 1000;

/** More pages than this is a server that turns in circles, not a collection. */
const MAX_PAGES = 500;

/**
 * Fetches a whole collection, following `next` links until there are none.
 * @param query filters, such as `{ bbox: '1,2,3,4' }`
 * @param onProgress called after each page with features so far and in all (when told)
 * @throws {ApiError} as `request`, and when the links turn in circles
 */
export async function fetchAll<F extends Feature<Geometry | null>>(
  collection: string,
  query: Record<string, string> = {},
  signal?: AbortSignal,
  onProgress?: (done: number, total: number | null) => void,
): Promise<F[]> {
  const params = new URLSearchParams({ ...query, limit: String(PAGE_SIZE) });
  let path: string | null = `/api/collections/${collection}/items?${params}`;
  const seen = new Set<string>();
  const features: F[] = [];
  while (path !== null) {
    if (seen.has(path) || seen.size >= MAX_PAGES)
      throw new ApiError('server', 200, `next: ${path}`);
    seen.add(path);
    const { data }: { data: FeaturePage<F> } = await request<FeaturePage<F>>(path, { signal });
    features.push(...data.features);
    onProgress?.(features.length, data.numberMatched ?? null);
    path = nextPath(data.links);
  }
  return features;
}

/**
 * Path of the `next` link. Its origin is dropped: behind a proxy the server may
 * not know the address it is reached by, and data only ever comes from where the page came.
 */
export function nextPath(links: { rel: string; href: string }[] | undefined): string | null {
  const next = links?.find((link) => link.rel === 'next');
  if (!next) return null;
  const url = new URL(next.href, 'http://vigie.invalid');
  return url.pathname + url.search;
}
