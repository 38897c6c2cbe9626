import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Site } from '../src/api/types';
import { THEMES } from '../src/map/theme';
import { ask, sites, zones } from './api';
import { clickAt, countPixels, drawn, expectQuiet, launch, open, rendered, visit } from './browser';

let browser: Browser;
let homes: Site[];
beforeAll(async () => {
  browser = await launch();
  homes = await sites();
});
afterAll(() => browser.close());

const located = () => homes.filter((h) => h.geometry !== null);
const at = (h: Site) => h.geometry?.coordinates as [number, number];
const alone = () =>
  located().find((h) => {
    const [x, y] = at(h);
    return (
      h.properties.proximity_status === 'computed' &&
      located().every((o) => o === h || Math.hypot(at(o)[0] - x, at(o)[1] - y) > 0.01)
    );
  }) as Site;

describe('the map', () => {
  it('draws every home and zone, with the network closed', async () => {
    const v = await visit(browser);
    const drawnHomes = new Set((await rendered(v.page, 'sites')).map((p) => p.id));
    expect(drawnHomes).toEqual(new Set(located().map((h) => h.properties.site_id)));
    const drawnZones = new Set((await rendered(v.page, 'zones-fill')).map((p) => p.zone_id));
    expect(drawnZones).toEqual(new Set((await zones()).map((z) => z.properties.zone_id)));
    expect((await rendered(v.page, 'commune-labels')).length).toBeGreaterThan(0);

    const t = THEMES.light;
    const qpvStyle = t.zones[1] as string;
    const colors = [t.classes[4].fill, t.classes[2].fill, qpvStyle, t.outline, t.land];
    const [strong, weak, qpv, outline, land] = await countPixels(v, '[data-testid=map]', colors);
    expect(strong).toBeGreaterThan(100);
    expect(weak).toBeGreaterThan(20);
    expect(qpv).toBeGreaterThan(50);
    expect(outline).toBeGreaterThan(100);
    expect(land).toBeGreaterThan(10_000);
    await expectQuiet(v);
  });

  it('opens a home on a click and tells its indicators', async () => {
    const home = alone();
    const v = await visit(browser);
    await clickAt(v.page, at(home));
    const sheet = v.page.getByTestId('site-sheet');
    await sheet.waitFor();
    expect(await sheet.getByRole('heading', { level: 2 }).textContent()).toBe(home.properties.name);
    const cells = await sheet.locator('tbody tr td:nth-child(2)').allTextContents();
    const p = home.properties;
    expect(cells.slice(1, 4)).toEqual(
      [p.zones_within_500m, p.zones_within_1000m, p.zones_within_2000m].map(String),
    );
    const d = p.nearest_zone_distance_m as number;
    const shown = (cells[0] ?? '').replace(/\s/g, ' ');
    if (p.in_zone) expect(shown).toBe('dedans');
    else if (d < 999.5) expect(shown).toBe(`${Math.round(d)} m`);
    else expect(shown).toMatch(/^\d+(,\d)? km$/);
    expect(await sheet.textContent()).toContain('revenu de ses habitants');
    await expectQuiet(v);
  });

  it('lets one choose between homes at one point', async () => {
    const key = (h: Site) => at(h).join();
    const pile = located().filter((h, _, all) => all.filter((o) => key(o) === key(h)).length > 1);
    const first = pile[0] as Site;
    const there = pile.filter((h) => key(h) === key(first));
    const v = await visit(browser);
    await clickAt(v.page, at(first), 16);
    const panel = v.page.getByTestId('choose-panel');
    await panel.waitFor();
    const names = await panel.getByRole('listitem').locator('strong').allTextContents();
    expect(names.sort()).toEqual(there.map((h) => h.properties.name).sort());
    await panel.getByRole('button').last().click();
    await v.page.getByTestId('site-sheet').waitFor();
    await expectQuiet(v);
  });

  it('filters map and table by a band of distance, and keeps it in the link', async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    const v = await visit(browser, '#scale=distance', { permissions });
    const legend = v.page.getByRole('region', { name: 'Légende' });
    const line = legend.getByRole('button', { name: /Dans une zone/ });
    const expected = homes.filter((h) => h.properties.in_zone === true).length;
    expect(await line.locator('.count').textContent()).toBe(String(expected));
    await line.click();
    await drawn(v.page);
    const classes = new Set((await rendered(v.page, 'sites')).map((p) => p.cls));
    expect(classes).toEqual(new Set(['inside']));
    await v.page.getByRole('button', { name: /^Tableau/ }).click();
    expect(await v.page.locator('tbody tr').count()).toBe(expected);
    await v.page.getByRole('button', { name: 'Copier le lien' }).first().click();
    const link = await v.page.evaluate(() => navigator.clipboard.readText());
    expect(link).toMatch(/class=inside&scale=distance&table=1/);
    await v.page.goto('about:blank');
    await v.page.goto(link);
    await drawn(v.page);
    expect(await v.page.locator('tbody tr').count()).toBe(expected);
    await legend.getByRole('button', { name: 'Tout afficher' }).click();
    expect(await v.page.locator('tbody tr').count()).toBe(Math.min(100, homes.length));
    await expectQuiet(v);
  });

  it('hides and shows a kind of zones', async () => {
    const v = await visit(browser);
    const legend = v.page.getByRole('region', { name: 'Légende' });
    await legend.getByRole('button', { name: /QPV/ }).click();
    await drawn(v.page);
    const kinds = (await rendered(v.page, 'zones-fill')).map((p) => p.kind);
    expect(kinds).not.toContain('qpv');
    await legend.getByRole('button', { name: /QPV/ }).click();
    await drawn(v.page);
    expect((await rendered(v.page, 'zones-fill')).map((p) => p.kind)).toContain('qpv');
    await expectQuiet(v);
  });
});

