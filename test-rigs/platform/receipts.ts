import type * as z from 'zod';
import type { Clock } from '../../gateway/clock.ts';
import type { receiptSchema } from '../../gateway/contract/receipt.ts';
import { type Address, topicOf } from '../../gateway/contract/topics.ts';
import type { Stream } from '../../gateway/record/record.ts';
import { type SeqRanges, SeqSet } from '../../gateway/record/seq-set.ts';
import type { Histories } from './disputes/histories.ts';
import type { PlatformLine } from './line.ts';
import type { Place, ReceivedTable } from './received-table.ts';

/** Ranges in one receipt. */
const receiptRanges = 5000;
/** Digits of a hash that a receipt tells: enough to tell two histories apart. */
const proofDigits = 16;

/** What a receipt says of one place: what is had, the hash after each range, and what is refused for good. */
interface Said {
  readonly have: SeqRanges;
  readonly hashes: readonly (string | null)[];
  readonly refused: readonly [number, string][];
}

/** What the platform tells gateways that it has. */
export class Receipts {
  /** Milliseconds after a batch, 0 at once; null never. */
  after: number | null;
  readonly #line: PlatformLine;
  readonly #clock: Clock;
  readonly #table: ReceivedTable;
  readonly #histories: Histories;

  constructor(after: number | null, line: PlatformLine, clock: Clock, table: ReceivedTable, histories: Histories) {
    this.after = after;
    this.#line = line;
    this.#clock = clock;
    this.#table = table;
    this.#histories = histories;
  }

  /** A batch is kept. */
  acknowledge(address: Address, place: Place, said: Said): void {
    if (this.after === null) return;
    if (this.after === 0) this.#send(address, place, said);
    else this.#clock.after(this.after, () => this.#send(address, place, said));
  }

  /** Everything it has of these places, as far as they are of that gateway. */
  sendFullPicture(address: Address, places: Iterable<Place>): void {
    if (this.after === null) return;
    for (const place of places) {
      if (place.gateway !== address.gateway) continue;
      const refused = this.#table.refusedOf(place, receiptRanges);
      const had = new SeqSet(this.#table.have(place).ranges);
      for (const [seq] of refused) had.delete(seq, seq);
      const ranges = this.#histories.oneByOne(place, had.ranges);
      for (let start = 0; start === 0 || start < ranges.length; start += receiptRanges) {
        const have = ranges.slice(start, start + receiptRanges);
        const hashes = have.map(([, last]) => this.#table.hashesAfter(place, last)[0] ?? null);
        this.#send(address, place, { have, hashes, refused: start === 0 ? refused : [] });
      }
    }
  }

  #send(address: Address, { stream, epoch }: Place, { have, hashes, refused }: Said): void {
    const receipt: z.input<typeof receiptSchema> = {
      ...{ v: 1, stream: stream as Stream, epoch },
      have: have.map(([first, last]): [number, number] => [first, last]),
      hashes: hashes.map((hash) => hash?.slice(0, proofDigits) ?? null),
      ...(refused.length > 0 ? { refused: [...refused] } : {}),
    };
    this.#line.publish(topicOf(address, 'receipt'), Buffer.from(JSON.stringify(receipt)));
  }
}
