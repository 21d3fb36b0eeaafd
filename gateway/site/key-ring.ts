import type { KeyObject } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { type KeyLink, longestKeyChain, signKeyLink } from '../record/key-chain.ts';
import { newSigningKey, publicKeyText, readSigningKey } from '../record/signature.ts';
import { systemFileSteps, writeDurably } from './durable-file.ts';
import { keepSecret, readIfThere, readSecret, type SiteDirectory } from './site-directory.ts';

/** A link of the chain with whether the records stream has it. */
const keptLink = z.object({
  publicKey: z.string(),
  previous: z.string().nullable(),
  signature: z.string().nullable(),
  recorded: z.boolean(),
});
const keptChain = z.array(keptLink).min(1).max(longestKeyChain);
type KeptLink = z.output<typeof keptLink>;

const [inUse, next] = ['signing-key', 'signing-key.next'];

/**
 * The key that the gateway signs with, and the chain of keys that led to it. The private key is a secret; the chain,
 * `keys.json`, is public and goes with every birth. A rotation is cut off at no point: until the chain names the new key
 * the old one holds, and from then on the new one does, whenever the power fails.
 */
export class KeyRing {
  readonly #directory: SiteDirectory;
  #privateKey: KeyObject;
  #chain: readonly KeptLink[];
  readonly #listeners = new Set<() => void>();

  private constructor(directory: SiteDirectory, privateKey: KeyObject, chain: readonly KeptLink[]) {
    this.#directory = directory;
    this.#privateKey = privateKey;
    this.#chain = chain;
  }

  /** Makes the first key where there is none, and ends a rotation that was cut off. Throws on a damaged chain. */
  static async open(directory: SiteDirectory): Promise<KeyRing> {
    const kept = await readChain(directory);
    await finishRotation(directory, kept?.at(-1)?.publicKey);
    const hadKey = (await readSecret(directory, inUse)) !== undefined;
    const privateKey = readSigningKey(await keepSecret(directory, inUse, newSigningKey));
    const publicKey = publicKeyText(privateKey);
    const ring = new KeyRing(directory, privateKey, kept ?? []);
    if (kept?.at(-1)?.publicKey !== publicKey) {
      // A key of a gateway that kept no chain yet is recorded already; one that was put here by hand vouches for itself.
      const recorded = hadKey && kept === undefined;
      await ring.#keep([{ publicKey, previous: null, signature: null, recorded }]);
    }
    return ring;
  }

  get privateKey(): KeyObject {
    return this.#privateKey;
  }

  /** Raw, base64. */
  get publicKey(): string {
    return publicKeyText(this.#privateKey);
  }

  /** From the first key on, oldest first. */
  get chain(): readonly KeyLink[] {
    return this.#chain.map(({ publicKey, previous, signature }) => ({ publicKey, previous, signature }));
  }

  /** Links that the records stream does not have yet. */
  get unrecorded(): readonly KeyLink[] {
    return this.#chain.filter(({ recorded }) => !recorded);
  }

  /** The records stream has every link. */
  async recorded(): Promise<void> {
    await this.#keep(this.#chain.map((link) => ({ ...link, recorded: true })));
  }

  /** Called after every rotation. */
  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Makes a new key, has the old one vouch for it, and destroys the old one as far as a file can be: it is overwritten
   * and removed, but flash may keep copies that only its controller can reach.
   */
  async rotate(gateway: string): Promise<KeyLink> {
    if (this.#chain.length >= longestKeyChain) {
      throw new RangeError(`the chain holds ${longestKeyChain} keys; have the platform enrol the key anew`);
    }
    const { secrets } = this.#directory;
    const pem = newSigningKey();
    const made = readSigningKey(pem);
    const link = signKeyLink(gateway, this.#privateKey, publicKeyText(made));
    await writeDurably(join(secrets, next), pem, { mode: 0o600 });
    await this.#keep([...this.#chain, { ...link, recorded: false }]);
    await finishRotation(this.#directory, link.publicKey);
    this.#privateKey = made;
    for (const listener of [...this.#listeners]) listener();
    return link;
  }

  async #keep(chain: readonly KeptLink[]): Promise<void> {
    await writeDurably(this.#directory.keys, `${JSON.stringify(chain, null, 2)}\n`);
    this.#chain = chain;
  }
}

/** The chain as it is kept; undefined where none is. Throws when the file is not what it should be. */
export async function readChain({ keys }: SiteDirectory): Promise<KeptLink[] | undefined> {
  const text = await readIfThere(keys);
  if (text === undefined) return undefined;
  try {
    return keptChain.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new Error(`${keys} is damaged: ${why}; move it away, and the key in use begins a chain of its own`);
  }
}

/** Puts the new key in the old one's place if the chain has named it, else drops it. */
async function finishRotation(directory: SiteDirectory, newest: string | undefined): Promise<void> {
  const waiting = await readSecret(directory, next);
  if (waiting === undefined) return;
  const [from, to] = [join(directory.secrets, next), join(directory.secrets, inUse)];
  if (newest === undefined || publicKeyText(readSigningKey(waiting)) !== newest) return rm(from);
  await overwrite(to);
  await rename(from, to);
  await systemFileSteps.flushDirectory(dirname(to));
}

async function overwrite(path: string): Promise<void> {
  const text = await readIfThere(path);
  if (text === undefined) return;
  const file = await open(path, 'r+');
  try {
    await file.write('0'.repeat(text.length), 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
