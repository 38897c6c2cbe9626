import { request } from './client';
import type { Assignment, Scope } from './types';

export interface User {
  id: string;
  login: string;
  name: string;
  email?: string;
  assignments: Assignment[] | null;
  disabled?: boolean;
  issuer?: string;
  created_at: string;
  seen_at?: string;
  has_totp: boolean;
  version: number;
}

/** What an administrator may set of an account. */
export interface UserFields {
  login: string;
  name: string;
  email: string;
  assignments: Assignment[];
  disabled?: boolean;
}

/** Single-use secret with which a person sets a password. */
export interface Recovery {
  secret: string;
  expires_at: string;
}

const path = (id: string) => `/api/users/${encodeURIComponent(id)}`;

export async function listUsers(signal?: AbortSignal): Promise<User[]> {
  return (await request<{ users: User[] }>('/api/users', { signal })).data.users;
}

export async function addUser(fields: UserFields): Promise<{ user: User; recovery: Recovery }> {
  const options = { method: 'POST', body: fields } as const;
  return (await request<{ user: User; recovery: Recovery }>('/api/users', options)).data;
}

export async function changeUser(user: User, fields: UserFields): Promise<void> {
  await request(path(user.id), { method: 'PUT', body: fields, version: user.version });
}

/** Erases the account; what the person did stays in the journal until the end of its retention. */
export async function eraseUser(id: string): Promise<void> {
  await request(path(id), { method: 'DELETE' });
}

export async function recoverUser(id: string): Promise<Recovery> {
  return (await request<Recovery>(`${path(id)}/recovery`, { method: 'POST' })).data;
}

export async function endSessionsOf(id: string): Promise<void> {
  await request(`${path(id)}/sessions`, { method: 'DELETE' });
}

export type GrantState = 'requested' | 'approved' | 'refused' | 'revoked' | 'used';

/** A request for more than one's role gives, decided by another person. */
export interface Grant {
  id: string;
  kind: string;
  state: GrantState;
  login: string;
  scope: Scope;
  purpose: string;
  requested_at: string;
  decided_by?: string;
  decided_at?: string;
  reason?: string;
  expires?: string;
  mine: boolean;
  decidable: boolean;
}

export async function listGrants(signal?: AbortSignal): Promise<Grant[]> {
  return (await request<{ grants: Grant[] }>('/api/grants', { signal })).data.grants;
}

export async function requestGrant(kind: string, scope: Scope, purpose: string): Promise<void> {
  await request('/api/grants', { method: 'POST', body: { kind, scope, purpose } });
}

export async function decideGrant(
  id: string,
  decision: { approve: boolean; reason: string; days: number },
): Promise<void> {
  const options = { method: 'POST', body: decision } as const;
  await request(`/api/grants/${encodeURIComponent(id)}/decision`, options);
}

/** Withdraws a request, or ends what it gave. */
export async function endGrant(id: string): Promise<void> {
  await request(`/api/grants/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
