import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Site } from '../src/api/types';
import { correct, record, sites } from './api';
import { drawn, expectQuiet, launch, rendered, visit, type Visit } from './browser';

let browser: Browser;
let near: Site;
beforeAll(async () => {
  browser = await launch();
  near = (await sites()).find((s) => s.geometry !== null) as Site;
});
afterAll(() => browser.close());

const NAME = 'Foyer ajouté à la main';

async function named(name: string): Promise<Site[]> {
  return (await sites()).filter((s) => s.properties.name === name);
}

/** Opens the sheet of a home and one of its tools. */
async function openTool(id: string, tool: string): Promise<Visit> {
  const v = await visit(browser, `#site=${encodeURIComponent(id)}`);
  await v.page.getByTestId('site-sheet').getByRole('button', { name: tool }).click();
  return v;
}

describe('editing by hand', () => {
  it('adds a home where one clicks, once its fields are right', async () => {
    const [lon, lat] = near.geometry?.coordinates as [number, number];
    const v = await visit(browser, `#at=15/${lat}/${lon}`);
    await v.page.getByRole('button', { name: 'Ajouter un foyer' }).click();
    const form = v.page.getByTestId('site-form');
    await form.getByRole('button', { name: 'Ajouter ce foyer' }).click();
    expect(await form.getByText('Ce champ est nécessaire.').count()).toBe(1);
    await v.page.waitForFunction(
      () => document.activeElement?.getAttribute('aria-invalid') === 'true',
    );

    await form.getByLabel('Nom').fill(NAME);
    await form.getByLabel('Capacité (places)').fill('12');
    await form.getByLabel('Département').fill(near.properties.department_code ?? '');
    await form.getByLabel('Code Insee').fill('9');
    await form.getByRole('button', { name: 'Placer sur la carte' }).click();
    const box = await v.page.getByTestId('map').boundingBox();
    if (!box) throw new Error('no map');
    await v.page.mouse.click(box.x + box.width * 0.6, box.y + box.height * 0.4);
    expect(await form.getByLabel('Latitude (degrés)').inputValue()).toMatch(/^\d+\.\d+$/);

    // What only the server knows to be wrong is shown beside its field.
    await form.getByRole('button', { name: 'Ajouter ce foyer' }).click();
    const code = form.getByLabel('Code Insee');
    await form.getByText(/code INSEE de commune a 5 caractères/).waitFor();
    expect(await code.getAttribute('aria-invalid')).toBe('true');
    await code.fill('');
    await form.getByRole('button', { name: 'Ajouter ce foyer' }).click();

    const sheet = v.page.getByTestId('site-sheet');
    await sheet.waitFor();
    expect(await sheet.getByRole('heading', { level: 2 }).textContent()).toBe(NAME);
    expect(await sheet.textContent()).toContain('12 places');
    await drawn(v.page);
    const [added] = await named(NAME);
    expect((await rendered(v.page, 'sites')).map((p) => p.id)).toContain(added?.properties.site_id);
    expect(added?.properties.position_precision).toBe('surveyed');
    await expectQuiet(v);
  });

  it('corrects a home, sending only what changed', async () => {
    const [home] = await named(NAME);
    const id = home?.properties.site_id ?? '';
    const before = await record(id);
    const v = await openTool(id, 'Corriger');
    const form = v.page.getByTestId('site-form');
    await form.getByLabel('Capacité (places)').fill('14');
    const [request] = await Promise.all([
      v.page.waitForRequest((r) => r.method() === 'PATCH'),
      form.getByRole('button', { name: 'Enregistrer les corrections' }).click(),
    ]);
    expect(request.postDataJSON()).toEqual({ capacity: 14 });
    expect(request.headers()['if-match']).toBe(`"${before.version}"`);
    await v.page.getByTestId('site-sheet').getByText('14 places').waitFor();
    expect((await record(id)).capacity).toBe(14);
    await expectQuiet(v);
  });

  it('shows both versions when another person was faster, and loses neither', async () => {
    const [home] = await named(NAME);
    const id = home?.properties.site_id ?? '';
    const v = await openTool(id, 'Corriger');
    const form = v.page.getByTestId('site-form');
    await form.getByLabel('Capacité (places)').fill('20');
    await correct(id, { address: { street: '3 rue de l’Essai' } });
    await form.getByRole('button', { name: 'Enregistrer les corrections' }).click();
    const conflict = form.getByRole('alert');
    await conflict.waitFor();
    const rows = await conflict.locator('tbody tr').allTextContents();
    expect(rows.join()).toContain('20');
    expect(rows.join()).toContain('3 rue de l’Essai');
    expect((await record(id)).capacity).toBe(14);
    await conflict.getByRole('button', { name: 'Garder ma saisie' }).click();
    await form.getByRole('button', { name: 'Enregistrer les corrections' }).click();
    await v.page.getByTestId('site-sheet').getByText('20 places').waitFor();
    const after = await record(id);
    expect(after.capacity).toBe(20);
    expect(after.address.street).toBe('3 rue de l’Essai');
    await expectQuiet(v);
  });

  it('closes a home, shows it among the closed ones and reopens it', async () => {
    const [home] = await named(NAME);
    const id = home?.properties.site_id ?? '';
    const v = await openTool(id, 'Fermer ce foyer');
    await v.page.getByRole('dialog').getByRole('button', { name: 'Fermer ce foyer' }).click();
    await v.page.getByText(`Foyer fermé : ${NAME}.`).waitFor();
    await drawn(v.page);
    expect((await rendered(v.page, 'sites')).map((p) => p.id)).not.toContain(id);
    expect(await named(NAME)).toEqual([]);

    await v.page.getByRole('button', { name: 'Couches' }).click();
    await v.page.getByRole('checkbox', { name: 'Foyers fermés' }).check();
    await v.page.keyboard.press('Escape');
    await v.page.getByRole('combobox', { name: /Chercher/ }).fill(NAME);
    await v.page.getByRole('option').first().waitFor();
    await v.page.keyboard.press('Enter');
    const sheet = v.page.getByTestId('site-sheet');
    await sheet.getByRole('button', { name: 'Rouvrir ce foyer' }).click();
    await sheet.getByRole('button', { name: 'Fermer ce foyer' }).waitFor();
    expect(await named(NAME)).toHaveLength(1);
    await expectQuiet(v);
  });

  it('merges a duplicate into the record that stays', async () => {
    const [home] = await named(NAME);
    const id = home?.properties.site_id ?? '';
    const keep = near.properties.site_id;
    const v = await openTool(keep, 'Fusionner');
    const panel = v.page.getByTestId('merge-panel');
    await panel.getByRole('searchbox').fill(NAME);
    await panel.getByRole('radio').first().check();
    const effect = (await panel.textContent())?.replace(/\s/g, ' ');
    expect(effect).toContain(`« ${NAME} » disparaît de la carte`);
    await panel.getByRole('button', { name: 'Fusionner les deux fiches' }).click();
    await v.page.getByTestId('site-sheet').waitFor();
    expect(await named(NAME)).toEqual([]);
    expect((await sites()).map((s) => s.properties.site_id)).toContain(keep);
    await drawn(v.page);
    expect((await rendered(v.page, 'sites')).map((p) => p.id)).not.toContain(id);
    await expectQuiet(v);
  });
});
