import { lastAnswer, setRemedy, type ApiError } from '../api/client';
import {
  choosePurpose,
  getSession,
  logIn,
  logOut,
  type AnonymousSession,
  type OpenSession,
  type Right,
  type Session,
} from '../api/session';

/** A question put to the user while requests wait for its answer. */
class Question {
  open = $state(false);
  #asked: Promise<boolean> | null = null;
  #settle: ((answered: boolean) => void) | null = null;

  /** Asks, or joins those who wait for the same answer; resolves to false when declined. */
  ask(): Promise<boolean> {
    this.open = true;
    this.#asked ??= new Promise((resolve) => (this.#settle = resolve));
    return this.#asked;
  }

  answer(answered: boolean): void {
    this.open = false;
    this.#settle?.(answered);
    this.#asked = this.#settle = null;
  }
}

/** How often the delays of a session are looked at, and how late the server is given to be. */
const WATCH_MS = 15_000;
const GRACE_MS = 5_000;

/** Tabs of one browser share a session: when one leaves, all forget. */
const CHANNEL = 'vigie-session';

/** Who is looking, and what they may do. */
export class SessionState {
  /** Null until the server has said. */
  info = $state.raw<Session | null>(null);
  /** How one may log in, as the server last told. */
  ways = $state.raw<AnonymousSession>({ authenticated: false });
  /** The session ended while the page was in use; what was typed is still there. */
  expired = $state(false);
  /** Code of what went wrong at a provider. */
  loginError = $state('');
  /** Secret of a recovery link, taken out of the address. */
  recovery = $state('');
  readonly login = new Question();
  readonly purpose = new Question();

  readonly open = $derived<OpenSession | null>(this.info?.authenticated ? this.info : null);

  readonly #reload: () => void;
  #channel: BroadcastChannel | null = null;

  /** @param reload starts the page anew, which destroys all it holds */
  constructor(reload: () => void = () => location.reload()) {
    this.#reload = reload;
    setRemedy((error) => this.remedy(error));
  }

  may(right: Right): boolean {
    return this.open?.rights.includes(right) ?? false;
  }

  /** Homes can be seen, exactly or masked. */
  get seesHomes(): boolean {
    return this.open !== null && this.open.precision !== 'none';
  }

  /** Some home is seen with its name and position. */
  get exact(): boolean {
    return this.open?.precision === 'exact';
  }

  get masked(): boolean {
    return this.open?.precision === 'masked';
  }

  async load(): Promise<void> {
    this.info = await getSession();
    if (!this.info.authenticated) this.ways = this.info;
  }

  /** Lifts a refusal by asking the user, when that can help. */
  async remedy(error: ApiError): Promise<boolean> {
    if (error.code === 'purpose-required') return this.purpose.ask();
    const hidden = error.kind === 'not_found' && this.open !== null;
    if (error.code !== 'authentication-required' && !hidden) return false;
    // What one may not see does not exist: only the session tells an expired one from a wrong address.
    if (this.open !== null && (await this.#stillOpen())) return false;
    return this.login.ask();
  }

  async #stillOpen(): Promise<boolean> {
    try {
      const now = await getSession();
      if (now.authenticated) return true;
      this.ways = now;
      this.expired = true;
      return false;
    } catch {
      return true;
    }
  }

  /** Ends what the page shows once the delays of the session have passed. */
  watch(): () => void {
    const timer = setInterval(() => void this.check(Date.now()), WATCH_MS);
    if (typeof BroadcastChannel !== 'undefined') {
      this.#channel = new BroadcastChannel(CHANNEL);
      this.#channel.onmessage = () => this.#reload();
    }
    return () => {
      clearInterval(timer);
      this.#channel?.close();
    };
  }

  async check(now: number): Promise<void> {
    const s = this.open;
    if (s === null || this.login.open) return;
    const over = Math.min(Date.parse(s.expires_at), lastAnswer() + s.idle_seconds * 1000);
    if (now > over + GRACE_MS && !(await this.#stillOpen())) void this.login.ask();
  }

  /** @returns whether the page may go on; false when it starts anew for another person */
  async logIn(login: string, password: string, code?: string): Promise<boolean> {
    const before = this.open?.user.id;
    const next = await logIn(login, password, code);
    if (before !== undefined && next.authenticated && next.user.id !== before) {
      // Nothing of the last person may reach the next one.
      this.#reload();
      return false;
    }
    this.info = next;
    this.expired = false;
    this.loginError = '';
    this.login.answer(true);
    return true;
  }

  /** Goes on without an account; a page that held more starts anew. */
  decline(): void {
    if (this.expired) this.#reload();
    else this.login.answer(false);
    this.loginError = '';
  }

  async choose(purpose: string): Promise<void> {
    this.info = await choosePurpose(purpose);
    this.purpose.answer(true);
  }

  async logOut(): Promise<void> {
    const redirect = await logOut();
    this.#channel?.postMessage('left');
    if (redirect === '') {
      history.replaceState(null, '', location.pathname);
      this.#reload();
    } else location.assign(redirect);
  }
}

export const session = new SessionState();
