import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Explanation, Unknown } from '../src/api/exposure';
import type { StatsEdition } from '../src/api/stats';
import type { Site } from '../src/api/types';
import { ask, COOKIE, openSession, sites } from './api';
import { drawn, expectQuiet, launch, launchProfile, rendered, visit, visitPage } from './browser';

let browser: Browser;
let homes: Site[];
beforeAll(async () => {
  browser = await launch();
  homes = await sites();
});
afterAll(() => browser.close());

const scored = () =>
  homes
    .filter((h) => h.properties.exposure_status === 'computed')
    .sort((a, b) => Number(b.properties.exposure_score) - Number(a.properties.exposure_score));
const sheetOf = (h: Site) => `#site=${encodeURIComponent(h.properties.site_id)}`;
const plain = (s: string | null) => (s ?? '').replace(/\s+/g, ' ');

describe('the sheet', () => {
  it('tells the exposure, its interval and its reasons as the server has them', async () => {
    const home = scored()[0] as Site;
    const e = (await (
      await ask(`sites/${home.properties.site_id}/explanation`)
    ).json()) as Explanation;
    const v = await visit(browser, sheetOf(home));
    const exposure = v.page.getByTestId('exposure');
    await exposure.getByText('sur 100').first().waitFor();
    const words = plain(await exposure.textContent());
    expect(words.toLowerCase()).toContain(
      `${e.class_label.fr} ${Math.round(e.score as number)} sur 100`,
    );
    expect(words).toContain(`de ${Math.round(e.low as number)} à ${Math.round(e.high as number)}`);
    for (const r of e.reasons) expect(words).toContain(plain(r.sentence.fr));
    for (const n of e.nearby) expect(words).toContain(plain(n.sentence.fr));
    expect(words).toContain(e.profile.version);
    expect(words).toContain('pas la probabilité qu’un enfant soit victime');
    await expectQuiet(v);
  });

  it('says what is unknown and why, by keyboard', async () => {
    const home = scored()[0] as Site;
    const { unknown } = (await (await ask(`sites/${home.properties.site_id}/unknowns`)).json()) as {
      unknown: Unknown[];
    };
    expect(unknown.length).toBeGreaterThan(0);
    const v = await visit(browser, sheetOf(home));
    const summary = v.page.getByText('Ce qui n’est pas connu, et pourquoi');
    await summary.focus();
    await v.page.keyboard.press('Enter');
    const list = v.page.getByTestId('exposure').locator('dl');
    await list.waitFor();
    const words = plain(await list.textContent());
    for (const u of unknown) {
      expect(words).toContain(plain(u.label.fr));
      expect(words).toContain(plain(u.reason_text.fr));
    }
    await expectQuiet(v);
  });

  it('gives no score to a home without a position, and says why', async () => {
    const home = homes.find((h) => h.geometry === null) as Site;
    const v = await visit(browser, sheetOf(home));
    const exposure = v.page.getByTestId('exposure');
    await exposure.getByText('Exposition inconnue').waitFor();
    expect(plain(await exposure.textContent())).not.toContain('sur 100');
    await expectQuiet(v);
  });

  it('says when the explanation fails, and asks again', async () => {
    const home = scored()[0] as Site;
    const v = await visit(browser);
    let down = true;
    await v.page.route('**/explanation', (route) =>
      down ? route.fulfill({ status: 503, json: { title: 'Indisponible' } }) : route.continue(),
    );
    await v.page.getByRole('button', { name: /^Tableau/ }).click();
    await v.page.getByRole('button', { name: home.properties.name }).first().click();
    const alert = v.page.getByTestId('exposure').getByRole('alert');
    await alert.waitFor();
    down = false;
    await alert.getByRole('button', { name: 'Réessayer' }).click();
    await v.page.getByTestId('exposure').getByText('sur 100').first().waitFor();
    await expectQuiet(v);
  });

  it('tells the probability of being in a zone whenever it is open', async () => {
    const open = homes.find((h) => {
      const p = Number(h.properties.in_zone_probability);
      return h.properties.position_precision === 'house_number' && p > 0.01 && p < 0.99;
    });
    if (!open) throw new Error('the demonstration has no home at the edge of a zone');
    const v = await visit(browser, sheetOf(open));
    await v.page.getByText(/Probabilité que le foyer soit dans une zone/).waitFor();
    await v.page.getByText(/Éditions des zones utilisées.*QPV 2024/).waitFor({
      state: 'attached',
    });
    await expectQuiet(v);
  });
});

describe('the scale of exposure', () => {
  it('colours the map, filters it and sorts the table', async () => {
    const v = await visit(browser, '#table=1');
    await v.page.getByRole('checkbox', { name: 'Limiter à la vue de la carte' }).uncheck();
    const legend = v.page.getByRole('region', { name: 'Légende' });
    const strong = homes.filter((h) => h.properties.exposure_class === '4').length;
    const line = legend.getByRole('button', { name: /^Forte/ });
    expect(await line.locator('.count').textContent()).toBe(String(strong));
    const first = v.page.locator('tbody tr').first();
    expect(await first.textContent()).toContain((scored()[0] as Site).properties.name);
    await line.click();
    await drawn(v.page);
    expect(new Set((await rendered(v.page, 'sites')).map((p) => p.cls))).toEqual(new Set(['4']));
    expect(await v.page.locator('tbody tr').count()).toBe(strong);
    await legend.getByRole('radio', { name: 'Distance' }).check();
    await drawn(v.page);
    expect((await rendered(v.page, 'sites')).length).toBeGreaterThan(strong);
    await expectQuiet(v);
  });
});

