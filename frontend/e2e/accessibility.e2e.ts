import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sites, type Account } from './api';
import { expectQuiet, launch, visit, visitPage } from './browser';

let browser: Browser;
let engine: string;
let home: string;
beforeAll(async () => {
  browser = await launch();
  engine = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  home = (await sites())[0]?.properties.site_id ?? '';
});
afterAll(() => browser.close());

interface View {
  name: string;
  fragment?: () => string;
  as?: Account | null;
  /** What is clicked before looking. */
  button?: string;
  /** The view has no map. */
  page?: boolean;
}

const views: View[] = [
  { name: 'the map' },
  { name: 'the table', fragment: () => '#table=1' },
  { name: 'a sheet', fragment: () => `#site=${encodeURIComponent(home)}` },
  { name: 'a form', button: 'Ajouter un foyer' },
  { name: 'the layers', button: 'Couches' },
  { name: 'the export', button: 'Exporter' },
  { name: 'the import', fragment: () => '#ws=data', as: 'administration' },
  { name: 'the map of the public', as: null },
  { name: 'the login', as: null, button: 'Se connecter' },
  { name: 'the masked map', as: 'analyste', fragment: () => '#table=1' },
  {
    name: 'a request',
    as: 'analyste',
    fragment: () => '#ws=access',
    button: 'Demander une vue exacte',
    page: true,
  },
  { name: 'the account menu', button: 'Compte de' },
  {
    name: 'the account',
    fragment: () => '#ws=account',
    button: 'Ajouter un second facteur',
    page: true,
  },
  { name: 'requests to decide', fragment: () => '#ws=admin&tab=grants', page: true },
  { name: 'the users', as: 'administration', fragment: () => '#ws=admin', page: true },
  {
    name: 'a user',
    as: 'administration',
    fragment: () => '#ws=admin',
    button: 'Ajouter un compte',
    page: true,
  },
  {
    name: 'the journal',
    as: 'administration',
    fragment: () => '#ws=admin&tab=journal',
    page: true,
  },
  { name: 'the legal notice', as: null, fragment: () => '#ws=notice', page: true },
  { name: 'the statistics', as: null, fragment: () => '#ws=stats', page: true },
];

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it.each(views)(
    '$name breaks no rule of WCAG 2.2 AA that a machine can check',
    async ({ fragment, as, button, page }) => {
      const options = { colorScheme, ...(as === undefined ? {} : { as }) };
      const go = page ? visitPage : visit;
      const v = await go(browser, fragment?.() ?? '', options);
      if (button) await v.page.getByRole('button', { name: button }).first().click();
      await v.page.evaluate(engine);
      const found = await v.page.evaluate(async () => {
        const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
        });
        return violations.map(
          (x) => `${x.id}: ${x.nodes.map((n) => n.target.join(' ')).join(' | ')}`,
        );
      });
      expect(found).toEqual([]);
      await expectQuiet(v);
    },
  );
});

describe('the keyboard', () => {
  it('goes from the skip link through the page, with a visible focus, and back from a sheet', async () => {
    const v = await visit(browser, '#table=1');
    await v.page.keyboard.press('Tab');
    expect(await v.page.evaluate(() => document.activeElement?.className)).toContain('skip');
    await v.page.keyboard.press('Enter');
    expect(await v.page.evaluate(() => document.activeElement?.id)).toBe('main');
    const seen = new Set<string>();
    for (let i = 0; i < 14; i++) {
      await v.page.keyboard.press('Tab');
      const focus = await v.page.evaluate(() => {
        const e = document.activeElement as HTMLElement;
        const style = getComputedStyle(e);
        return {
          name: e.getAttribute('aria-label') ?? e.textContent ?? '',
          outline: style.outlineStyle,
        };
      });
      expect(focus.outline, focus.name).not.toBe('none');
      seen.add(focus.name.trim());
    }
    expect(seen.size).toBeGreaterThan(10);

    const row = v.page.locator('tbody th button').first();
    await row.focus();
    await v.page.keyboard.press('Enter');
    await v.page.getByTestId('site-sheet').waitFor();
    expect(await v.page.evaluate(() => document.activeElement?.tagName)).toBe('ASIDE');
    await v.page.keyboard.press('Escape');
    await v.page.getByTestId('site-sheet').waitFor({ state: 'detached' });
    expect(await row.evaluate((e) => e === document.activeElement)).toBe(true);
    await expectQuiet(v);
  });
});
