import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sites } from './api';
import { expectQuiet, launch, visit } from './browser';

let browser: Browser;
let engine: string;
let home: string;
beforeAll(async () => {
  browser = await launch();
  engine = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  home = (await sites())[0]?.properties.site_id ?? '';
});
afterAll(() => browser.close());

const views: [string, () => string, string | null][] = [
  ['the map', () => '', null],
  ['the table', () => '#table=1', null],
  ['a sheet', () => `#site=${encodeURIComponent(home)}`, null],
  ['a form', () => '', 'Ajouter un foyer'],
  ['the layers', () => '', 'Couches'],
  ['the import', () => '#ws=data', null],
  ['the export', () => '', 'Exporter'],
];

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it.each(views)(
    '%s breaks no rule of WCAG 2.2 AA that a machine can check',
    async (_, fragment, button) => {
      const v = await visit(browser, fragment(), { colorScheme });
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
