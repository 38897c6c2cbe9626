import type { Grant, GrantState } from '../api/accounts';
import type { Scope } from '../api/types';
import { integer } from '../i18n/format';
import { m } from '../i18n/index.svelte';

/** A scope in words; départements by their names. */
export function scopeWords(scope: Scope, departmentName: (code: string) => string): string {
  const words: string[] = [];
  if (scope.national) words.push(m().scope.national);
  const { departments = [], sites = [] } = scope;
  if (departments.length > 0) {
    const names = departments.map((code) => {
      const name = departmentName(code);
      return name === code ? code : `${name} (${code})`;
    });
    words.push(m().scope.departments(departments.length, names.join(', ')));
  }
  if (sites.length > 0) words.push(m().scope.sites(sites.length, sites.join(', ')));
  return words.length === 0 ? m().scope.empty : words.join(' ; ');
}

export type ShownState = GrantState | 'expired';

/** Where a grant stands: expiry is a date, not a state of the server. */
export function grantState(grant: Grant, now: Date): ShownState {
  const over = grant.expires !== undefined && new Date(grant.expires) <= now;
  return grant.state === 'approved' && over ? 'expired' : grant.state;
}

const DAY_MS = 86_400_000;

/** Days left until an instant, rounded up, in words. */
export function daysLeft(iso: string, now: Date): string {
  const days = Math.max(0, Math.ceil((new Date(iso).getTime() - now.getTime()) / DAY_MS));
  return m().account.days(days, integer(days));
}
