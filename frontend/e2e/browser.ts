import { existsSync } from 'node:fs';
import type { Map as MapLibre } from 'maplibre-gl';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import { expect, inject } from 'vitest';
import { COOKIE, sessionOf, type Account } from './api';

declare global {
  interface Window {
    vigieMap: MapLibre;
  }
}

/** Debian's Chromium, or the one named by CHROMIUM. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

const FLAGS = [
  // WebGL without a graphics card.
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  // The network is closed but for this machine.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

export function launch(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`${CHROMIUM} is missing: install Debian's package "chromium", or set CHROMIUM`);
  }
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** A browser whose profile stays in a folder, as a person's does, without a graphics card or a way out. */
export function launchProfile(folder: string): Promise<BrowserContext> {
  const size = { width: 1440, height: 900 };
  const options = { executablePath: CHROMIUM, args: FLAGS, viewport: size, locale: 'fr-FR' };
  return chromium.launchPersistentContext(folder, options);
}

/** A page of Vigie that remembers what it asked for and complained about. */
export interface Visit {
  page: Page;
  context: BrowserContext;
  /** Requests to anything but this machine. */
  foreign: string[];
  /** Errors of the page and refusals of its CSP. */
  complaints: string[];
}

export interface VisitOptions extends BrowserContextOptions {
  /** Who is logged in, with a purpose chosen; null for the public. */
  as?: Account | null;
  /** The cookie of a session of one's own, instead of the shared one. */
  session?: string;
}

/** Opens a page, without waiting for the map. */
export async function open(
  browser: Browser,
  { as = 'responsable', session, ...options }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'fr-FR',
    colorScheme: 'light',
    reducedMotion: 'reduce',
    acceptDownloads: true,
    ...options,
  });
  const value = session ?? (as === null ? null : await sessionOf(as));
  if (value !== null) {
    await context.addCookies([{ name: COOKIE, value, url: inject('url'), httpOnly: true }]);
  }
  const page = await context.newPage();
  const visit: Visit = { page, context, foreign: [], complaints: [] };
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^https?:|^wss?:/.test(protocol) && hostname !== '127.0.0.1' && hostname !== 'localhost') {
      visit.foreign.push(request.url());
    }
  });
  page.on('pageerror', (error) => visit.complaints.push(error.message));
  page.on('console', (message) => {
    // A refused request is the server's business and is asserted where it matters.
    const expected = /Failed to load resource/.test(message.text());
    if (message.type() === 'error' && !expected) visit.complaints.push(message.text());
  });
  return visit;
}

/** Goes to an address of Vigie and waits until the map has drawn all it has. */
export async function visit(
  browser: Browser,
  fragment = '',
  options: VisitOptions = {},
): Promise<Visit> {
  const v = await open(browser, options);
  await v.page.goto(`${inject('url')}/${fragment}`);
  await drawn(v.page);
  return v;
}

/** Goes to a page without a map and waits for its heading. */
export async function visitPage(
  browser: Browser,
  fragment: string,
  options: VisitOptions = {},
): Promise<Visit> {
  const v = await open(browser, options);
  await v.page.goto(`${inject('url')}/${fragment}`);
  await v.page.getByTestId('page').waitFor();
  await v.page.waitForFunction(() => document.querySelector('.skeleton') === null);
  return v;
}

/** Waits until the map is idle with its homes, after everything asked of it. */
export async function drawn(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const map = (window as Partial<Window>).vigieMap;
    return (
      document.querySelector('[aria-busy=true]') === null &&
      map?.loaded() === true &&
      map.areTilesLoaded() &&
      !map.isMoving() &&
      map.getLayer('sites') !== undefined
    );
  });
  // The last frame after the tiles: labels and symbols are placed then.
  await page.evaluate(
    () =>
      new Promise<void>((done) => {
        window.vigieMap.once('idle', () => done());
        window.vigieMap.triggerRepaint();
      }),
  );
}

/** Features that a layer of the map really draws. */
export function rendered(page: Page, layer: string): Promise<Record<string, unknown>[]> {
  return page.evaluate(
    (id) => window.vigieMap.queryRenderedFeatures({ layers: [id] }).map((f) => f.properties),
    layer,
  );
}

/** Clicks the map at a position (longitude, latitude), once the map has gone there. */
export async function clickAt(page: Page, center: [number, number], zoom = 14): Promise<void> {
  await page.evaluate(([at, z]) => window.vigieMap.jumpTo({ center: at, zoom: z }), [
    center,
    zoom,
  ] as const);
  await drawn(page);
  const point = await page.evaluate((at) => {
    const p = window.vigieMap.project(at);
    const box = window.vigieMap.getContainer().getBoundingClientRect();
    return { x: box.x + p.x, y: box.y + p.y };
  }, center);
  await page.mouse.click(point.x, point.y);
}

/** Pixels of what the page shows whose colour is within 12 of one of these, by colour. */
export async function countPixels(v: Visit, selector: string, colors: string[]): Promise<number[]> {
  const png = (await v.page.locator(selector).screenshot()).toString('base64');
  const blank = await v.context.newPage();
  try {
    return await blank.evaluate(
      async ([data, wanted]) => {
        const image = new Image();
        image.src = `data:image/png;base64,${data}`;
        await image.decode();
        const canvas = document.createElement('canvas');
        canvas.width = image.width;
        canvas.height = image.height;
        const ctx = canvas.getContext('2d');
        if (!ctx) throw new Error('no canvas');
        ctx.drawImage(image, 0, 0);
        const { data: px } = ctx.getImageData(0, 0, canvas.width, canvas.height);
        const rgb = wanted.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
        const counts = wanted.map(() => 0);
        for (let i = 0; i < px.length; i += 4) {
          rgb.forEach((c, k) => {
            if (c.every((value, j) => Math.abs(value - (px[i + j] ?? 0)) <= 12)) {
              counts[k] = (counts[k] ?? 0) + 1;
            }
          });
        }
        return counts;
      },
      [png, colors] as const,
    );
  } finally {
    await blank.close();
  }
}

/** The page stayed on this machine and complained of nothing. */
export async function expectQuiet(v: Visit): Promise<void> {
  expect(v.foreign).toEqual([]);
  expect(v.complaints).toEqual([]);
  await v.context.close();
}
