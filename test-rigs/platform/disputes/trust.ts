import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../../gateway/clock.ts';
import type { Birth } from '../../../gateway/contract/birth.ts';
import type { DecodedBatch } from '../../../gateway/contract/decode.ts';
import { verifyBatch } from '../../../gateway/contract/verify.ts';
import { fingerprintOf, longestKeyChain, trustedKeys } from '../../../gateway/record/key-chain.ts';
import { readPublicKey, spanSignatureHolds } from '../../../gateway/record/signature.ts';
import type { DisputeKind } from './dispute-table.ts';

/** What the key before signed is taken for so long after a rotation was heard of, milliseconds: it was on its way. */
const formerKeyHolds = 600_000;
/** Untrusted keys of one gateway that are told apart. */
const foreignBound = 8;

interface Known {
  readonly text: string;
  readonly key: KeyObject;
  /** Keys that were trusted before this one, and when the one after was heard of, monotonic milliseconds. */
  readonly former: readonly { readonly key: KeyObject; readonly since: number }[];
}

/** A batch that is not to be stored, and why. */
interface Distrusted {
  readonly kind: Extract<DisputeKind, 'altered' | 'bad-signature' | 'unknown-key' | 'former-key'>;
  readonly detail: string;
}

/** Whose signature counts: the enrolled key of each gateway, or the first one that is heard of, and where rotations lead. */
export class Trust {
  readonly #clock: Clock;
  readonly #isEnrolling: boolean;
  readonly #known = new Map<string, Known>();
  /** Keys in births that nobody trusts, per gateway. */
  readonly #foreign = new Map<string, Set<string>>();

  /** `enrolled`: public keys (base64) by gateway; without it the first birth of a gateway enrols it. */
  constructor(clock: Clock, enrolled?: { readonly [gateway: string]: string }) {
    this.#clock = clock;
    this.#isEnrolling = enrolled === undefined;
    for (const [gateway, text] of Object.entries(enrolled ?? {})) this.#trust(gateway, text);
  }

  /** Follows a birth's chain of keys from the trusted one. `foreign`: its key is not the newest that this leads to. */
  birth(
    gateway: string,
    { publicKey, keys = [] }: Pick<Birth, 'publicKey' | 'keys'>,
  ): 'enrolled' | 'trusted' | 'foreign' {
    const known = this.#known.get(gateway);
    if (known === undefined && this.#isEnrolling) {
      this.#trust(gateway, publicKey);
      return 'enrolled';
    }
    const reached = known === undefined ? [] : trustedKeys(gateway, known.text, keys);
    if (known === undefined || reached.at(-1) !== publicKey) {
      const foreign = this.#foreign.get(gateway) ?? new Set();
      if (foreign.size < foreignBound) this.#foreign.set(gateway, foreign.add(publicKey));
      return 'foreign';
    }
    if (reached.length === 1) return 'trusted';
    const since = this.#clock.monotonic();
    const former = reached.slice(0, -1).map((text) => ({ key: readPublicKey(text), since }));
    this.#trust(gateway, publicKey, [...known.former, ...former].slice(-longestKeyChain));
    return 'trusted';
  }

  isKnown(gateway: string): boolean {
    return this.#known.has(gateway);
  }

  /** The links of a batch that is to be stored, or why it is not. */
  judge(gateway: string, batch: DecodedBatch): ReturnType<typeof verifyBatch>['links'] | Distrusted {
    const known = this.#known.get(gateway);
    if (known === undefined) {
      return { kind: 'unknown-key', detail: 'no key of this gateway is known: no birth came, or nobody enrolled it' };
    }
    const { links, wrong } = verifyBatch(batch, gateway, known.key);
    if (wrong === null) return links;
    if (wrong === 'altered') return { kind: 'altered', detail: 'the entries do not lead to the hash that was signed' };
    const isSignedBy = (key: KeyObject): boolean => spanSignatureHolds({ ...batch, gateway }, batch.signature, key);
    const former = known.former.findLast(({ key }) => isSignedBy(key));
    if (former !== undefined) {
      if (this.#clock.monotonic() - former.since <= formerKeyHolds) return links;
      return { kind: 'former-key', detail: 'the key that signed it was rotated more than ten minutes before it came' };
    }
    const foreign = [...(this.#foreign.get(gateway) ?? [])].find((text) => isSignedBy(readPublicKey(text)));
    if (foreign === undefined) return { kind: 'bad-signature', detail: 'no key that was heard of signed it' };
    return { kind: 'unknown-key', detail: `the key ${fingerprintOf(foreign)} signed it, which nobody trusts` };
  }

  #trust(gateway: string, text: string, former: Known['former'] = []): void {
    this.#known.set(gateway, { text, key: readPublicKey(text), former });
  }
}
