import { type KeyLink, keyLinkHolds } from '../record/key-chain.ts';
import type { Findings } from './finding.ts';

/** Follows the key records of a gateway in the order in which they were committed. */
export class KeyWalk {
  readonly #findings: Findings;
  readonly #keys: { publicKey: string; at: string }[] = [];

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** One key record; what only looks like one is passed over. */
  take(text: string, place: { readonly epoch: string; readonly gateway: string; readonly seq: number }): void {
    const record = JSON.parse(text) as { readonly kind?: string; readonly at?: string } & KeyLink;
    if (record.kind !== 'key') return;
    const { publicKey, previous, at = '' } = record;
    const before = this.#keys.at(-1)?.publicKey;
    if (publicKey === before) return;
    const where = { stream: 'records', epoch: place.epoch, first: place.seq, last: place.seq } as const;
    if (previous !== null && !keyLinkHolds(place.gateway, record)) {
      this.#findings.add('key', where, `the key ${publicKey} is not signed by the one it names before it, ${previous}`);
    } else if (before !== undefined && previous !== before) {
      this.#findings.add('key', where, `the key ${publicKey} was not vouched for by the one before it, ${before}`);
    }
    this.#keys.push({ publicKey, at });
  }

  /** The keys in order; a finding where the one in use is not the newest of them. */
  finish(inUse?: string): { readonly publicKey: string; readonly at: string }[] {
    const newest = this.#keys.at(-1)?.publicKey;
    if (inUse !== undefined && newest !== undefined && newest !== inUse) {
      this.#findings.add('key', {}, `the key in use is ${inUse}, the newest of the records ${newest}`);
    }
    return this.#keys;
  }
}
