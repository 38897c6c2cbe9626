import { inject } from 'vitest';
import type { DemoAccount } from '../src/api/session';
import type { Site, SiteRecord, Zone } from '../src/api/types';

/** Accounts of the demonstration, by login. */
export type Account =
  | 'administration'
  | 'responsable'
  | 'inspectrice'
  | 'planificateur'
  | 'analyste'
  | 'foyer'
  | 'police';

/** Name of the session's cookie on loopback HTTP. */
export const COOKIE = 'vigie';

let accounts: DemoAccount[] | undefined;

/** The password of a demonstration account, which the server itself tells. */
export async function passwordOf(account: Account): Promise<string> {
  accounts ??= (
    (await (await fetch(`${inject('url')}/api/auth/session`)).json()) as {
      demo_accounts: DemoAccount[];
    }
  ).demo_accounts;
  const found = accounts.find((a) => a.login === account);
  if (!found) throw new Error(`no demonstration account ${account}`);
  return found.password;
}

/** Opens a session through the API and gives its cookie; without a purpose it sees no home yet. */
export async function openSession(
  account: Account,
  purpose: string | null = 'inspection',
): Promise<string> {
  const post = (method: string, path: string, body: object, cookie = '') =>
    fetch(`${inject('url')}/api/auth/${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', Cookie: cookie },
      body: JSON.stringify(body),
    });
  const login = await post('POST', 'login', {
    login: account,
    password: await passwordOf(account),
  });
  if (!login.ok) throw new Error(`${account}: ${await login.text()}`);
  const value = login.headers
    .getSetCookie()
    .map((line) => /^vigie=([^;]+)/.exec(line)?.[1])
    .find((v) => v !== undefined);
  if (!value) throw new Error(`${account}: no cookie`);
  if (purpose !== null) {
    const chosen = await post('PUT', 'purpose', { purpose }, `${COOKIE}=${value}`);
    if (!chosen.ok) throw new Error(`${account}: ${await chosen.text()}`);
  }
  return value;
}

const sessions = new Map<Account, Promise<string>>();

/** The cookie of a session that the tests of a file share. */
export function sessionOf(account: Account): Promise<string> {
  let session = sessions.get(account);
  if (!session) {
    session = openSession(account);
    sessions.set(account, session);
  }
  return session;
}

/** Asks the server apart from the interface, as a person. */
export async function ask(
  path: string,
  { as = 'responsable', ...init }: RequestInit & { as?: Account } = {},
): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Cookie', `${COOKIE}=${await sessionOf(as)}`);
  const response = await fetch(`${inject('url')}/api/${path}`, { ...init, headers });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}

async function items<T>(path: string): Promise<T[]> {
  const response = await ask(`collections/${path}`);
  return ((await response.json()) as { features: T[] }).features;
}

export const sites = () => items<Site>('sites/items?limit=10000');
export const zones = () => items<Zone>('zones/items?limit=10000');

export async function record(id: string): Promise<SiteRecord> {
  return (await (await ask(`sites/${encodeURIComponent(id)}`)).json()) as SiteRecord;
}

/** Changes a home behind the interface's back, as another person would. */
export async function correct(id: string, fields: object): Promise<void> {
  const { version } = await record(id);
  await ask(`sites/${encodeURIComponent(id)}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/merge-patch+json', 'If-Match': `"${version}"` },
    body: JSON.stringify(fields),
  });
}
