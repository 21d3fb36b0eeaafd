import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Account, Accounts, Role } from './accounts.ts';

/** Milliseconds after which a session nobody uses ends, and after which any session ends. */
export const idleLimit = 12 * 3_600_000;
export const ageLimit = 7 * 24 * 3_600_000;
/** Sessions kept at once; the one unused for longest makes room. */
export const mostSessions = 32;

export interface Session {
  readonly account: string;
  readonly role: Role;
}

interface Kept {
  readonly account: string;
  /** Salt of the password it was opened under: a new password ends it. */
  readonly under: string;
  readonly openedAt: number;
  usedAt: number;
}

/** Who is logged in. In memory: a restart of the gateway asks for the password again. */
export class Sessions {
  readonly #accounts: Accounts;
  readonly #clock: Clock;
  /** By SHA-256 of the token, oldest use first: what leaks from memory opens nothing. */
  readonly #kept = new Map<string, Kept>();

  constructor(accounts: Accounts, clock: Clock) {
    this.#accounts = accounts;
    this.#clock = clock;
  }

  /** Opens a session and returns its token, for the cookie. */
  open(account: Account): string {
    const token = randomBytes(32).toString('base64url');
    const now = this.#clock.monotonic();
    for (const [key, one] of this.#kept) if (ended(one, now)) this.#kept.delete(key);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size >= mostSessions && !oldest.done) this.#kept.delete(oldest.value);
    this.#kept.set(digest(token), { account: account.name, under: account.password.salt, openedAt: now, usedAt: now });
    return token;
  }

  /** The session of a token, which counts as its use; null when there is none or it has ended. */
  async use(token: string): Promise<Session | null> {
    const key = digest(token);
    const one = this.#kept.get(key);
    if (one === undefined) return null;
    const now = this.#clock.monotonic();
    const account = await this.#accounts.find(one.account);
    // Closed while we asked: it stays closed.
    if (!this.#kept.delete(key)) return null;
    if (ended(one, now) || account === null || account.password.salt !== one.under) return null;
    one.usedAt = now;
    this.#kept.set(key, one);
    return { account: account.name, role: account.role };
  }

  close(token: string): void {
    this.#kept.delete(digest(token));
  }
}

function ended(one: Kept, now: number): boolean {
  return now - one.usedAt > idleLimit || now - one.openedAt > ageLimit;
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
