import { createHmac } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { MultiPolygon } from 'geojson';
import type { AuditPage } from '../src/api/audit';
import type { Session } from '../src/api/session';
import { rowsOf, type StatsEdition } from '../src/api/stats';
import type { Site } from '../src/api/types';
import { fr } from '../src/i18n/fr';
import { ask, COOKIE, openSession, passwordOf, sessionOf, sites, type Account } from './api';
import {
  clickAt,
  drawn,
  expectQuiet,
  launch,
  open,
  rendered,
  visit,
  visitPage,
  type Visit,
} from './browser';

let browser: Browser;
let homes: Site[];
beforeAll(async () => {
  browser = await launch();
  homes = await sites();
});
afterAll(() => browser.close());

/** Types a login and a password. */
async function enter(v: Visit, login: string, password: string): Promise<void> {
  const dialog = v.page.getByTestId('login');
  await dialog.waitFor();
  await dialog.getByLabel('Identifiant').fill(login);
  await dialog.getByLabel('Mot de passe', { exact: true }).fill(password);
  await dialog.getByRole('button', { name: 'Se connecter', exact: true }).click();
}

async function choosePurpose(v: Visit, label: RegExp): Promise<void> {
  const dialog = v.page.getByRole('dialog', { name: /Pourquoi/ });
  await dialog.waitFor();
  await dialog.getByLabel(label).check();
  await dialog.getByRole('button', { name: 'Continuer' }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** Workspaces of the rail. */
async function rail(v: Visit): Promise<string[]> {
  const names = await v.page
    .getByRole('navigation', { name: 'Espaces de travail' })
    .getByRole('button')
    .allTextContents();
  return names.map((name) => name.trim());
}

/** The code of RFC 6238 for a secret in base 32, some steps of 30 seconds from now. */
function totp(secret: string, steps = 0): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/[\s=]/g, '')]
    .map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g)?.map((b) => parseInt(b, 2)) ?? []);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', key).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

