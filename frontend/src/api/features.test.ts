import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError, request } from './client';
import { fetchAll, nextPath } from './features';

afterEach(() => vi.unstubAllGlobals());

/** A server of `total` features in pages of 1000, whose links bear another host's name. */
function serve(total: number): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path);
    const url = new URL(path, 'http://h');
    const after = Number(url.searchParams.get('after') ?? 0);
    const limit = Number(url.searchParams.get('limit'));
    const features = Array.from({ length: Math.min(limit, total - after) }, (_, i) => ({
      type: 'Feature',
      id: `F${after + i}`,
      geometry: null,
      properties: {},
    }));
    url.searchParams.set('after', String(after + features.length));
    const links = [{ rel: 'self', href: path }];
    if (after + features.length < total)
      links.push({ rel: 'next', href: `http://inner:9${url.pathname}${url.search}` });
    return Promise.resolve(
      Response.json({ type: 'FeatureCollection', features, links, numberMatched: total }),
    );
  });
  return asked;
}

describe('fetchAll', () => {
  it('follows next links to the end and tells its progress', async () => {
    const asked = serve(2345);
    const progress: [number, number | null][] = [];
    const all = await fetchAll('sites', { status: 'all' }, undefined, (...p) => progress.push(p));
    expect(all).toHaveLength(2345);
    expect(new Set(all.map((f) => f.id)).size).toBe(2345);
    expect(progress).toEqual([
      [1000, 2345],
      [2000, 2345],
      [2345, 2345],
    ]);
    expect(asked.every((path) => path.startsWith('/api/collections/sites/items?status=all'))).toBe(
      true,
    );
  });

  it('stops when the links turn in circles', async () => {
    vi.stubGlobal('fetch', (path: string) =>
      Promise.resolve(Response.json({ features: [], links: [{ rel: 'next', href: path }] })),
    );
    await expect(fetchAll('sites')).rejects.toBeInstanceOf(ApiError);
  });

  it('stops when aborted', async () => {
    const abort = new AbortController();
    vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
      abort.abort();
      return Promise.reject(init.signal?.reason);
    });
    await expect(fetchAll('sites', {}, abort.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('nextPath', () => {
  it('keeps to the page’s own origin', () => {
    expect(nextPath([{ rel: 'next', href: 'https://elsewhere.example/api/x?after=1' }])).toBe(
      '/api/x?after=1',
    );
    expect(nextPath([{ rel: 'self', href: '/api/x' }])).toBeNull();
    expect(nextPath(undefined)).toBeNull();
  });
});

describe('request', () => {
  it('turns a problem document into an error with its detail and problems', async () => {
    const problems = [
      { severity: 'error', code: 'x', field: 'name', message: { fr: 'Manque', en: 'Missing' } },
    ];
    vi.stubGlobal('fetch', () =>
      Promise.resolve(Response.json({ title: 'T', detail: 'D', problems }, { status: 422 })),
    );
    const error = await request('/api/sites', { method: 'POST', body: {} }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ kind: 'invalid', status: 422, message: 'D', problems });
  });

  it('tells a lost connection from a refusal and a stale version', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')));
    await expect(request('/x')).rejects.toMatchObject({ kind: 'offline' });
    vi.stubGlobal('fetch', () =>
      Promise.resolve(Response.json({ current: { id: 'F1' } }, { status: 412 })),
    );
    await expect(request('/x')).rejects.toMatchObject({
      kind: 'conflict',
      body: { current: { id: 'F1' } },
    });
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>', { status: 502 })));
    await expect(request('/x')).rejects.toMatchObject({ kind: 'server', status: 502 });
  });

  it('sends the version it read as If-Match', async () => {
    const sent = vi.fn((path: string, init: RequestInit) => {
      void path;
      void init;
      return Promise.resolve(Response.json({}));
    });
    vi.stubGlobal('fetch', sent);
    await request('/x', { method: 'PATCH', body: { capacity: 3 }, version: 7 });
    const headers = sent.mock.calls[0]?.[1].headers as Headers;
    expect(headers.get('If-Match')).toBe('"7"');
    expect(headers.get('Content-Type')).toBe('application/merge-patch+json');
  });
});
