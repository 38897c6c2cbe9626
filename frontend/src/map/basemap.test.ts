import { afterEach, describe, expect, it, vi } from 'vitest';
import { BasemapError, fetchBasemap } from './basemap';

const STYLE_URL = 'https://maps.example/styles/plan.json';
const signal = () => new AbortController().signal;

afterEach(() => vi.unstubAllGlobals());

function answer(response: Response): void {
  vi.stubGlobal('fetch', () => Promise.resolve(response));
}

describe('fetchBasemap', () => {
  it('makes the addresses of a style absolute and keeps their templates', async () => {
    answer(
      Response.json({
        version: 8,
        glyphs: '../fonts/{fontstack}/{range}.pbf',
        sprite: 'sprite',
        sources: { plan: { type: 'vector', tiles: ['/tiles/{z}/{x}/{y}.pbf'] } },
        layers: [],
      }),
    );
    const style = await fetchBasemap(STYLE_URL, signal());
    expect(style.glyphs).toBe('https://maps.example/fonts/{fontstack}/{range}.pbf');
    expect(style.sprite).toBe('https://maps.example/styles/sprite');
    expect(style.sources.plan).toMatchObject({
      tiles: ['https://maps.example/tiles/{z}/{x}/{y}.pbf'],
    });
  });

  it.each([
    ['an error', new Response('', { status: 503 })],
    ['a page of a captive portal', new Response('<html>')],
    ['another document', Response.json({ hello: 'world' })],
    ['null', Response.json(null)],
  ])('refuses %s', async (_, response) => {
    answer(response);
    await expect(fetchBasemap(STYLE_URL, signal())).rejects.toBeInstanceOf(BasemapError);
  });

  it('sends neither cookies nor the address of the page', async () => {
    const fetched = vi.fn((url: string, init: RequestInit) => {
      void url;
      void init;
      return Promise.resolve(Response.json({ version: 8, sources: {}, layers: [] }));
    });
    vi.stubGlobal('fetch', fetched);
    await fetchBasemap(STYLE_URL, signal());
    expect(fetched.mock.calls[0]?.[1]).toMatchObject({
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    });
  });
});
