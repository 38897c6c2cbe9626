import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { sites } from './api';
import { drawn, expectQuiet, launch, rendered, visit } from './browser';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** Fictitious homes near one that the server knows, so that the map shows them. */
async function goodFile(): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const home = (await sites()).find((s) => s.geometry !== null);
  const [lon, lat] = home?.geometry?.coordinates as [number, number];
  const lines = [
    'site_id;name;category;department_code;longitude;latitude',
    ...[1, 2, 3].map(
      (i) =>
        `E2E-${i};Foyer d’essai ${i};177;${home?.properties.department_code};${lon + i / 1000};${lat}`,
    ),
  ];
  return { name: 'essai.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) };
}

async function check(
  page: Page,
  file: { name: string; mimeType: string; buffer: Buffer },
): Promise<void> {
  await page.setInputFiles('input[type=file]', file);
  await page.getByRole('button', { name: 'Vérifier le fichier' }).click();
}

describe('the import workspace', () => {
  it('refuses a file it can’t read, says why and where, and changes nothing', async () => {
    const before = await sites();
    const v = await visit(browser, '#ws=data', { as: 'administration' });
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256));
    await check(v.page, { name: 'foyers.csv', mimeType: 'text/csv', buffer: bytes });
    const refused = v.page.getByTestId('import-refused');
    await refused.waitFor();
    expect(await refused.textContent()).toContain('foyers.csv');
    expect(await refused.textContent()).toContain('La base n’a pas changé');
    expect(await v.page.getByRole('button', { name: /^Importer \d/ }).count()).toBe(0);
    expect(await sites()).toEqual(before);
    await expectQuiet(v);
  });

  it('groups the problems of a file, with their lines, and filters them', async () => {
    const good = await goodFile();
    const text = good.buffer.toString().replace('E2E-2', 'E2E-1');
    const v = await visit(browser, '#ws=data', { as: 'administration' });
    await check(v.page, {
      ...good,
      buffer: Buffer.from(`${text}\nE2E-4;Foyer vague;177;;abc;def`),
    });
    const report = v.page.getByTestId('import-report');
    await report.waitFor();
    const groups = report.locator('details');
    expect(await groups.first().getAttribute('class')).toContain('error');
    expect(await groups.first().textContent()).toContain('Identifiant en double');
    expect(await groups.first().textContent()).toContain('essai.csv:3');
    const all = await groups.count();
    expect(all).toBeGreaterThan(1);
    await report.getByRole('searchbox').fill('E2E-4');
    expect(await groups.count()).toBeLessThan(all);
    await expectQuiet(v);
  });

  it('previews, imports, draws and undoes a good file', async () => {
    const before = (await sites()).length;
    const v = await visit(browser, '#ws=data', { as: 'administration' });
    await check(v.page, await goodFile());
    const go = v.page.getByRole('button', { name: 'Importer 3 foyers' });
    await go.waitFor();
    expect((await sites()).length).toBe(before);
    await go.click();
    await v.page.getByText('3 foyers : import terminé.').waitFor();
    expect((await sites()).length).toBe(before + 3);
    await v.page.getByRole('button', { name: 'Voir la carte' }).click();
    await drawn(v.page);
    // Whoever imports homes does not see them for that; whoever is in charge of them does.
    expect(await rendered(v.page, 'sites')).toEqual([]);
    const other = await visit(browser);
    expect((await rendered(other.page, 'sites')).map((p) => p.id)).toEqual(
      expect.arrayContaining(['E2E-1', 'E2E-2', 'E2E-3']),
    );
    await expectQuiet(other);

    await v.page.getByRole('navigation').getByRole('button', { name: 'Données' }).click();
    const line = v.page.getByRole('listitem').filter({ hasText: 'essai.csv' }).first();
    await line.getByRole('button', { name: 'Annuler' }).click();
    const dialog = v.page.getByRole('dialog');
    expect(await dialog.textContent()).toContain('Ajouts retirés');
    await dialog.getByRole('button', { name: 'Annuler l’import' }).click();
    await line.getByText(/annulé le/).waitFor();
    expect((await sites()).length).toBe(before);
    await expectQuiet(v);
  });

  it('cancels an upload and says that nothing was written', async () => {
    const v = await visit(browser, '#ws=data', { as: 'administration' });
    await v.page.route(`${inject('url')}/api/imports`, (route) =>
      route.request().method() === 'POST' ? undefined : route.continue(),
    );
    await check(v.page, await goodFile());
    await v.page.getByRole('status').getByRole('button', { name: 'Annuler' }).click();
    await v.page.getByText('Envoi annulé. Rien n’a été écrit.').waitFor();
    await expectQuiet(v);
  });
});
