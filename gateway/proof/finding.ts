import type { Stream } from '../record/record.ts';

/** What can be wrong with a chain, or with what goes with it. */
const findingKinds = [
  /** Entries do not lead to the hash that closes them: one of them was changed, swapped, added or taken out. */
  'altered',
  /** The entries hold, but the hash that closes them was changed. */
  'hash-changed',
  /** A stretch does not begin where the one before it ended. */
  'does-not-follow',
  /** Entries are gone, and nothing accounts for them. */
  'lost',
  /** Sequence numbers between two stretches are neither here nor accounted for. */
  'missing',
  /** The chain's end was cut off: something else knows of later entries. */
  'cut-short',
  /** The epoch bears another name than the one it began under. */
  'epoch-renamed',
  /** An epoch does not begin with the record that says so, or that record names another predecessor. */
  'epoch-beginning',
  /** Two epochs say that they follow the same one. */
  'epoch-fork',
  /** The list of epochs beside the store and the store do not agree. */
  'epoch-list',
  /** A key record does not follow from the key before it. */
  'key',
  /** A signature is not the one of the key that it should be. */
  'signature',
  /** A file is not the one that was signed for. */
  'file',
  /** The medium or the file gives nothing readable here. */
  'unreadable',
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** One thing that does not hold, and where. */
export interface Finding {
  readonly kind: FindingKind;
  readonly stream: Stream | null;
  readonly epoch: string | null;
  /** Sequence numbers it is about; null where it is about the whole. */
  readonly first: number | null;
  readonly last: number | null;
  /** Commit times, milliseconds since the epoch, of the last stretch before it that holds, and of itself. */
  readonly heldUntil: number | null;
  readonly at: number | null;
  /** What was expected and what was found, or who says so; English, for whoever looks into it. */
  readonly detail: string;
}

/** What is known of one stream of one epoch. */
export interface ChainReport {
  readonly stream: Stream;
  readonly epoch: string;
  readonly gateway: string;
  /** First and last seq that were looked at; last is 0 when there are none. */
  readonly first: number;
  readonly last: number;
  /** Commit times of the first and the last, milliseconds since the epoch; null when not known. In an export, the first entry's own time. */
  readonly from: number | null;
  readonly to: number | null;
  /** Entries that are there and lead from hash to hash. */
  readonly proven: number;
  /** Accounted for by a word that was kept for them: [first, last, reason]. */
  readonly absent: readonly (readonly [number, number, string])[];
  readonly holds: boolean;
}

/** What is to be known, in both languages. */
export interface Remark {
  readonly en: string;
  readonly zh: string;
}

/** What a verification came to. */
export interface ProofReport {
  readonly chains: readonly ChainReport[];
  readonly findings: readonly Finding[];
  /** Findings beyond the bound, counted only. */
  readonly more: number;
  /** The chain of keys, oldest first, as far as it is there: raw public keys in base64, and when each began to hold. */
  readonly keys: readonly { readonly publicKey: string; readonly at: string }[];
  /** Things to know that are no faults: what was not looked at and why. */
  readonly remarks: readonly Remark[];
}

/** Findings are listed up to here; the first ones tell what happened. */
const findingBound = 1000;

/** Collects findings up to the bound. */
export class Findings {
  readonly list: Finding[] = [];
  more = 0;

  /** Takes out what turns out to be accounted for, and gives it back. */
  settle(isSettled: (finding: Finding) => boolean): Finding[] {
    const settled = this.list.filter(isSettled);
    const open = this.list.filter((finding) => !settled.includes(finding));
    this.list.splice(0, this.list.length, ...open);
    return settled;
  }

  add(kind: FindingKind, place: Partial<Omit<Finding, 'kind' | 'detail'>>, detail: string): void {
    const nowhere = { stream: null, epoch: null, first: null, last: null, heldUntil: null, at: null };
    if (this.list.length < findingBound) this.list.push({ kind, ...nowhere, ...place, detail });
    else this.more++;
  }
}
