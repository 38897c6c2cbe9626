import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { StudyAnswer, StudyLine, StudyRecord } from '../src/siting/types';
import { ask, passwordOf } from './api';
import { expectQuiet, launch, open, visitPage, type Visit, type VisitOptions } from './browser';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  for (const line of await studies()) {
    await ask(`siting/studies/${line.id}`, {
      as: 'planificateur',
      method: 'DELETE',
      headers: { 'If-Match': `"${line.version}"` },
    });
  }
  await browser.close();
});

async function studies(): Promise<StudyLine[]> {
  const answer = await ask('siting/studies', { as: 'planificateur' });
  return ((await answer.json()) as { studies: StudyLine[] }).studies;
}

async function study(title: string): Promise<StudyRecord> {
  const line = (await studies()).find((s) => s.title === title);
  if (!line) throw new Error(`no study ${title}`);
  return (await (
    await ask(`siting/studies/${line.id}`, { as: 'planificateur' })
  ).json()) as StudyRecord;
}

const page = (options: VisitOptions = {}) =>
  visitPage(browser, '#ws=siting', { as: 'planificateur', ...options });

/** Waits until the surface of the département is on the map. */
async function surveyed(p: Page): Promise<void> {
  await p.locator('[data-testid=study-map][data-drawn=true][aria-busy=false]').waitFor();
}

async function create(p: Page, title: string): Promise<void> {
  await p.getByLabel('Titre de la nouvelle étude').fill(title);
  await p.getByRole('button', { name: 'Créer une étude' }).click();
  await p.getByLabel('Titre', { exact: true }).waitFor();
  await surveyed(p);
}

/** What the legend counts, line by line. */
const legend = (p: Page) =>
  p
    .getByRole('region', { name: /^Aptitude/ })
    .locator('.count')
    .allTextContents();

/** What axe-core finds against WCAG 2.2 AA. */
async function complaintsOf(v: Visit): Promise<string[]> {
  const engine = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await v.page.evaluate(await readFile(engine, 'utf8'));
  return v.page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    });
    return violations.map((x) => `${x.id}: ${x.nodes.map((n) => n.target.join(' ')).join(' | ')}`);
  });
}

