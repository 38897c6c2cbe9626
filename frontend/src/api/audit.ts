import { request } from './client';
import type { Text } from './types';

/** One line of the journal: who did what, when, to which ids, why. */
export interface AuditRecord {
  seq: number;
  at: string;
  subject: string;
  action: string;
  layer?: string;
  records?: string[] | null;
  count: number;
  purpose?: string;
}

/** Someone read many homes in a short time. */
export interface Alert {
  subject: string;
  from: string;
  to: string;
  sites: number;
}

export interface AuditPage {
  records: AuditRecord[];
  /** Where the next page starts; null at the end. */
  next: number | null;
  alerts: Alert[];
}

export interface AuditFilter {
  subject: string;
  action: string;
  record: string;
  purpose: string;
  /** Days, YYYY-MM-DD, both included. */
  from: string;
  to: string;
}

export const NO_FILTER: AuditFilter = {
  subject: '',
  action: '',
  record: '',
  purpose: '',
  from: '',
  to: '',
};

export const AUDIT_PAGE = 100;

/** The query of a page of the journal; what is empty is left out, days become instants. */
export function auditQuery(filter: AuditFilter, before: number | null): string {
  const q = new URLSearchParams();
  for (const key of ['subject', 'action', 'record', 'purpose'] as const) {
    const value = filter[key].trim();
    if (value !== '') q.set(key, value);
  }
  if (filter.from !== '') q.set('from', new Date(`${filter.from}T00:00:00`).toISOString());
  if (filter.to !== '') {
    const end = new Date(`${filter.to}T00:00:00`);
    end.setDate(end.getDate() + 1);
    q.set('to', end.toISOString());
  }
  if (before !== null) q.set('before', String(before));
  q.set('limit', String(AUDIT_PAGE));
  return q.toString();
}

export async function readJournal(
  filter: AuditFilter,
  before: number | null,
  signal?: AbortSignal,
): Promise<AuditPage> {
  const path = `/api/audit?${auditQuery(filter, before)}`;
  return (await request<AuditPage>(path, { signal })).data;
}

export interface Verification {
  ok: boolean;
  records: number;
  checkpoints: number;
  broken: { seq: number; reason: Text } | null;
  /** What could not be proved, such as records that no signature covers yet. */
  unproven?: Text[];
}

/** Recomputes the whole chain and checks the signatures. */
export async function verifyJournal(signal?: AbortSignal): Promise<Verification> {
  return (await request<Verification>('/api/audit/verification', { signal })).data;
}

export interface Checkpoint {
  segment: number;
  first_seq: number;
  last_seq: number;
  from: string;
  to: string;
  signed_at: string;
  dropped_at?: string;
}

export async function listCheckpoints(signal?: AbortSignal): Promise<Checkpoint[]> {
  return (await request<{ checkpoints: Checkpoint[] }>('/api/audit/checkpoints', { signal })).data
    .checkpoints;
}