describe('the statistics', () => {
  it('offer no measure that the edition gave up', async () => {
    const edition = (await (await ask('stats/latest')).json()) as StatsEdition;
    const v = await visitPage(browser, '#ws=stats', { as: null });
    const measures = v.page.getByLabel('Mesure');
    for (const { id, label, levels } of edition.measures) {
      const option = measures.locator(`option[value="${id}"]`);
      const published = (levels as string[] | null) !== null;
      expect(await option.isEnabled(), id).toBe(published);
      if (!published) continue;
      await measures.selectOption(id);
      await v.page.getByRole('region', { name: plain(label.fr) }).waitFor();
    }
    await v.page.getByText(/La somme des parties peut donc différer/).waitFor();
    await expectQuiet(v);
  });
});

describe('an unknown kind of zones', () => {
  it('is drawn neutrally and listed, never dropped', async () => {
    const v = await visit(browser);
    await v.page.route('**/collections/zones/items*', async (route) => {
      const response = await route.fetch();
      const page = (await response.json()) as { features: { properties: { kind: string } }[] };
      for (const { properties } of page.features)
        if (properties.kind === 'zsp') properties.kind = 'ber';
      await route.fulfill({ response, json: page });
    });
    await v.page.reload();
    await drawn(v.page);
    const kinds = (await rendered(v.page, 'zones-fill')).map((p) => p.kind);
    expect(kinds).toContain('ber');
    const legend = v.page.getByRole('region', { name: 'Légende' });
    await legend.getByRole('button', { name: /^BER/ }).waitFor();
    await expectQuiet(v);
  });
});

describe('the history of the browser', () => {
  /** Everything that Chromium's databases of visits hold, as one text. */
  async function historyOf(folder: string): Promise<string> {
    const files = (await readdir(join(folder, 'Default'))).filter((name) =>
      /^(History|Favicons|Top Sites|Visited Links|Network Action Predictor|Shortcuts)/.test(name),
    );
    const texts = files.map((name) => readFile(join(folder, 'Default', name), 'latin1'));
    return Buffer.from((await Promise.all(texts)).join('\n'), 'latin1').toString('utf8');
  }

  it('names no home, nor where one was looked at', async () => {
    const located = scored().filter((h) => h.geometry !== null);
    const home = located[0] as Site;
    const folder = await mkdtemp(join(tmpdir(), 'vigie-profile-'));
    try {
      const context = await launchProfile(folder);
      const value = await openSession('inspectrice');
      await context.addCookies([{ name: COOKIE, value, url: inject('url'), httpOnly: true }]);
      const page = context.pages()[0] ?? (await context.newPage());
      await page.goto(inject('url'));
      await drawn(page);
      await page.getByRole('button', { name: /^Tableau/ }).click();
      await page.getByRole('button', { name: home.properties.name }).first().click();
      await page.getByTestId('exposure').getByText('sur 100').first().waitFor();
      await drawn(page);
      expect(await page.title()).toBe('Foyer — Vigie');
      await page.getByRole('combobox', { name: /Chercher/ }).fill(home.properties.name);
      await page.getByRole('option').first().click();
      await drawn(page);
      await page.getByRole('button', { name: 'Statistiques' }).click();
      await page.getByTestId('page').waitFor();
      await page.getByRole('button', { name: 'Carte', exact: true }).click();
      await drawn(page);
      await page.getByRole('button', { name: /^Compte de/ }).click();
      await page.getByRole('button', { name: 'Se déconnecter' }).click();
      await page.getByRole('button', { name: 'Se connecter' }).waitFor();
      await context.close();
      const history = await historyOf(folder);
      // It did record the visit.
      expect(history).toContain(inject('url'));
      const secrets = homes.flatMap(({ properties, geometry }) => [
        properties.name,
        properties.site_id,
        ...(geometry?.coordinates ?? []).map((degree) => degree.toFixed(3)),
      ]);
      expect(secrets.filter((secret) => history.includes(secret))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('takes a link out of the address at once, and opens what it names', async () => {
    const home = scored()[0] as Site;
    const v = await visit(browser, `${sheetOf(home)}&dep=00`);
    await v.page.getByTestId('site-sheet').waitFor();
    expect(new URL(v.page.url()).hash).toBe('');
    expect(await v.page.title()).toBe('Foyer — Vigie');
    const other = scored()[1] as Site;
    await v.page.evaluate((hash) => (location.hash = hash), sheetOf(other));
    await v.page.getByRole('heading', { level: 2, name: other.properties.name }).waitFor();
    expect(new URL(v.page.url()).hash).toBe('');
    await expectQuiet(v);
  });

  it('keeps a permalink for the public', async () => {
    const v = await visit(browser, '#at=9.00/46.40000/2.60000', { as: null });
    await v.page.waitForFunction(() => location.hash.includes('at='));
    await v.page.reload();
    await drawn(v.page);
    expect(v.page.url()).toContain('at=9.00/46.40000/2.60000');
    await expectQuiet(v);
  });
});