describe('the planner', () => {
  it('goes from a need to a ranked short list, with reasons', async () => {
    const v = await open(browser, { as: null });
    const p = v.page;
    await p.goto(inject('url'));
    await p.getByRole('button', { name: 'Se connecter' }).click();
    await p.getByLabel('Identifiant').fill('planificateur');
    await p.getByRole('textbox', { name: 'Mot de passe' }).fill(await passwordOf('planificateur'));
    await p.getByRole('dialog').getByRole('button', { name: 'Se connecter' }).click();
    const why = p.getByRole('dialog', { name: /Pourquoi/ });
    await why.getByRole('radio').first().check();
    await why.getByRole('button').last().click();
    await why.waitFor({ state: 'detached' });
    await p.getByRole('button', { name: 'Implantation' }).click();
    await create(p, 'Douze places au sud');

    await p.getByLabel('Places', { exact: true }).fill('12');
    const before = await legend(p);
    const requests: string[] = [];
    p.on('request', (r) => requests.push(r.url()));
    const weight = p
      .locator('[data-criterion=exposure]')
      .getByRole('spinbutton', { name: /^Poids/ });
    await weight.fill('0.5');
    await weight.press('Tab');
    await expect.poll(() => legend(p)).not.toEqual(before);
    // The browser combined the layers itself.
    expect(requests.filter((url) => url.includes('/api/'))).toEqual([]);

    await p.getByLabel('Type de contrainte').selectOption('zone_distance');
    await p.getByRole('button', { name: 'Ajouter une contrainte' }).click();
    await expect.poll(async () => Number((await legend(p)).at(-1)?.replace(/\D/g, ''))).not.toBe(0);

    await p.getByText('Meilleurs carreaux', { exact: true }).click();
    await p
      .getByRole('button', { name: 'Ajouter aux candidats le carreau 1', exact: true })
      .click();
    await p
      .getByRole('button', { name: 'Ajouter aux candidats le carreau 2', exact: true })
      .click();
    await p.getByRole('button', { name: 'Placer un candidat sur la carte' }).click();
    await p
      .getByTestId('study-map')
      .locator('canvas')
      .click({ position: { x: 200, y: 200 } });
    await p.getByText('3 candidats', { exact: true }).waitFor();

    await p.getByRole('button', { name: 'Enregistrer', exact: true }).click();
    await p.getByText('Enregistrée', { exact: true }).waitFor();
    const saved = await study('Douze places au sud');
    expect(saved.body.candidates.map((c) => c.source)).toEqual(['cell', 'cell', 'map']);

    await p.getByRole('button', { name: 'Comparer les candidats' }).click();
    const answer = p.getByTestId('answer');
    await answer.getByText('Candidats classés').waitFor();
    const told = (await (
      await ask(`siting/studies/${saved.id}/answer`, { as: 'planificateur' })
    ).json()) as StudyAnswer;
    const words = (await answer.textContent())?.replace(/\s+/g, ' ') ?? '';
    for (const c of told.candidates) expect(words).toContain(c.label);
    for (const f of told.candidates.flatMap((c) => c.failed))
      expect(words).toContain(f.text.fr.replace(/\s+/g, ' '));
    expect(words).toContain(told.method.profile.version);
    expect(words).toContain(told.disclaimer.fr.replace(/\s+/g, ' ').slice(0, 40));

    for (const c of told.candidates.slice(0, 2))
      await answer.getByRole('checkbox', { name: `Comparer « ${c.label} »` }).check();
    await answer.getByRole('region', { name: 'Côte à côte' }).waitFor();

    const downloads = p.waitForEvent('download');
    await answer
      .getByRole('button', { name: /GeoJSON/ })
      .first()
      .click();
    expect((await downloads).suggestedFilename()).not.toContain(saved.id);

    // Nothing that browsers keep tells of the study or of its candidates.
    expect(p.url()).not.toContain(saved.id);
    expect(await p.title()).toBe('Vigie — implantation');
    const kept = await p.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    );
    expect(kept).not.toContain(saved.id);
    await expectQuiet(v);
  });

  it('chooses several places at once, with the bound', async () => {
    const v = await page();
    const p = v.page;
    await create(p, 'Deux foyers');
    await p.getByLabel('Chercher où ouvrir plusieurs foyers').check();
    const form = p.getByTestId('allocation');
    await form.getByLabel('Modèle').selectOption('dispersion');
    await form.getByLabel('À choisir parmi').selectOption('cells');
    await form.getByRole('button', { name: 'Chercher', exact: true }).click();
    await form.getByText('Lieux retenus').waitFor();
    expect(await form.locator('ol li').count()).toBe(2);
    expect(await form.textContent()).toMatch(/Optimum (non )?prouvé/);
    await expectQuiet(v);
  });

  it('reads a file of candidates, with its problems located, before adding any', async () => {
    const v = await page();
    const p = v.page;
    await create(p, 'Fichier');
    const csv = 'id;nom;longitude;latitude\nA;Mairie;2,6;46,4\nB;Nulle part;;\n';
    await p.getByLabel('Charger des candidats (CSV ou GeoJSON)').setInputFiles({
      name: 'candidats.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(csv),
    });
    await p
      .getByText(/candidats\.csv:3/)
      .first()
      .waitFor();
    expect((await study('Fichier')).body.candidates).toEqual([]);
    await p.getByRole('button', { name: /^Ajouter 1 élément/ }).click();
    await p.getByText('1 élément ajouté.').waitFor();
    expect((await study('Fichier')).body.candidates.map((c) => c.label)).toEqual(['Mairie']);
    await expectQuiet(v);
  });

  it('loses neither version when two people save', async () => {
    const v = await page();
    const p = v.page;
    await create(p, 'Conflit');
    const theirs = await study('Conflit');
    await ask(`siting/studies/${theirs.id}`, {
      as: 'planificateur',
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', 'If-Match': `"${theirs.version}"` },
      body: JSON.stringify({ state: theirs.state, body: { ...theirs.body, note: 'Vue' } }),
    });
    await p.getByLabel('Places', { exact: true }).fill('8');
    await p.getByRole('button', { name: 'Enregistrer', exact: true }).click();
    const conflict = p.getByRole('alert').filter({ hasText: 'a changé entre-temps' });
    await conflict.getByText('Vue').waitFor();
    await conflict.getByRole('button', { name: /^Réunir/ }).click();
    await p.getByText('Enregistrée', { exact: true }).waitFor();
    const merged = await study('Conflit');
    expect(merged.body.note).toBe('Vue');
    expect(merged.body.need.capacity).toBe(8);
    await expectQuiet(v);
  });

  it('is warned of unsaved changes, duplicates and deletes', async () => {
    const v = await page();
    const p = v.page;
    await create(p, 'Brouillon');
    await p.getByLabel('Note').fill('À revoir');
    await p.getByRole('button', { name: 'Toutes les études' }).click();
    await p.getByRole('button', { name: 'Enregistrer et quitter' }).click();
    await p.getByRole('button', { name: 'Dupliquer « Brouillon »' }).click();
    await p.getByLabel('Titre', { exact: true }).fill('Brouillon bis');
    await p.getByRole('button', { name: 'Toutes les études' }).click();
    await p.getByRole('button', { name: 'Enregistrer et quitter' }).click();
    await p.getByRole('button', { name: 'Supprimer « Brouillon bis »' }).click();
    await p.getByRole('dialog').getByRole('button', { name: 'Supprimer' }).click();
    await p.getByText('Étude supprimée.').waitFor();
    const titles = (await studies()).map((s) => s.title);
    expect(titles).toContain('Brouillon');
    expect(titles).not.toContain('Brouillon bis');
    await expectQuiet(v);
  });
});

