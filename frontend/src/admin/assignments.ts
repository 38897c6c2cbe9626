import { isEmptyScope, scopeDraft, scopeOf, type ScopeDraft } from '../access/scope';
import type { Assignment } from '../api/types';

/** A role of an account as it is being typed. */
export interface AssignmentDraft {
  role: string;
  scope: ScopeDraft;
  restricted: boolean;
  missionOrder: string;
  /** Last day, YYYY-MM-DD, or empty. */
  until: string;
}

export const NEW_ASSIGNMENT: AssignmentDraft = {
  role: 'analyst',
  scope: { kind: 'departments', list: '' },
  restricted: false,
  missionOrder: '',
  until: '',
};

const pad = (n: number) => String(n).padStart(2, '0');

/** The last day on which an assignment holds, in the user's time zone: it ends the next midnight. */
export function lastDay(expires: string): string {
  const d = new Date(new Date(expires).getTime() - 1);
  return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`;
}

/** The midnight that ends a day, in the user's time zone. */
export function endOf(day: string): string {
  const end = new Date(`${day}T00:00:00`);
  end.setDate(end.getDate() + 1);
  return end.toISOString();
}

export function assignmentDraft(a: Assignment): AssignmentDraft {
  return {
    role: a.role,
    scope: scopeDraft(a.scope),
    restricted: a.restricted ?? false,
    missionOrder: a.mission_order ?? '',
    until: a.expires ? lastDay(a.expires) : '',
  };
}

/** The assignment of a draft; what it does not say is left out. */
export function assignmentOf(draft: AssignmentDraft): Assignment {
  const out: Assignment = { role: draft.role, scope: scopeOf(draft.scope) };
  if (draft.restricted) out.restricted = true;
  if (draft.missionOrder.trim() !== '') out.mission_order = draft.missionOrder.trim();
  if (draft.until !== '') out.expires = endOf(draft.until);
  return out;
}

/** What an assignment lacks before it is worth sending, by field. */
export function lacks(draft: AssignmentDraft): ('scope' | 'missionOrder' | 'until')[] {
  const out: ('scope' | 'missionOrder' | 'until')[] = [];
  if (isEmptyScope(scopeOf(draft.scope))) out.push('scope');
  if (draft.scope.kind === 'national') {
    if (draft.missionOrder.trim() === '') out.push('missionOrder');
    if (draft.until === '') out.push('until');
  }
  return out;
}
