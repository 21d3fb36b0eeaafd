import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hashPassword, isPassword, longestPassword, passwordHash, shortestPassword } from './password.ts';
import { readSecret, removeSecret, writeSecret } from './secret-file.ts';

/** Who may do what: a viewer looks, a technician also sets up and tests, an administrator also decides who may. */
export const roles = ['viewer', 'technician', 'administrator'] as const;
export type Role = (typeof roles)[number];

const account = z.strictObject({
  name: z.string().min(1).max(64),
  role: z.enum(roles),
  password: passwordHash,
});
export type Account = z.infer<typeof account>;

const accountFile = z.strictObject({ version: z.literal(1), accounts: z.array(account).min(1).max(32) });

/** The account that the set-up code and `fenceline password` set. */
export const administrator = 'administrator';

/** Whether somebody can log in, and if not, what has to happen first. */
type AccountsCondition =
  | { readonly state: 'set-up' }
  | { readonly state: 'ready' }
  | { readonly state: 'unreadable'; readonly message: string };

// No 0, O, 1, I, L, 5, S: the code is read from one screen and typed on another.
const codeLetters = '2346789ABCDEFGHJKMNPQRTUVWXYZ';

/** Why a password is not taken; null when it is. */
export function passwordFault(password: string): string | null {
  const length = [...password].length;
  if (length < shortestPassword) return `has ${length} characters, at least ${shortestPassword} are needed`;
  if (length > longestPassword) return `has ${length} characters, at most ${longestPassword} are taken`;
  return null;
}

/**
 * Who may log in to the page of one site. Kept in `secrets/` of the site directory, mode 0600:
 * `accounts.json` (password hashes), `setup-code` (only until the first password is set) and `read-token` (a bearer
 * token that reads the API, for scripts). The account file may be replaced by `fenceline password` while the gateway
 * runs; it is read again when it has changed.
 */
export class Accounts {
  readonly #directory: string;
  #accounts: readonly Account[] = [];
  #unreadable: string | null = null;
  #seen = '';
  #code: string | null = null;
  #token = '';
  #settingUp: Promise<unknown> = Promise.resolve();

  private constructor(directory: string) {
    this.#directory = join(directory, 'secrets');
  }

  /** Opens the accounts of a site directory; makes a set-up code when there is no password yet. */
  static async open(siteDirectory: string): Promise<Accounts> {
    const accounts = new Accounts(siteDirectory);
    await accounts.#refresh();
    await accounts.#prepareCode();
    accounts.#token = await accounts.#prepareToken();
    return accounts;
  }

  async condition(): Promise<AccountsCondition> {
    await this.#refresh();
    if (this.#unreadable !== null) return { state: 'unreadable', message: this.#unreadable };
    return this.#accounts.length > 0 ? { state: 'ready' } : { state: 'set-up' };
  }

  /** The code that proves that somebody can see this machine's terminal or disk; null once a password is set. */
  async setUpCode(): Promise<string | null> {
    return (await this.condition()).state === 'set-up' ? this.#code : null;
  }

  /** Sets the administrator's first password. Capitals, blanks and dashes in the code do not matter. */
  async setUp(code: string, password: string): Promise<Account | 'wrong-code' | 'already-set'> {
    const result = this.#settingUp.then(async () => {
      const expected = await this.setUpCode();
      if (expected === null) return 'already-set';
      if (!sameSecret(plain(code), plain(expected))) return 'wrong-code';
      const first = await this.#replace(password);
      this.#code = null;
      await removeSecret(join(this.#directory, 'setup-code'));
      return first;
    });
    this.#settingUp = result.catch(() => undefined);
    return result;
  }

  /** The account whose password this is, else null; an unknown name takes as long as a wrong password. */
  async check(name: string, password: string): Promise<Account | null> {
    await this.#refresh();
    const found = this.#accounts.find((one) => one.name === name);
    const against = found ?? this.#accounts[0];
    if (against === undefined) return null;
    const right = await isPassword(password, against.password);
    return right && found !== undefined ? found : null;
  }

  /** The account as it is now; null when it is gone. */
  async find(name: string): Promise<Account | null> {
    await this.#refresh();
    return this.#accounts.find((one) => one.name === name) ?? null;
  }

  /** Whether this is the site's read token. */
  isReadToken(token: string): boolean {
    return sameSecret(token, this.#token);
  }

  async setPassword(password: string): Promise<void> {
    await this.#refresh();
    await this.#replace(password);
    await removeSecret(join(this.#directory, 'setup-code'));
  }

  async #replace(password: string): Promise<Account> {
    const mine: Account = { name: administrator, role: 'administrator', password: await hashPassword(password) };
    const accounts = [mine, ...this.#accounts.filter((one) => one.name !== administrator)];
    await writeSecret(this.#file, `${JSON.stringify({ version: 1, accounts }, null, 2)}\n`);
    this.#seen = '';
    await this.#refresh();
    return mine;
  }

  get #file(): string {
    return join(this.#directory, 'accounts.json');
  }

  async #refresh(): Promise<void> {
    const state = await stat(this.#file, { bigint: true }).catch(() => null);
    const seen = state === null ? 'none' : `${state.ino} ${state.size} ${state.mtimeNs}`;
    if (seen === this.#seen) return;
    this.#seen = seen;
    const content = await readSecret(this.#file).catch((error: Error) => error);
    const parsed = content === null ? null : parseAccounts(content);
    this.#unreadable = typeof parsed === 'string' ? `${this.#file}: ${parsed}` : null;
    this.#accounts = parsed === null || typeof parsed === 'string' ? [] : parsed;
  }

  async #prepareCode(): Promise<void> {
    if ((await this.condition()).state !== 'set-up') return;
    const path = join(this.#directory, 'setup-code');
    const kept = (await readSecret(path))?.trim();
    this.#code = kept !== undefined && plain(kept).length >= 8 ? kept : newCode();
    if (this.#code !== kept) await writeSecret(path, `${this.#code}\n`);
  }

  async #prepareToken(): Promise<string> {
    const path = join(this.#directory, 'read-token');
    const kept = (await readSecret(path))?.trim();
    if (kept !== undefined && kept.length >= 32) return kept;
    const token = randomBytes(32).toString('base64url');
    await writeSecret(path, `${token}\n`);
    return token;
  }
}

/**
 * Sets the administrator's password of a site directory, whatever it was: for whoever has the machine's disk.
 * Resolves to what is wrong with the password, or to null when it holds.
 */
export async function setPassword(siteDirectory: string, password: string): Promise<string | null> {
  const fault = passwordFault(password);
  if (fault === null) await (await Accounts.open(siteDirectory)).setPassword(password);
  return fault;
}

function parseAccounts(content: string | Error): readonly Account[] | string {
  const remedy = 'set a new password with: fenceline password --site DIR';
  if (typeof content !== 'string') return `cannot be read (${content.message}); ${remedy}`;
  try {
    const parsed = accountFile.safeParse(JSON.parse(content));
    if (parsed.success) return parsed.data.accounts;
  } catch {
    // Not JSON: the same remedy.
  }
  return `is not an account file; ${remedy}`;
}

function newCode(): string {
  const letters = Array.from({ length: 8 }, () => codeLetters[randomInt(codeLetters.length)] ?? '');
  return `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}`;
}

function plain(code: string): string {
  return code.replace(/[\s-]/g, '').toUpperCase();
}

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
