import type { KeyObject } from 'node:crypto';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { type KeyLink, longestKeyChain, signKeyLink } from '../record/key-chain.ts';
import { newSigningKey, publicKeyText, readSigningKey } from '../record/signature.ts';
import { type FileSteps, makeDirectory, systemFileSteps, writeDurably } from './durable-file.ts';
import { readIfThere, readSecret, type SiteDirectory } from './site-directory.ts';

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
 * `keys.json`, is public and goes with every birth. Making a key is cut off at no point: until the chain names the new
 * key the old one holds, and from then on the new one does, whenever the power fails.
 */
export class KeyRing {
  readonly #directory: SiteDirectory;
  readonly #steps: FileSteps;
  #privateKey: KeyObject;
  #chain: readonly KeptLink[];
  readonly #listeners = new Set<() => void>();
  /** Changes of the ring, one after the other. */
  #changes: Promise<unknown> = Promise.resolve();

  private constructor(directory: SiteDirectory, steps: FileSteps, privateKey: KeyObject, chain: readonly KeptLink[]) {
    this.#directory = directory;
    this.#steps = steps;
    this.#privateKey = privateKey;
    this.#chain = chain;
  }

  /** Makes the first key where there is none, and ends a rotation that was cut off. Throws on a damaged chain. */
  static async open(directory: SiteDirectory, steps: FileSteps = systemFileSteps): Promise<KeyRing> {
    const chain = await readChain(directory);
    await putInPlace(directory, chain?.at(-1)?.publicKey, steps);
    const pem = await readSecret(directory, inUse);
    if (pem === undefined) return KeyRing.#begin(directory, steps);
    const privateKey = readSigningKey(pem);
    const publicKey = publicKeyText(privateKey);
    if (chain?.at(-1)?.publicKey === publicKey) return new KeyRing(directory, steps, privateKey, chain);
    // A key of a gateway that kept no chain yet is recorded already; one that was put here by hand vouches for itself.
    const only = { publicKey, previous: null, signature: null, recorded: chain === undefined };
    await keepChain(directory, [only], steps);
    return new KeyRing(directory, steps, privateKey, [only]);
  }

  static async #begin(directory: SiteDirectory, steps: FileSteps): Promise<KeyRing> {
    const pem = newSigningKey();
    const privateKey = readSigningKey(pem);
    const first = { publicKey: publicKeyText(privateKey), previous: null, signature: null, recorded: false };
    await makeDirectory(directory.secrets, 0o700);
    await writeDurably(join(directory.secrets, next), pem, { mode: 0o600, steps });
    await keepChain(directory, [first], steps);
    await putInPlace(directory, first.publicKey, steps);
    return new KeyRing(directory, steps, privateKey, [first]);
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

  /** The records stream has these links. */
  recorded(links: readonly KeyLink[]): Promise<void> {
    const has = new Set(links.map(({ publicKey }) => publicKey));
    return this.#inTurn(async () => {
      const chain = this.#chain.map((link) => (has.has(link.publicKey) ? { ...link, recorded: true } : link));
      await keepChain(this.#directory, chain, this.#steps);
      this.#chain = chain;
    });
  }

  /** Called after every rotation. */
  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Makes a new key, has the old one vouch for it, and destroys the old one as far as a file can be: it is overwritten
   * and removed, but flash may keep copies that only its controller can reach. Rejects with a RangeError where the chain
   * is full, and with what the file system says while the old key still holds.
   */
  rotate(gateway: string): Promise<KeyLink> {
    return this.#inTurn(async () => {
      if (this.#chain.length >= longestKeyChain) {
        throw new RangeError(`the chain holds ${longestKeyChain} keys; have the platform enrol the key anew`);
      }
      const pem = newSigningKey();
      const made = readSigningKey(pem);
      const link = signKeyLink(gateway, this.#privateKey, publicKeyText(made));
      const chain = [...this.#chain, { ...link, recorded: false }];
      await writeDurably(join(this.#directory.secrets, next), pem, { mode: 0o600, steps: this.#steps });
      try {
        await keepChain(this.#directory, chain, this.#steps);
      } catch (error) {
        // A fault after the file took its place: the next start would go by it, so this one does.
        if ((await readChain(this.#directory))?.at(-1)?.publicKey !== link.publicKey) throw error;
      }
      // From here on the new key holds, also for the next start: chain and key change together, and whoever tells the
      // platform is told before anything is signed with it.
      this.#privateKey = made;
      this.#chain = chain;
      for (const listener of [...this.#listeners]) listener();
      // Where the medium refuses this, the next start does it.
      await putInPlace(this.#directory, link.publicKey, this.#steps).catch(() => {});
      return link;
    });
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changes.then(change);
    this.#changes = done.catch(() => {});
    return done;
  }
}

function keepChain({ keys }: SiteDirectory, chain: readonly KeptLink[], steps: FileSteps): Promise<void> {
  return writeDurably(keys, `${JSON.stringify(chain, null, 2)}\n`, { steps });
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
async function putInPlace(directory: SiteDirectory, newest: string | undefined, steps: FileSteps): Promise<void> {
  const waiting = await readSecret(directory, next);
  if (waiting === undefined) return;
  const [from, to] = [join(directory.secrets, next), join(directory.secrets, inUse)];
  if (newest === undefined || publicKeyText(readSigningKey(waiting)) !== newest) return steps.remove(from);
  await overwrite(to);
  await steps.rename(from, to);
  await steps.flushDirectory(dirname(to));
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
