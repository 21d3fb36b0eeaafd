import { createHash, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeDurably } from './durable-file.ts';
import { readIfThere, type SiteDirectory } from './site-directory.ts';

/** Accounts that a site may have. */
export const mostNodeAccounts = 64;
const fileName = 'nodes.json';
/** For a mosquitto of the site: its password file, as far as nodes are concerned. */
export const mosquittoUsersFile = 'nodes.mosquitto-users';

const nodeAccount = z.strictObject({
  node: z.string().regex(/^[a-z0-9-]{1,24}$/),
  /** The chip that it was given to, lower-case hexadecimal. */
  chip: z.string().regex(/^[0-9a-f]{4,16}$/),
  /** `esp8266`, `esp32`. */
  type: z.string().max(24),
  /** When it was adopted and by whom; the moment is a stamp. */
  at: z.string().max(40),
  by: z.string().max(80),
  /** False from the offer until the node has logged in with it or said that it took it. */
  confirmed: z.boolean(),
  salt: z.base64(),
  hash: z.base64(),
  /** The same as mosquitto 2 keeps it. */
  mosquitto: z.string().max(200),
});

const fileSchema = z.strictObject({ version: z.literal(1), accounts: z.array(nodeAccount).max(mostNodeAccounts) });

type Kept = z.output<typeof nodeAccount>;

/** A node's account, without what proves it. */
type NodeAccount = Omit<Readonly<Kept>, 'salt' | 'hash' | 'mosquitto'>;

/**
 * The accounts of the site's nodes: a file of mode 0600 in `secrets`, read once and kept in memory. A node's password is
 * made here, of 120 random bits, so a salted SHA-256 keeps it as well as a slow hash would (NIST SP 800-63B, 5.1.2.2: from
 * 112 bits on), and a flood of log-ins costs little. Every change is durable before it is used, and throws what the file system throws.
 */
export class NodeAccounts {
  readonly #path: string;
  readonly #users: string | undefined;
  #accounts: readonly Kept[];
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(path: string, users: string | undefined, accounts: readonly Kept[]) {
    this.#path = path;
    this.#users = users;
    this.#accounts = accounts;
  }

  /**
   * No accounts where there is no file; throws where it is damaged, naming it. Takes away what others may do with it.
   * `forMosquitto`: also keeps {@link mosquittoUsersFile} beside it.
   */
  static async open({ secrets }: Pick<SiteDirectory, 'secrets'>, { forMosquitto = false } = {}): Promise<NodeAccounts> {
    const path = join(secrets, fileName);
    const users = forMosquitto ? join(secrets, mosquittoUsersFile) : undefined;
    const accounts = await readAccounts(path);
    const opened = new NodeAccounts(path, users, accounts);
    await opened.#writeUsers(accounts);
    return opened;
  }

  list(): NodeAccount[] {
    return this.#accounts.map(({ salt: _, hash: __, mosquitto: ___, ...account }) => account);
  }

  /** Whether this chip is that node; `chip` as its client id says. */
  check(
    node: string,
    chip: string,
    password: Uint8Array | undefined,
  ): 'right' | 'unknown-node' | 'wrong-password' | 'wrong-chip' {
    const accounts = this.#accounts.filter((one) => one.node === node);
    if (accounts.length === 0) return 'unknown-node';
    const proven = accounts.filter((account) => isPassword(account, password ?? new Uint8Array(0)));
    if (proven.length === 0) return 'wrong-password';
    return proven.some((account) => account.chip === chip) ? 'right' : 'wrong-chip';
  }

