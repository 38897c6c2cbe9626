import { resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Site } from '../src/api/types';
import { sites } from './api';
import { drawn, expectQuiet, launch, visit, type VisitOptions } from './browser';

const FOLDER = resolve(import.meta.dirname, '../../docs/images');

/** Pictures of the documentation, taken of the demo when VIGIE_SCREENSHOTS=1. */
describe.runIf(process.env.VIGIE_SCREENSHOTS === '1')('pictures', () => {
  let browser: Browser;
  let home: Site;
  beforeAll(async () => {
    browser = await launch();
    const near = (s: Site) => s.properties.nearest_zone_distance_m as number;
    home = (await sites()).find(
      (s) => s.properties.position_precision === 'house_number' && near(s) > 100 && near(s) < 500,
    ) as Site;
  });
  afterAll(() => browser.close());

  const phone = {
    viewport: { width: 360, height: 740 },
    isMobile: true,
    hasTouch: true,
    deviceScaleFactor: 2,
  };
  const shots: [string, () => string, VisitOptions][] = [
    ['map', () => '', {}],
    ['map-dark', () => '', { colorScheme: 'dark' }],
    ['site', () => `#site=${encodeURIComponent(home.properties.site_id)}`, {}],
    ['table', () => '#table=1', {}],
    ['import', () => '#ws=data', { as: 'administration' }],
    [
      'tablet',
      () => `#site=${encodeURIComponent(home.properties.site_id)}`,
      { viewport: { width: 768, height: 1024 } },
    ],
    ['phone', () => '', phone],
    ['phone-site', () => `#site=${encodeURIComponent(home.properties.site_id)}`, phone],
  ];

  it.each(shots)('%s', async (name, fragment, options) => {
    const v = await visit(browser, fragment(), options);
    await v.page.evaluate(() => document.fonts.ready);
    await drawn(v.page);
    const png = await v.page.screenshot({ path: resolve(FOLDER, `${name}.png`) });
    expect(png.length).toBeGreaterThan(10_000);
    await expectQuiet(v);
  });
});