describe('the public', () => {
  it('sees zones and statistics, and not one home', async () => {
    const asked: string[] = [];
    const v = await open(browser, { as: null });
    v.page.on('request', (r) => asked.push(new URL(r.url()).pathname));
    await v.page.goto(inject('url'));
    await drawn(v.page);
    expect(await rail(v)).toEqual(['Carte', 'Statistiques']);
    expect((await rendered(v.page, 'zones-fill')).length).toBeGreaterThan(0);
    expect(await rendered(v.page, 'sites')).toEqual([]);
    expect(await rendered(v.page, 'cells-fill')).toEqual([]);
    expect(await v.page.getByRole('region', { name: 'Tableau', exact: true }).count()).toBe(0);
    expect(asked.filter((path) => path.includes('/sites'))).toEqual([]);
    await expectQuiet(v);
  });

  it.each(['#ws=admin', '#ws=data', '#ws=account', '#ws=access'])(
    'is asked to log in at %s',
    async (fragment) => {
      const v = await open(browser, { as: null });
      await v.page.goto(`${inject('url')}/${fragment}`);
      await v.page.getByText('Cette page demande un compte.').waitFor();
      expect(await v.page.getByTestId('page').count()).toBe(0);
      await expectQuiet(v);
    },
  );

  it('comes back where it was after the login', async () => {
    const v = await open(browser, { as: null });
    await v.page.goto(`${inject('url')}/#ws=admin&tab=journal`);
    await v.page.getByRole('main').getByRole('button', { name: 'Se connecter' }).click();
    await enter(v, 'administration', await passwordOf('administration'));
    await v.page.getByRole('heading', { name: 'Journal des consultations' }).waitFor();
    await expectQuiet(v);
  });

  it('reads statistics that never take what is hidden for zero', async () => {
    const v = await visitPage(browser, '#ws=stats', { as: null });
    const edition = (await (await ask('stats/latest')).json()) as StatsEdition;
    const measure = edition.measures[0]?.id ?? '';
    const level = edition.measures[0]?.levels[0] ?? 'country';
    const rows = rowsOf(edition, measure, level);
    const table = v.page.locator('tbody tr');
    await table.first().waitFor();
    expect(await table.count()).toBe(rows.length);
    for (const [kind, words] of [
      ['hidden', 'masqué (secret statistique)'],
      ['missing', 'pas de donnée'],
    ]) {
      const expected = rows.filter((r) => r.shown.kind === kind).length;
      expect(await table.getByText(words ?? '').count()).toBe(expected);
    }
    const [download] = await Promise.all([
      v.page.waitForEvent('download'),
      v.page.getByRole('link', { name: 'CSV', exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`vigie-${edition.id}.csv`);
    await v.page.getByRole('heading', { name: 'Le phénomène en France' }).waitFor();
    await expectQuiet(v);
  });
});

describe('the legal notice', () => {
  it('is open to all, says who answers and invents nobody', async () => {
    const v = await visit(browser, '', { as: null });
    await v.page.getByRole('button', { name: 'Mentions' }).click();
    const page = v.page.getByTestId('page');
    await page.getByRole('heading', { name: 'Signaler un problème de sécurité' }).waitFor();
    const told = page.locator('dd').getByText('Démonstration : données fictives');
    expect(await told.count()).toBe(2);
    expect(await v.page.title()).toBe('Vigie — mentions');
    await v.page.getByRole('button', { name: 'Se connecter' }).click();
    await v.page.getByTestId('login').getByRole('button', { name: 'Mentions' }).click();
    await page.waitFor();
    await expectQuiet(v);
  });
});

describe('logging in', () => {
  it('tells of a wrong password without saying what is wrong', async () => {
    const v = await open(browser, { as: null });
    await v.page.goto(`${inject('url')}/#/login`);
    await enter(v, 'inspectrice', 'ce n’est pas le bon');
    const alert = v.page.getByTestId('login').getByRole('alert');
    await alert.waitFor();
    const said = await alert.textContent();
    await Promise.all([
      v.page.waitForResponse((r) => r.url().endsWith('/api/auth/login')),
      enter(v, 'personne.ici', 'ce n’est pas le bon'),
    ]);
    expect(await alert.textContent()).toBe(said);
    expect(await v.page.getByLabel('Mot de passe', { exact: true }).inputValue()).toBe('');
    await expectQuiet(v);
  });

  it('asks once why homes are read, then shows them, and logging out forgets them', async () => {
    const v = await visit(browser, '', { as: null });
    await v.page.getByRole('button', { name: 'Se connecter' }).click();
    await v.page.getByRole('button', { name: /Entrer comme Inspectrice/ }).click();
    await choosePurpose(v, /Contrôle ou visite/);
    await drawn(v.page);
    expect((await rendered(v.page, 'sites')).length).toBeGreaterThan(0);
    expect(await rail(v)).toEqual(['Carte', 'Statistiques', 'Accès']);

    await v.page.reload();
    await drawn(v.page);
    expect(await v.page.getByRole('dialog').count()).toBe(0);
    await v.page.getByRole('button', { name: /^Compte de/ }).click();
    await v.page.getByText('Motif de la session : Contrôle ou visite d’un foyer').waitFor();
    await v.page.getByRole('button', { name: 'Se déconnecter' }).click();
    await v.page.getByRole('button', { name: 'Se connecter' }).waitFor();
    await drawn(v.page);
    expect(await rendered(v.page, 'sites')).toEqual([]);
    expect(v.page.url()).not.toContain('site=');
    await expectQuiet(v);
  });

  it('keeps what was being typed when the session ends, and saves it after', async () => {
    const home = homes.find((h) => h.geometry !== null) as Site;
    const v = await visit(browser, `#site=${encodeURIComponent(home.properties.site_id)}`, {
      session: await openSession('responsable'),
    });
    await v.page.getByTestId('site-sheet').getByRole('button', { name: 'Corriger' }).click();
    const form = v.page.getByTestId('site-form');
    const capacity = (home.properties.capacity ?? 10) + 1;
    await form.getByLabel('Capacité (places)').fill(String(capacity));
    await v.context.clearCookies();
    await form.getByRole('button', { name: 'Enregistrer les corrections' }).click();
    await v.page.getByRole('heading', { name: 'Votre session a pris fin' }).waitFor();
    await enter(v, 'responsable', await passwordOf('responsable'));
    await choosePurpose(v, /Tenue du registre/);
    await v.page.getByTestId('site-sheet').getByText(`${capacity} places`).waitFor();
    await expectQuiet(v);
  });

  it('enrols a second factor, asks for it, and removes it', async () => {
    const v = await visitPage(browser, '#ws=account', { session: await openSession('foyer') });
    await v.page.getByRole('button', { name: 'Ajouter un second facteur' }).click();
    await v.page.getByRole('img', { name: /Code QR/ }).waitFor();
    const secret = (await v.page.locator('.enrol code').textContent()) ?? '';
    await v.page.getByLabel('Code à six chiffres').fill(totp(secret, -1));
    await v.page.getByRole('button', { name: 'Confirmer' }).click();
    await v.page.getByText('Un code est demandé à chaque connexion.').waitFor();

    const w = await open(browser, { as: null });
    await w.page.goto(`${inject('url')}/#/login`);
    await enter(w, 'foyer', await passwordOf('foyer'));
    await w.page.getByText('Mot de passe reconnu.').waitFor();
    await w.page.getByLabel('Code à six chiffres').fill('000000');
    await w.page.getByRole('button', { name: 'Continuer' }).click();
    await w.page.getByTestId('login').getByRole('alert').waitFor();
    await w.page.getByLabel('Code à six chiffres').fill(totp(secret));
    await w.page.getByRole('button', { name: 'Continuer' }).click();
    await w.page.getByRole('dialog', { name: /Pourquoi/ }).waitFor();
    await expectQuiet(w);

    await v.page.getByRole('button', { name: 'Retirer le second facteur' }).click();
    await v.page.getByLabel('Code à six chiffres').fill(totp(secret, 1));
    await v.page.getByRole('button', { name: 'Retirer le second facteur' }).click();
    await v.page.getByRole('button', { name: 'Ajouter un second facteur' }).waitFor();
    await expectQuiet(v);
  });
});

describe('the rail', () => {
  it.each<[Account, string[]]>([
    ['administration', ['Carte', 'Statistiques', 'Données', 'Admin.']],
    ['responsable', ['Carte', 'Implantation', 'Statistiques', 'Admin.']],
    ['planificateur', ['Carte', 'Implantation', 'Statistiques', 'Accès']],
    ['inspectrice', ['Carte', 'Statistiques', 'Accès']],
    ['analyste', ['Carte', 'Statistiques', 'Accès']],
    ['police', ['Carte', 'Statistiques']],
  ])('of %s has its own workspaces', async (as, expected) => {
    const v = await visit(browser, '', { as });
    expect(await rail(v)).toEqual(expected);
    const may = ['responsable', 'inspectrice'].includes(as);
    expect(await v.page.getByRole('button', { name: 'Ajouter un foyer' }).count()).toBe(
      may ? 1 : 0,
    );
    await expectQuiet(v);
  });
});

describe('an analyst', () => {
  it('is shown the département, with the homes that have no cell', async () => {
    const v = await visit(browser, '', { as: 'analyste' });
    const response = await ask('collections/sites/items?limit=10000', { as: 'analyste' });
    const { features } = (await response.json()) as { features: { geometry: unknown }[] };
    const unplaced = features.filter((f) => f.geometry === null).length;
    expect(unplaced).toBeGreaterThan(0);
    const areas = (await (
      await ask('collections/areas/items?level=department', { as: 'analyste' })
    ).json()) as { features: { geometry: MultiPolygon }[] };
    const corners = areas.features.flatMap((f) => f.geometry.coordinates.flat(2));
    // All of the département is in view, and it fills a good part of it.
    const shares = await v.page.evaluate((positions) => {
      const box = window.vigieMap.getContainer().getBoundingClientRect();
      const points = positions.map((p) => window.vigieMap.project(p as [number, number]));
      const inside = points.every(
        (p) => p.x >= 0 && p.y >= 0 && p.x <= box.width && p.y <= box.height,
      );
      const extent = (values: number[]) => Math.max(...values) - Math.min(...values);
      return {
        inside,
        share: Math.max(
          extent(points.map((p) => p.x)) / box.width,
          extent(points.map((p) => p.y)) / box.height,
        ),
      };
    }, corners);
    expect(shares.inside).toBe(true);
    expect(shares.share).toBeGreaterThan(0.5);

    const labels = await rendered(v.page, 'territory-labels');
    expect(labels.map((p) => String(p.words).replace(/\s/g, ' '))).toEqual([
      `${unplaced} foyer${unplaced >= 2 ? 's' : ''} sans secteur`,
    ]);
    const outside = corners.reduce((a, b) => ((b[1] ?? 0) < (a[1] ?? 0) ? b : a));
    await clickAt(v.page, [outside[0] ?? 0, (outside[1] ?? 0) + 0.002], 14);
    const panel = v.page.getByTestId('cell-panel');
    await panel.waitFor();
    expect(await panel.getByRole('listitem').count()).toBe(unplaced);
    await panel.locator('summary').first().click();
    expect(await panel.textContent()).toContain('Distance à la zone la plus proche');
    await expectQuiet(v);
  });

  it('sees homes in cells, without names, until another person agrees to more', async () => {
    const v = await visit(browser, '#table=1', { as: 'analyste' });
    const secrets = homes.flatMap((h) => [h.properties.name, h.properties.site_id]);
    const response = await ask('collections/sites/items?limit=10000', { as: 'analyste' });
    const body = await response.text();
    expect(secrets.filter((s) => body.includes(s))).toEqual([]);
    const { features } = JSON.parse(body) as { features: { id: string; geometry: unknown }[] };
    expect(features.length).toBeGreaterThan(0);

    expect(await rendered(v.page, 'sites')).toEqual([]);
    const cells = await rendered(v.page, 'cells-fill');
    expect(cells.length > 0).toBe(features.some((f) => f.geometry !== null));
    expect(await v.page.locator('tbody tr').count()).toBe(features.length);
    const shown = (await v.page.locator('main').textContent()) ?? '';
    expect(secrets.filter((s) => shown.includes(s))).toEqual([]);
    await v.page.locator('tbody th button').first().click();
    await v.page.getByTestId('cell-panel').getByText('Positions masquées').waitFor();

    // The request, from the panel.
    const panel = v.page.getByTestId('cell-panel');
    await panel.getByRole('button', { name: 'Demander une vue exacte' }).click();
    const dialog = v.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Envoyer la demande' }).click();
    await dialog.getByText('Ce champ est nécessaire.').waitFor();
    await dialog.getByLabel('Motif').fill('Étude des distances aux gares');
    await dialog.getByRole('button', { name: 'Envoyer la demande' }).click();
    await v.page.getByText('Demande envoyée.').waitFor();

    // The decision, by another person.
    const w = await visitPage(browser, '#ws=admin&tab=grants');
    const line = w.page.getByRole('listitem').filter({ hasText: 'Étude des distances aux gares' });
    await line.getByRole('button', { name: 'Décider' }).click();
    await w.page.getByLabel('Raison de la décision').fill('Étude prévue au schéma');
    await w.page.getByLabel(/Durée de l’accès/).fill('7');
    await w.page.getByRole('dialog').getByRole('button', { name: 'Accorder' }).click();
    await line.getByText('Accordée').waitFor();
    // Midnight may pass between the decision and the page.
    expect(await line.textContent()).toMatch(/encore [678]\sjours/);
    await expectQuiet(w);

    // The exact view, then its end by the analyst.
    await v.page.goto(`${inject('url')}/#table=0`);
    await v.page.reload();
    await drawn(v.page);
    expect((await rendered(v.page, 'sites')).length).toBeGreaterThan(0);
    await v.page.getByRole('button', { name: 'Accès' }).click();
    await v.page.getByRole('button', { name: 'Mettre fin à cet accès' }).click();
    await v.page.getByRole('listitem').filter({ hasText: 'Retirée' }).first().waitFor();
    await expectQuiet(v);
  });
});

describe('an administrator', () => {
  it('reads roles, scopes and ends with their spaces', async () => {
    const v = await visitPage(browser, '#ws=admin', { as: 'administration' });
    const cells = (await v.page.locator('tbody td li').allTextContents()).map((t) =>
      t.replace(/\s+/g, ' ').trim(),
    );
    expect(cells.length).toBeGreaterThan(5);
    expect(cells.filter((t) => /\S[—(]|expire/.test(t) && !/ \(expire le .+\)$/.test(t))).toEqual(
      [],
    );
    expect(await v.page.title()).toBe('Comptes — Vigie');
    await expectQuiet(v);
  });

  it('finds words for every action that the journal holds', async () => {
    const met = new Set<string>();
    for (let before = ''; ;) {
      const { records, next } = (await (
        await ask(`audit?limit=1000${before}`, { as: 'administration' })
      ).json()) as AuditPage;
      for (const record of records) met.add(record.action);
      if (next === null) break;
      before = `&before=${next}`;
    }
    expect(met.size).toBeGreaterThan(5);
    const known = Object.keys(fr.admin.actions);
    expect([...met].filter((action) => !known.includes(action))).toEqual([]);
  });

  it('creates an account whose link serves once', async () => {
    const v = await visitPage(browser, '#ws=admin', { as: 'administration' });
    await v.page.getByRole('button', { name: 'Ajouter un compte' }).click();
    const dialog = v.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Créer le compte' }).click();
    expect(await dialog.getByText('Ce champ est nécessaire.').count()).toBe(2);
    await dialog.getByLabel('Prénom et nom').fill('Personne d’essai');
    await dialog.getByLabel('Identifiant').fill('essai.e2e');
    await dialog.getByLabel('Codes des départements').fill('00');
    await dialog.getByRole('button', { name: 'Créer le compte' }).click();
    const link = (await v.page.getByTestId('recovery-link').textContent())?.trim() ?? '';
    expect(new URL(link).pathname).toBe('/');
    await v.page.getByRole('dialog').getByRole('button', { name: 'Fermer' }).click();
    await v.page.getByRole('row', { name: /Personne d’essai/ }).waitFor();

    const password = 'une phrase longue et fictive';
    const w = await open(browser, { as: null });
    const asked: string[] = [];
    w.page.on('request', (r) => asked.push(r.url()));
    await w.page.goto(link);
    const choose = w.page.getByRole('dialog', { name: 'Choisir un mot de passe' });
    await choose.getByLabel('Nouveau mot de passe').fill('trop court');
    await choose.getByLabel(/seconde fois/).fill('trop court');
    await choose.getByRole('button', { name: 'Enregistrer' }).click();
    await choose
      .getByText(/douze caractères au moins/i)
      .last()
      .waitFor();
    await choose.getByLabel('Nouveau mot de passe').fill(password);
    await choose.getByLabel(/seconde fois/).fill(password);
    await choose.getByRole('button', { name: 'Enregistrer' }).click();
    const secret = link.split('/').at(-1) ?? '';
    expect(w.page.url()).not.toContain(secret);
    expect(asked.filter((url) => url.includes(secret))).toEqual([]);
    await enter(w, 'essai.e2e', password);
    await choosePurpose(w, /Étude statistique/);
    await w.page.getByRole('button', { name: 'Compte de Personne d’essai' }).waitFor();
    await expectQuiet(w);

    const again = await open(browser, { as: null });
    await again.page.goto(link);
    const used = again.page.getByRole('dialog', { name: 'Choisir un mot de passe' });
    await used.getByLabel('Nouveau mot de passe').fill(password);
    await used.getByLabel(/seconde fois/).fill(password);
    await used.getByRole('button', { name: 'Enregistrer' }).click();
    await used.getByRole('alert').waitFor();
    await expectQuiet(again);

    await v.page.getByRole('button', { name: 'Personne d’essai' }).click();
    await v.page.getByRole('button', { name: 'Effacer ce compte' }).click();
    await v.page
      .getByRole('dialog', { name: /Effacer le compte/ })
      .getByRole('button', { name: 'Effacer ce compte' })
      .click();
    await v.page.getByRole('row', { name: /Personne d’essai/ }).waitFor({ state: 'detached' });
    await expectQuiet(v);
  });

  it('finds in the journal who read which home, and verifies the chain', async () => {
    const home = homes[0] as Site;
    await ask(`collections/sites/items/${encodeURIComponent(home.properties.site_id)}`);
    const v = await visitPage(browser, '#ws=admin&tab=journal', { as: 'administration' });
    await v.page.getByLabel('Qui', { exact: true }).fill('responsable');
    await v.page.getByLabel('Action').selectOption('read');
    await v.page.getByRole('button', { name: 'Chercher' }).click();
    // The lines of before stay until the answer comes.
    await v.page
      .locator('tbody tr')
      .filter({ hasNotText: 'responsable' })
      .first()
      .waitFor({ state: 'detached' });
    await v.page.locator('tbody tr').first().waitFor();
    for (const row of await v.page.locator('tbody tr').allTextContents()) {
      expect(row).toContain('responsable');
      expect(row).toContain('Consultation');
    }
    await v.page.getByRole('button', { name: 'Vérifier toute la chaîne' }).click();
    await v.page.getByText(/La chaîne est intacte/).waitFor();
    await expectQuiet(v);
  });
});

describe('a token', () => {
  it('is shown once and reads in the name of its owner', async () => {
    const v = await visitPage(browser, '#ws=account', { as: 'inspectrice' });
    await v.page.getByLabel('Nom du jeton').fill('Essai');
    await v.page.getByRole('button', { name: 'Créer le jeton' }).click();
    const secret =
      (await v.page.getByTestId('token-secret').locator('code').first().textContent()) ?? '';
    expect(secret).toMatch(/^vgt_/);
    const read = () =>
      fetch(`${inject('url')}/api/collections/sites`, {
        headers: { Authorization: `Bearer ${secret}` },
      });
    expect((await read()).status).toBe(200);
    await v.page.getByRole('button', { name: 'J’ai copié le secret' }).click();
    expect(await v.page.getByText(secret).count()).toBe(0);
    await v.page.getByRole('button', { name: 'Révoquer le jeton Essai' }).click();
    await v.page.getByText('Jeton révoqué : Essai.').waitFor();
    expect((await read()).status).toBe(401);
    await expectQuiet(v);
  });
});

describe('a session', () => {
  it('is listed with the others of the account, which it ends', async () => {
    const [mine, other] = [await openSession('planificateur'), await openSession('planificateur')];
    const v = await visitPage(browser, '#ws=account', { session: mine });
    const card = v.page.getByRole('region', { name: 'Sessions ouvertes' });
    expect(await card.getByRole('listitem').count()).toBeGreaterThan(1);
    expect(await card.getByText('cette session').count()).toBe(1);
    await card.getByRole('button', { name: 'Fermer les autres sessions' }).click();
    await v.page.getByText('Les autres sessions sont fermées.').waitFor();
    await v.page.waitForFunction(() => document.querySelectorAll('.tag').length === 1);
    expect(await card.getByRole('listitem').count()).toBe(1);
    const still = async (value: string) => {
      const answer = await fetch(`${inject('url')}/api/auth/session`, {
        headers: { Cookie: `${COOKIE}=${value}` },
      });
      return ((await answer.json()) as Session).authenticated;
    };
    expect([await still(mine), await still(other)]).toEqual([true, false]);
    await expectQuiet(v);
  });

  it('gives nothing once it was left, even to whoever kept its cookie', async () => {
    const session = await openSession('inspectrice');
    expect(session).not.toBe(await sessionOf('inspectrice'));
    const v = await visit(browser, '', { session });
    await v.page.getByRole('button', { name: /^Compte de/ }).click();
    await v.page.getByRole('button', { name: 'Se déconnecter' }).click();
    await v.page.getByRole('button', { name: 'Se connecter' }).waitFor();
    const headers = { Cookie: `vigie=${session}` };
    const after = await fetch(`${inject('url')}/api/collections/sites/items`, { headers });
    expect(after.status).toBe(404);
    await expectQuiet(v);
  });
});
