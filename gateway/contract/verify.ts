import type { KeyObject } from 'node:crypto';
import { canonicalJson } from '../record/canonical.ts';
import { chainNext } from '../record/chain.ts';
import type { Entry } from '../record/record.ts';
import { spanSignatureHolds } from '../record/signature.ts';
import type { DecodedBatch } from './decode.ts';

export interface Link {
  readonly seq: number;
  readonly entry: Entry;
  /** Canonical JSON of the entry: what the hash covers, and what a receiver keeps. */
  readonly canonical: string;
  /** Chain hash after this entry. */
  readonly hash: string;
}

/** Recomputes the chain from `before` over every entry, stepping over what is absent by the hash that is given for it. */
export function followChain(
  batch: Pick<DecodedBatch, 'before' | 'entries' | 'absent'> & Partial<Pick<DecodedBatch, 'texts'>>,
): {
  links: Link[];
  after: string;
} {
  const links: Link[] = [];
  let hash = batch.before;
  let absent = 0;
  const stepOver = (seq: number): void => {
    for (
      let stretch = batch.absent[absent];
      stretch !== undefined && stretch[0] < seq;
      stretch = batch.absent[absent]
    ) {
      hash = stretch[3];
      absent++;
    }
  };
  for (const [place, { seq, entry }] of batch.entries.entries()) {
    stepOver(seq);
    const canonical = batch.texts?.[place] ?? canonicalJson(entry);
    hash = chainNext(hash, seq, canonical);
    links.push({ seq, entry, canonical, hash });
  }
  stepOver(Number.POSITIVE_INFINITY);
  return { links, after: hash };
}

/** `altered`: the entries do not lead from `before` to `after`. `signature`: it is not that key's. */
export type Verdict = { readonly links: readonly Link[]; readonly wrong: 'altered' | 'signature' | null };

/** Whether a batch is what the gateway with that key committed. */
export function verifyBatch(batch: DecodedBatch, gateway: string, publicKey: KeyObject): Verdict {
  const { links, after } = followChain(batch);
  if (after !== batch.after) return { links, wrong: 'altered' };
  const holds = spanSignatureHolds({ ...batch, gateway }, batch.signature, publicKey);
  return { links, wrong: holds ? null : 'signature' };
}
