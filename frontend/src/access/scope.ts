import type { Scope } from '../api/types';

/** How a scope is given by hand. */
export type ScopeKind = 'national' | 'departments' | 'sites';

export interface ScopeDraft {
  kind: ScopeKind;
  /** Codes or identifiers, separated by commas or spaces. */
  list: string;
}

export function scopeDraft(scope: Scope): ScopeDraft {
  if (scope.national) return { kind: 'national', list: '' };
  if (scope.sites?.length) return { kind: 'sites', list: scope.sites.join(', ') };
  return { kind: 'departments', list: (scope.departments ?? []).join(', ') };
}

function items(list: string): string[] {
  return [...new Set(list.split(/[\s,;]+/).filter((item) => item !== ''))];
}

/** The scope of a draft; codes of départements are written in capitals. */
export function scopeOf({ kind, list }: ScopeDraft): Scope {
  switch (kind) {
    case 'national':
      return { national: true };
    case 'departments':
      return { departments: items(list.toUpperCase()) };
    case 'sites':
      return { sites: items(list) };
  }
}

export function isEmptyScope(scope: Scope): boolean {
  return !scope.national && !scope.departments?.length && !scope.sites?.length;
}
