import type { DecodedBatch } from '../../../gateway/contract/decode.ts';
import type { Link } from '../../../gateway/contract/verify.ts';
import { chainStart } from '../../../gateway/record/chain.ts';
import type { Entry, Stream } from '../../../gateway/record/record.ts';
import type { SeqRanges } from '../../../gateway/record/seq-set.ts';
import { keyOf, type Place, type ReceivedTable, type Taking } from '../received-table.ts';

/** Places whose claims are kept. */
const claimBound = 100_000;
/** Claims about one place: one, unless histories have parted. */
const claimsOfOne = 10;
const twoGateways = 'two gateways with one key, or a card that was copied';

/**
 * Holds what comes against what came: whether batches go on from each other, whether histories part, whether an epoch
 * goes on after another one followed it. Tells the table of what it cannot be at peace with; what came first stays.
 */
export class Histories {
  readonly #table: ReceivedTable;
  /** Hashes that batches claim for the seq before them, while that seq is not here with that hash. */
  readonly #claims = new Map<string, Set<string>>();
  /** Stretches of epochs that go on after another epoch said that they ended. */
  readonly #goingOn = new Map<string, { readonly first: number; readonly last: number }>();

  constructor(table: ReceivedTable) {
    this.#table = table;
  }

  /**
   * Whether a batch goes on from something that is here. Where it contradicts everything that is known there it is a
   * break; where nothing is known yet its claim is kept.
   */
  follows(place: Place, { from, before }: Pick<DecodedBatch, 'from' | 'before'>): boolean {
    const { gateway, stream, epoch } = place;
    const known =
      from === 1 ? [chainStart(gateway, stream as Stream, epoch)] : this.#table.hashesAfter(place, from - 1);
    if (known.includes(before)) return true;
    if (known.length > 0) this.#break(place, from - 1, before, known);
    const key = `${keyOf(place)}|${from - 1}`;
    const claimed = this.#claims.get(key) ?? new Set();
    if (claimed.size < claimsOfOne && this.#claims.size < claimBound) this.#claims.set(key, claimed.add(before));
    return false;
  }

  /** An entry was taken, or is disputed. `follows`: its batch goes on from something that is here. */
  took(place: Place, link: Link, taking: Taking, follows: boolean): void {
    const { seq, entry, hash } = link;
    if (taking === 'dispute') this.#table.dispute(place, link, follows ? 'fork' : 'conflict');
    if (taking === 'new') this.#goesOn(place, seq);
    if (seq === 1) this.#begins(place, entry);
    this.reached(place, seq, hash);
  }

  /** The hash after this seq is known: that settles what earlier batches claimed for it, or breaks with it. */
  reached(place: Place, seq: number, hash: string): void {
    if (this.#claims.size === 0) return;
    const key = `${keyOf(place)}|${seq}`;
    const claimed = this.#claims.get(key);
    if (claimed === undefined) return;
    claimed.delete(hash);
    for (const one of claimed) this.#break(place, seq, one, [hash]);
    if (claimed.size > 0) return;
    this.#claims.delete(key);
    this.#table.disputes.settle('chain-break', { ...place, first: seq, last: seq });
  }

  /** Ranges of what is here, cut where what follows does not go on from what stands before: each is one history. */
  oneByOne(place: Place, ranges: SeqRanges): [number, number][] {
    const breaks = this.#table.disputes.breaksOf(place);
    return ranges.flatMap(([first, last]) => {
      const cuts = breaks.filter((seq) => seq >= first && seq < last);
      return [first, ...cuts.map((seq) => seq + 1)].map((start, at): [number, number] => [start, cuts[at] ?? last]);
    });
  }

  #break(place: Place, seq: number, claimed: string, known: readonly string[]): void {
    const detail = `what follows goes on from ${claimed}; the hash after ${seq} is ${known.join(' or ')}`;
    this.#table.disputes.add('chain-break', { ...place, first: seq, last: seq }, detail);
  }

  /** The first entry of an epoch says which one it follows, and how far that one went. */
  #begins(place: Place, entry: Entry): void {
    if (entry.kind !== 'audit' || entry.action !== 'epoch-begun') return;
    const { previousEpoch, previousLastSeq } = entry.details as { previousEpoch?: unknown; previousLastSeq?: unknown };
    if (typeof previousEpoch !== 'string' || typeof previousLastSeq !== 'number') return;
    const former = { ...place, epoch: previousEpoch };
    const other = this.#table.endOf(former);
    this.#table.ended(former, place.epoch, previousLastSeq);
    if (other === undefined || other.by === place.epoch) return;
    const detail = `${place.epoch} and ${other.by} both follow ${previousEpoch}: ${twoGateways}`;
    this.#table.disputes.add('fork', { ...place, first: 1, last: 1 }, detail);
  }

  /** An epoch that another one has followed goes on: whoever began the other one is not alone. */
  #goesOn(place: Place, seq: number): void {
    const end = this.#table.endOf(place);
    if (end === undefined || seq <= end.last) return;
    const known = this.#goingOn.get(keyOf(place));
    if (known !== undefined) this.#table.disputes.settle('fork', { ...place, ...known });
    const stretch = { first: Math.min(seq, known?.first ?? seq), last: Math.max(seq, known?.last ?? seq) };
    this.#goingOn.set(keyOf(place), stretch);
    const detail = `${end.by} says that it follows this epoch, which ended after ${end.last}, and it goes on: ${twoGateways}`;
    this.#table.disputes.add('fork', { ...place, ...stretch }, detail);
  }
}
