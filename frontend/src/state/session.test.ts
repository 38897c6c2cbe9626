import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, request } from '../api/client';
import type { OpenSession } from '../api/session';
import { SessionState } from './session.svelte';

const OPEN: OpenSession = {
  authenticated: true,
  user: { id: 'u1', login: 'a.fictif', name: 'A. Fictif', has_totp: false, has_password: true },
  assignments: [],
  rights: ['edit_sites'],
  precision: 'exact',
  scope: { departments: ['00'] },
  purpose: '',
  purposes: [{ id: 'inspection', label: { fr: 'Inspection', en: 'Inspection' } }],
  expires_at: '2026-11-25T00:00:00Z',
  idle_seconds: 900,
};
const CLOSED = { authenticated: false };

/** The answers of the server, in turn, by method and path. */
let script: Map<string, [number, unknown][]>;
let sent: { call: string; body: string }[];
function answers(call: string, ...list: [number, unknown][]): void {
  script.set(call, list);
}
const problem = (code: string) => ({ title: code, code });

let reload: () => void;
let session: SessionState;
beforeEach(() => {
  script = new Map();
  sent = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    const call = `${init.method} ${path}`;
    sent.push({ call, body: String(init.body ?? '') });
    const list = script.get(call) ?? [];
    const [status, body] = (list.length > 1 ? list.shift() : list[0]) ?? [404, null];
    return new Response(body === null ? null : JSON.stringify(body), { status });
  });
  reload = vi.fn();
  session = new SessionState(reload);
  session.info = OPEN;
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const count = (call: string) => sent.filter((s) => s.call === call).length;
const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true));

describe('a request that needs a purpose', () => {
  it('waits for the choice, made once for all that wait, then is sent again', async () => {
    answers('GET /api/a', [403, problem('purpose-required')], [200, { a: 1 }]);
    answers('GET /api/b', [403, problem('purpose-required')], [200, { b: 2 }]);
    answers('PUT /api/auth/purpose', [200, { ...OPEN, purpose: 'inspection' }]);
    const both = Promise.all([request('/api/a'), request('/api/b')]);
    await until(() => session.purpose.open && count('GET /api/b') === 1);
    await session.choose('inspection');
    expect((await both).map((r) => r.data)).toEqual([{ a: 1 }, { b: 2 }]);
    expect(count('PUT /api/auth/purpose')).toBe(1);
    expect(session.open?.purpose).toBe('inspection');
    expect(session.purpose.open).toBe(false);
  });

  it('fails with its reason when the user declines', async () => {
    answers('GET /api/a', [403, problem('purpose-required')]);
    const refused = expect(request('/api/a')).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'purpose-required',
    });
    await until(() => session.purpose.open);
    session.purpose.answer(false);
    await refused;
  });
});

describe('a session that expired', () => {
  it.each([
    ['is refused', 401, 'authentication-required'],
    ['no longer sees the record', 404, 'not-found'],
  ])('asks to log in when a request %s, and goes on as before', async (_, status, code) => {
    answers('PATCH /api/sites/1', [status, problem(code)], [200, { id: '1' }]);
    answers('GET /api/auth/session', [200, CLOSED]);
    answers('POST /api/auth/login', [200, OPEN]);
    const body = { name: 'Saisie en cours' };
    const saved = request('/api/sites/1', { method: 'PATCH', body });
    await until(() => session.login.open);
    expect(session.expired).toBe(true);
    await session.logIn('a.fictif', 'secret');
    expect((await saved).data).toEqual({ id: '1' });
    expect(sent.filter((s) => s.call.startsWith('PATCH')).map((s) => s.body)).toEqual([
      JSON.stringify(body),
      JSON.stringify(body),
    ]);
    expect(session.expired).toBe(false);
    expect(reload).not.toHaveBeenCalled();
  });

  it('does not mistake what does not exist for its end', async () => {
    answers('GET /api/sites/9', [404, problem('not-found')]);
    answers('GET /api/auth/session', [200, OPEN]);
    await expect(request('/api/sites/9')).rejects.toBeInstanceOf(ApiError);
    expect(session.login.open).toBe(false);
  });

  it('forgets everything when another person logs in, or nobody does', async () => {
    answers('GET /api/auth/session', [200, CLOSED]);
    answers('GET /api/a', [401, problem('authentication-required')]);
    const other = { ...OPEN, user: { ...OPEN.user, id: 'u2' } };
    answers('POST /api/auth/login', [200, other]);
    void request('/api/a').catch(() => undefined);
    await until(() => session.login.open);
    expect(await session.logIn('b', 'secret')).toBe(false);
    expect(reload).toHaveBeenCalledTimes(1);
    expect(session.open?.user.id).toBe('u1');
    session.decline();
    expect(reload).toHaveBeenCalledTimes(2);
  });

  it('is noticed on a page that nobody uses', async () => {
    answers('GET /api/auth/session', [200, CLOSED]);
    const now = Date.now();
    session.info = { ...OPEN, expires_at: new Date(now + 3_600_000).toISOString() };
    await session.check(now + 600_000);
    expect(session.login.open).toBe(false);
    await session.check(now + 960_000);
    expect(session.login.open).toBe(true);
    expect(session.expired).toBe(true);
  });
});

describe('a refused login', () => {
  it('is told to the caller and asks nothing', async () => {
    answers('POST /api/auth/login', [401, problem('invalid-credentials')]);
    await expect(session.logIn('a', 'b')).rejects.toMatchObject({ code: 'invalid-credentials' });
    expect(session.login.open).toBe(false);
  });
});