describe('the table', () => {
  it('is sorted by keyboard and opens a home', async () => {
    const v = await visit(browser, '#table=1');
    const header = v.page.getByRole('columnheader', { name: 'Nom' });
    await header.getByRole('button').focus();
    await v.page.keyboard.press('Enter');
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
    const names = await v.page.locator('tbody th').allTextContents();
    const collator = new Intl.Collator('fr', { numeric: true, sensitivity: 'base' });
    expect(names.map((n) => n.trim())).toEqual(
      [...names.map((n) => n.trim())].sort(collator.compare),
    );
    await v.page.keyboard.press('Enter');
    expect(await header.getAttribute('aria-sort')).toBe('descending');
    await v.page.locator('tbody th button').first().focus();
    await v.page.keyboard.press('Enter');
    await v.page.getByTestId('site-sheet').waitFor();
    await v.page.keyboard.press('Escape');
    await v.page.getByTestId('site-sheet').waitFor({ state: 'detached' });
    await expectQuiet(v);
  });

  it('lists homes that have no position', async () => {
    const missing = homes.filter((h) => h.geometry === null);
    expect(missing.length).toBeGreaterThan(0);
    const v = await visit(browser, '#table=1&scale=distance&class=unlocated');
    const names = (await v.page.locator('tbody th').allTextContents()).map((n) => n.trim());
    expect(names.sort()).toEqual(missing.map((h) => h.properties.name).sort());
    expect(await rendered(v.page, 'sites')).toEqual([]);
    await expectQuiet(v);
  });

  it('exports exactly what it lists, once another person approved it', async () => {
    const expected = homes
      .filter((h) => h.properties.in_zone === true)
      .map((h) => h.properties.site_id);
    const v = await visit(browser, '#scale=distance&class=inside', { as: 'inspectrice' });
    await v.page.getByRole('button', { name: /^Exporter/ }).click();
    const dialog = v.page.getByRole('dialog');
    const csv = dialog.getByRole('button', { name: /^CSV \(virgules/ });
    await csv.click();
    await dialog.getByRole('alert').filter({ hasText: 'deuxième personne' }).waitFor();
    await dialog.getByRole('button', { name: 'Demander cet accord' }).waitFor();

    const json = { 'Content-Type': 'application/json' };
    const asked = await ask('grants', {
      as: 'inspectrice',
      method: 'POST',
      headers: json,
      body: JSON.stringify({
        kind: 'register_export',
        scope: { departments: ['00'] },
        purpose: 'Étude des déplacements',
        confirmed: true,
      }),
    });
    const { id } = (await asked.json()) as { id: string };
    await ask(`grants/${id}/decision`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ approve: true, reason: 'Étude prévue', days: 1, confirmed: true }),
    });
    const [download] = await Promise.all([v.page.waitForEvent('download'), csv.click()]);
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split(/\r?\n/);
    expect(lines).toHaveLength(expected.length + 1);
    expect(lines[0]).toContain('nearest_zone_distance_m');
    for (const line of lines.slice(1)) expect(line).toContain('inspectrice');
    for (const site of expected) expect(lines.some((l) => l.includes(site))).toBe(true);
  });
});