  /**
   * Makes an account that is offered to a chip, and gives back its password, which is kept nowhere else. Until it is
   * confirmed, what the node or chip had before stays good: the offer may be refused.
   */
  offer(account: Omit<NodeAccount, 'confirmed'>): Promise<string> {
    return this.#inTurn(async () => {
      const password = newPassword();
      const salt = randomBytes(16).toString('base64');
      const hash = hashOf(salt, Buffer.from(password)).toString('base64');
      const others = this.#accounts.filter((one) => one.confirmed || !isSameOrChip(one, account));
      if (others.length >= mostNodeAccounts) {
        throw new RangeError(`a site has at most ${mostNodeAccounts} nodes; forget one first`);
      }
      await this.#write([
        ...others,
        nodeAccount.parse({ ...account, confirmed: false, salt, hash, mosquitto: mosquittoHash(password) }),
      ]);
      return password;
    });
  }

  /**
   * The node has taken its account: earlier ones of the same node or chip are gone. Gives back the nodes whose account is
   * no longer what it was; empty where there was nothing to confirm.
   */
  confirm(node: string, chip: string): Promise<string[]> {
    return this.#inTurn(async () => {
      const offered = this.#accounts.find((one) => !one.confirmed && one.node === node && one.chip === chip);
      if (offered === undefined) return [];
      const before = this.#accounts.filter((one) => one !== offered && isSameOrChip(one, offered));
      const others = this.#accounts.filter((one) => one !== offered && !before.includes(one));
      await this.#write([...others, { ...offered, confirmed: true }]);
      return before.map((one) => one.node);
    });
  }

  /** The node has refused its account: what was before holds. */
  withdraw(node: string, chip: string): Promise<void> {
    return this.#inTurn(async () => {
      const others = this.#accounts.filter((one) => one.confirmed || one.node !== node || one.chip !== chip);
      if (others.length < this.#accounts.length) await this.#write(others);
    });
  }

  /** Takes an account away; false where there is none. */
  remove(node: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const others = this.#accounts.filter((one) => one.node !== node);
      if (others.length === this.#accounts.length) return false;
      await this.#write(others);
      return true;
    });
  }

  async #write(accounts: readonly Kept[]): Promise<void> {
    await writeDurably(this.#path, `${JSON.stringify({ version: 1, accounts }, null, 2)}\n`, { mode: 0o600 });
    await this.#writeUsers(accounts);
    this.#accounts = accounts;
  }

  /** A user has one line: until a chip that takes the place of another has its account, the other one's holds. */
  async #writeUsers(accounts: readonly Kept[]): Promise<void> {
    if (this.#users === undefined) return;
    const lines = new Map<string, string>();
    for (const { node, confirmed, mosquitto } of accounts) {
      if (confirmed || !lines.has(node)) lines.set(node, `${node}:${mosquitto}\n`);
    }
    await writeDurably(this.#users, [...lines.values()].join(''), { mode: 0o600 });
  }

  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#writing.then(change);
    this.#writing = result.catch(() => undefined);
    return result;
  }
}

async function readAccounts(path: string): Promise<Kept[]> {
  const text = await readIfThere(path);
  if (text === undefined) return [];
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) await chmod(path, 0o600);
  try {
    return fileSchema.parse(JSON.parse(text)).accounts;
  } catch (error) {
    const remedy = 'move it away and adopt the nodes again';
    throw new Error(`${path} holds no accounts of nodes; ${remedy}`, { cause: error });
  }
}

/** As mosquitto_passwd 2.0 writes it: PBKDF2 with SHA-512, 101 rounds, 12 bytes of salt. */
function mosquittoHash(password: string): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, 101, 64, 'sha512');
  return `$7$101$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** Letters and digits that nobody mistakes for others; five bits each. */
const letters = 'abcdefghjkmnpqrstuvwxyz023456789';

function newPassword(): string {
  return Array.from(randomBytes(24), (byte) => letters[byte & 31]).join('');
}

const isSameOrChip = (one: NodeAccount, other: Pick<NodeAccount, 'node' | 'chip'>): boolean =>
  one.node === other.node || one.chip === other.chip;

function isPassword({ salt, hash }: Kept, password: Uint8Array): boolean {
  const [given, kept] = [hashOf(salt, password), Buffer.from(hash, 'base64')];
  return given.length === kept.length && timingSafeEqual(given, kept);
}

function hashOf(salt: string, password: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.from(salt, 'base64')).update(password).digest();
}
