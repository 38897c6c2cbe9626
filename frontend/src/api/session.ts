import { request, requestOnce } from './client';
import type { Assignment, Scope, Text } from './types';

/** What an account may do beyond looking, in the words of the server. */
export type Right =
  | 'import'
  | 'edit_sites'
  | 'restricted'
  | 'review'
  | 'report'
  | 'decide'
  | 'study'
  | 'approve'
  | 'users'
  | 'audit';

export interface Choice {
  id: string;
  label: Text;
}

/** An account of the demonstration, public on purpose. */
export interface DemoAccount {
  login: string;
  password: string;
  name: string;
  role_label: Text;
}

export interface AnonymousSession {
  authenticated: false;
  providers?: Choice[];
  demo_accounts?: DemoAccount[];
}

export interface OpenSession {
  authenticated: true;
  user: { id: string; login: string; name: string; has_totp: boolean; has_password: boolean };
  assignments: Assignment[];
  rights: Right[];
  precision: 'none' | 'masked' | 'exact';
  /** Everywhere that some assignment or grant reaches. */
  scope: Scope;
  /** Why this session reads homes; empty until chosen. */
  purpose: string;
  purposes: Choice[];
  expires_at: string;
  /** The server ends a session that asks for nothing during this many seconds. */
  idle_seconds: number;
  providers?: Choice[];
}

export type Session = AnonymousSession | OpenSession;

export async function getSession(signal?: AbortSignal): Promise<Session> {
  return (await requestOnce<Session>('/api/auth/session', { signal })).data;
}

export async function logIn(login: string, password: string, code?: string): Promise<Session> {
  const body = code === undefined ? { login, password } : { login, password, code };
  return (await requestOnce<Session>('/api/auth/login', { method: 'POST', body })).data;
}

/** Ends the session; the answer is where to end the provider's, or empty. */
export async function logOut(): Promise<string> {
  const options = { method: 'POST' } as const;
  return (await requestOnce<{ redirect: string }>('/api/auth/logout', options)).data.redirect;
}

/** Says why this session reads homes. It can be said once. */
export async function choosePurpose(purpose: string): Promise<Session> {
  const options = { method: 'PUT', body: { purpose } } as const;
  return (await requestOnce<Session>('/api/auth/purpose', options)).data;
}

/** Sets a password with the single-use secret of a recovery link, which only ever goes in a body. */
export async function recover(secret: string, password: string): Promise<void> {
  await requestOnce('/api/auth/recovery', { method: 'POST', body: { secret, password } });
}

/** Address that starts a login at an OpenID Connect provider and comes back to a fragment. */
export function providerAddress(provider: string, fragment: string): string {
  const back = encodeURIComponent(fragment === '' ? '/' : `/#${fragment}`);
  return `/api/auth/oidc/${encodeURIComponent(provider)}/login?return=${back}`;
}

export async function changePassword(current: string, next: string): Promise<void> {
  await request('/api/auth/password', { method: 'POST', body: { current, new: next } });
}

/** Starts the enrolment of a second factor (TOTP, RFC 6238). */
export async function startTotp(): Promise<{ secret: string; uri: string }> {
  return (await request<{ secret: string; uri: string }>('/api/auth/totp', { method: 'POST' }))
    .data;
}

export async function confirmTotp(code: string): Promise<void> {
  await request('/api/auth/totp', { method: 'PUT', body: { code } });
}

export async function removeTotp(code: string): Promise<void> {
  await request('/api/auth/totp', { method: 'DELETE', body: { code } });
}

export interface SessionLine {
  id: string;
  current: boolean;
  created_at: string;
  seen_at: string;
  /** The browser, as it names itself. */
  agent: string;
}

export async function listSessions(signal?: AbortSignal): Promise<SessionLine[]> {
  return (await request<{ sessions: SessionLine[] }>('/api/auth/sessions', { signal })).data
    .sessions;
}

/** Ends every session of the account but this one. */
export async function endOtherSessions(): Promise<void> {
  await request('/api/auth/sessions', { method: 'DELETE' });
}

export interface Token {
  id: string;
  name: string;
  purpose: string;
  /** Sees homes as the person does; otherwise masked at most. */
  exact: boolean;
  created_at: string;
  expires_at: string;
  used_at?: string;
}

export interface NewToken {
  name: string;
  purpose: string;
  days: number;
  exact: boolean;
  /** For an exact token, where the account has them. */
  password?: string;
  code?: string;
}

export async function listTokens(signal?: AbortSignal): Promise<Token[]> {
  return (await request<{ tokens: Token[] }>('/api/auth/tokens', { signal })).data.tokens;
}

/** Makes a token; its secret is told this once. */
export async function addToken(token: NewToken): Promise<{ token: Token; secret: string }> {
  const options = { method: 'POST', body: token } as const;
  return (await request<{ token: Token; secret: string }>('/api/auth/tokens', options)).data;
}

export async function dropToken(id: string): Promise<void> {
  await request(`/api/auth/tokens/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