describe('the page', () => {
  it.each(['light', 'dark'] as const)('has nothing for axe to say in %s', async (colorScheme) => {
    const v = await page({ colorScheme });
    expect(await complaintsOf(v)).toEqual([]);
    await create(v.page, `Accessible ${colorScheme}`);
    expect(await complaintsOf(v)).toEqual([]);
    await expectQuiet(v);
  });

  it('fits a phone', async () => {
    const v = await page({ viewport: { width: 360, height: 740 } });
    await create(v.page, 'Téléphone');
    const over = await v.page.evaluate(() => {
      const p = document.querySelector('[data-testid=page]');
      return p === null ? null : p.scrollWidth - p.clientWidth;
    });
    expect(over).toBe(0);
    await expectQuiet(v);
  });

  it('says when the surface fails, and asks again', async () => {
    const v = await page();
    let down = true;
    await v.page.route('**/api/siting/surface?*', (route) =>
      down ? route.fulfill({ status: 503, json: { title: 'Indisponible' } }) : route.continue(),
    );
    await v.page.getByLabel('Titre de la nouvelle étude').fill('Panne');
    await v.page.getByRole('button', { name: 'Créer une étude' }).click();
    const alert = v.page.getByRole('alert').filter({ hasText: 'Indisponible' });
    await alert.waitFor();
    down = false;
    await alert.getByRole('button', { name: 'Réessayer' }).click();
    await surveyed(v.page);
    await expectQuiet(v);
  });

  it('is closed to whoever runs no study', async () => {
    const v = await open(browser, { as: 'analyste' });
    await v.page.goto(`${inject('url')}/#ws=siting`);
    await v.page.getByRole('navigation').first().waitFor();
    expect(await v.page.getByRole('button', { name: 'Implantation' }).count()).toBe(0);
    expect(await v.page.getByLabel('Titre de la nouvelle étude').count()).toBe(0);
    await expectQuiet(v);
  });
});
