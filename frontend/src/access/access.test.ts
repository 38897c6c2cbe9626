import { describe, expect, it } from 'vitest';
import type { Grant } from '../api/accounts';
import { isEmptyScope, scopeDraft, scopeOf } from './scope';
import { daysLeft, grantState, scopeWords } from './words';

describe('a scope', () => {
  it.each([
    [{ national: true }],
    [{ departments: ['01', '2A'] }],
    [{ sites: ['000000018', 'F-2'] }],
  ])('survives the form: %j', (scope) => {
    expect(scopeOf(scopeDraft(scope))).toEqual(scope);
  });

  it('is read as people type it', () => {
    const typed = { kind: 'departments', list: ' 01;2a  974, 01,' } as const;
    expect(scopeOf(typed)).toEqual({ departments: ['01', '2A', '974'] });
    expect(isEmptyScope(scopeOf({ kind: 'sites', list: ' , ' }))).toBe(true);
    expect(isEmptyScope({ national: true })).toBe(false);
  });

  it('is said in words', () => {
    const name = (code: string) => (code === '01' ? 'Ain' : code);
    expect(scopeWords({ departments: ['01', '00'] }, name)).toBe('départements Ain (01), 00');
    expect(scopeWords({ national: true }, name)).toBe('toute la France');
    expect(scopeWords({ departments: ['01'], sites: ['F-1'] }, name)).toBe(
      'département Ain (01) ; foyer F-1',
    );
    expect(scopeWords({}, name)).toBe('nulle part');
  });
});

describe('a grant', () => {
  const now = new Date('2026-11-24T12:00:00Z');
  const grant: Grant = {
    id: 'g1',
    kind: 'exact',
    state: 'approved',
    login: 'a',
    scope: { departments: ['00'] },
    purpose: 'Étude',
    requested_at: '2026-11-20T08:00:00Z',
    expires: '2026-11-26T11:00:00Z',
    mine: true,
    decidable: false,
  };

  it('expires on its day, whatever its state says', () => {
    expect(grantState(grant, now)).toBe('approved');
    expect(grantState(grant, new Date('2026-11-26T11:00:00Z'))).toBe('expired');
    expect(grantState({ ...grant, state: 'revoked' }, new Date('2027-01-01'))).toBe('revoked');
  });

  it('tells the days that are left, the last one included', () => {
    expect(daysLeft('2026-11-26T11:00:00Z', now)).toBe('2 jours');
    expect(daysLeft('2026-11-24T13:00:00Z', now)).toBe('1 jour');
    expect(daysLeft('2026-11-01T00:00:00Z', now)).toBe('0 jour');
  });
});