describe('the page', () => {
  it('finds a home by keyboard, accents aside', async () => {
    const home = alone();
    const v = await visit(browser);
    const box = v.page.getByRole('combobox', { name: /Chercher/ });
    const query = home.properties.name.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase();
    await box.fill(`${query} ${home.properties.site_id}`);
    await v.page.getByRole('option').first().waitFor();
    await v.page.keyboard.press('Enter');
    const sheet = v.page.getByTestId('site-sheet');
    await sheet.waitFor();
    expect(await sheet.getByRole('heading', { level: 2 }).textContent()).toBe(home.properties.name);
    await expectQuiet(v);
  });

  it('speaks English when asked, and remembers it', async () => {
    const v = await visit(browser);
    expect(await v.page.locator('html').getAttribute('lang')).toBe('fr');
    await v.page.getByRole('button', { name: /English/ }).click();
    await v.page.getByRole('region', { name: 'Legend' }).waitFor();
    expect(await v.page.locator('html').getAttribute('lang')).toBe('en');
    await v.page.goto('about:blank');
    await v.page.goto(inject('url'));
    await v.page.getByRole('region', { name: 'Legend' }).waitFor();
    await expectQuiet(v);
  });

  it('says what failed and tries again', async () => {
    const v = await open(browser);
    let down = true;
    await v.page.route('**/api/collections/sites/items*', (route) =>
      down
        ? route.fulfill({ status: 503, json: { title: 'Service momentanément indisponible' } })
        : route.continue(),
    );
    await v.page.goto(inject('url'));
    const alert = v.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('momentanément indisponible');
    down = false;
    await alert.getByRole('button', { name: 'Réessayer' }).click();
    await v.page.getByText(`${homes.length} foyers`, { exact: true }).first().waitFor();
    await expectQuiet(v);
  });

  it('says when it is offline, keeps what it has, and comes back', async () => {
    const v = await visit(browser);
    await v.context.setOffline(true);
    await v.page.getByText(/^Hors connexion/).waitFor();
    expect((await rendered(v.page, 'sites')).length).toBeGreaterThan(0);
    await v.context.setOffline(false);
    await v.page.getByText(/^Hors connexion/).waitFor({ state: 'detached' });
    await drawn(v.page);
    await expectQuiet(v);
  });

  it('fits a phone of 360 pixels and shows the sheet below the map', async () => {
    const home = alone();
    const v = await visit(browser, `#site=${encodeURIComponent(home.properties.site_id)}`, {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    const sheet = v.page.getByRole('complementary');
    const half = await sheet.boundingBox();
    expect(half?.width).toBe(360);
    expect(half?.y).toBeGreaterThan(300);
    expect(await v.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      360,
    );
    await v.page.getByRole('button', { name: 'Agrandir la fiche' }).click();
    await v.page.waitForFunction(
      (before) => (document.querySelector('aside')?.getBoundingClientRect().height ?? 0) > before,
      half?.height ?? 0,
    );
    await v.page.getByRole('navigation').getByRole('button', { name: 'Statistiques' }).click();
    await v.page.getByTestId('page').waitFor();
    expect(await v.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      360,
    );
    await expectQuiet(v);
  });
});

describe('the IGN base map', () => {
  const style = 'https://data.geopf.fr/annexes/ressources/vectorTiles/styles/PLAN.IGN/attenue.json';
  const ign = {
    id: 'plan-ign',
    label: { fr: 'Plan IGN', en: 'Plan IGN' },
    style_url: style,
    attribution: '© IGN',
  };

  async function offered(): Promise<Awaited<ReturnType<typeof open>>> {
    const v = await open(browser);
    await v.page.route('**/api/config', async (route) => {
      const response = await route.fetch();
      const config = (await response.json()) as { basemaps: { style_url?: string }[] };
      const basemaps = config.basemaps.filter((b) => !b.style_url);
      await route.fulfill({ response, json: { ...config, basemaps: [...basemaps, ign] } });
    });
    return v;
  }

  it('is not asked for until it is chosen, and falls back when it does not answer', async () => {
    const v = await offered();
    await v.page.goto(inject('url'));
    await drawn(v.page);
    expect(v.foreign).toEqual([]);
    await v.page.getByRole('button', { name: 'Couches' }).click();
    await v.page.getByRole('radio', { name: 'Plan IGN' }).click();
    const alert = v.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('revient au fond intégré');
    await drawn(v.page);
    expect((await rendered(v.page, 'sites')).length).toBeGreaterThan(0);
    expect(await v.page.evaluate(() => window.vigieMap.getLayer('land') !== undefined)).toBe(true);
    expect(v.foreign).toEqual([style]);
    await v.context.close();
  });

  it('is drawn under the homes, with its credit, when it answers', async () => {
    const v = await offered();
    await v.page.route('https://data.geopf.fr/**', (route) =>
      route.fulfill({
        headers: { 'Access-Control-Allow-Origin': '*' },
        json: {
          version: 8,
          sources: {},
          layers: [{ id: 'paper', type: 'background', paint: { 'background-color': '#abcdef' } }],
        },
      }),
    );
    await v.page.goto(inject('url'));
    await drawn(v.page);
    await v.page.getByRole('button', { name: 'Couches' }).click();
    await v.page.getByRole('radio', { name: 'Plan IGN' }).check();
    await v.page.waitForFunction(() => window.vigieMap.getLayer('paper') !== undefined);
    await drawn(v.page);
    expect((await rendered(v.page, 'sites')).length).toBeGreaterThan(0);
    expect((await rendered(v.page, 'zones-fill')).length).toBeGreaterThan(0);
    const [paper] = await countPixels(v, '[data-testid=map]', ['#abcdef']);
    expect(paper).toBeGreaterThan(10_000);
    await v.page.getByText('© IGN').waitFor();
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
