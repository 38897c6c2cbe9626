import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openSession, sites, type Account } from './api';
import { drawn, expectQuiet, launch, visit, type Visit } from './browser';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** All that the browser keeps for Vigie, but for cookies, which no script can read. */
interface Kept {
  local: Record<string, string>;
  session: Record<string, string>;
  databases: string[];
  caches: string[];
  workers: number;
  /** Cookies that scripts can read. */
  cookies: string;
}

function kept(page: Page): Promise<Kept> {
  return page.evaluate(async () => ({
    local: { ...localStorage } as Record<string, string>,
    session: { ...sessionStorage } as Record<string, string>,
    databases: (await indexedDB.databases()).map((d) => d.name ?? ''),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    cookies: document.cookie,
  }));
}

/** The language chosen is the only thing that a browser keeps while in use. */
const LANGUAGE_ONLY: Kept = {
  local: { lang: 'en' },
  session: {},
  databases: [],
  caches: [],
  workers: 0,
  cookies: '',
};

/** The logout has it all cleared, the choice of the language too: as at a first visit. */
const FIRST_VISIT: Kept = { ...LANGUAGE_ONLY, local: { lang: 'fr' } };

async function choosesEnglish(v: Visit): Promise<void> {
  await v.page.getByRole('button', { name: /English/ }).click();
  await v.page.getByRole('region', { name: 'Legend' }).waitFor();
}

async function leaves(v: Visit, secrets: string[]): Promise<void> {
  await v.page.getByRole('button', { name: /^Account of/ }).click();
  await v.page.getByRole('button', { name: 'Log out' }).click();
  await v.page.getByRole('button', { name: 'Se connecter' }).waitFor();
  await drawn(v.page);
  expect(await kept(v.page)).toEqual(FIRST_VISIT);
  expect(await v.context.cookies()).toEqual([]);
  const shown = v.page.url() + (await v.page.content());
  expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
  await v.page.goBack().catch(() => null);
  const before = v.page.url() + (await v.page.content());
  expect(secrets.filter((secret) => before.includes(secret))).toEqual([]);
}

async function visitAs(account: Account): Promise<Visit> {
  return visit(browser, '', { session: await openSession(account) });
}

describe('a browser', () => {
  it('keeps nothing of homes seen exactly, nor of the person once they left', async () => {
    const homes = await sites();
    const home = homes.find((h) => h.geometry !== null);
    const name = home?.properties.name ?? '';
    const v = await visitAs('responsable');
    await choosesEnglish(v);
    await v.page.getByRole('button', { name: /^Table/ }).click();
    await v.page.locator('tbody th button').first().click();
    await v.page.getByTestId('site-sheet').waitFor();
    await v.page.getByRole('combobox').first().fill(name);
    await v.page.getByRole('option').first().click();
    await drawn(v.page);
    await v.page.getByRole('navigation').getByRole('button', { name: 'Admin' }).click();
    await v.page.getByTestId('page').waitFor();
    expect(await kept(v.page)).toEqual(LANGUAGE_ONLY);
    await leaves(v, [...homes.map((h) => h.properties.name), 'Responsable (démonstration)']);
    await expectQuiet(v);
  });

  it('keeps nothing of masked homes', async () => {
    const response = await ask('collections/sites/items?limit=10000', { as: 'analyste' });
    const { features } = (await response.json()) as { features: { id: string }[] };
    const v = await visitAs('analyste');
    await choosesEnglish(v);
    await v.page.getByRole('button', { name: /^Table/ }).click();
    await v.page.locator('tbody th button').first().click();
    await v.page.getByTestId('cell-panel').waitFor();
    expect(await kept(v.page)).toEqual(LANGUAGE_ONLY);
    await leaves(v, [...features.map((f) => f.id), 'Analyste (démonstration)']);
    await expectQuiet(v);
  });

  it('keeps nothing of an imported file', async () => {
    const v = await visitAs('administration');
    await choosesEnglish(v);
    await v.page.getByRole('navigation').getByRole('button', { name: 'Data' }).click();
    const name = 'Foyer jamais gardé';
    await v.page.setInputFiles('input[type=file]', {
      name: 'traces.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(
        `site_id;name;category;department_code;longitude;latitude\nT-1;${name};177;00;2.2;46.5\n`,
      ),
    });
    await v.page.getByRole('button', { name: 'Check the file' }).click();
    await v.page.getByTestId('import-report').waitFor();
    expect(await kept(v.page)).toEqual(LANGUAGE_ONLY);
    await leaves(v, [name, 'traces.csv', 'Administration (démonstration)']);
    await expectQuiet(v);
  });

  it('is told to store no answer about homes', async () => {
    for (const path of ['collections/sites/items?limit=1', 'collections/sites/schema']) {
      const response = await ask(path);
      expect(response.headers.get('Cache-Control'), path).toContain('no-store');
    }
  });
});
