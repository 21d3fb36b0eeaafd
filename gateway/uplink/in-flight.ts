import type { Cancel } from '../clock.ts';
import type { Stream } from '../record/record.ts';
import { type SeqRanges, SeqSet } from '../record/seq-set.ts';
import type { Stretch } from './sending/suspects.ts';

type Place = Pick<Stretch, 'stream' | 'epoch'>;

/** A batch on its way: until it is let go, or given up to be sent again. */
export interface Flight extends Stretch {
  /** Chain hash after it. */
  readonly after: string;
  /** What of it the other side has not answered for. */
  readonly rest: SeqSet;
  /** Of the payload. */
  readonly bytes: number;
  /** Not a fresh record: the backlog, or samples. */
  readonly isBulk: boolean;
  /** The broker has it: its PUBACK came. */
  isTaken: boolean;
  /** Answered for in full, while the store is being told; it takes no room in the window any more. */
  isLettingGo: boolean;
  /** Runs once the broker has it and a receipt is owed. */
  timeout: Cancel | null;
}

/** Everything on its way over one connection, and what was sent before it and may have arrived. */
export class InFlight {
  readonly #flights = new Set<Flight>();
  readonly #sent = new Map<string, SeqSet>();

  /** Flights that take room in the window. */
  get size(): number {
    let size = 0;
    for (const flight of this.#flights) if (!flight.isLettingGo) size++;
    return size;
  }

  /** Those of them that carry fresh records. */
  get fresh(): number {
    let fresh = 0;
    for (const flight of this.#flights) if (!flight.isLettingGo && !flight.isBulk) fresh++;
    return fresh;
  }

  /** All flights, with those that are being let go. */
  get total(): number {
    return this.#flights.size;
  }

  begin(
    { stream, epoch, from, to, after }: Stretch & { readonly after: string },
    bytes: number,
    isBulk: boolean,
  ): Flight {
    const rest = new SeqSet([[from, to]]);
    const state = { isTaken: false, isLettingGo: false, timeout: null };
    const flight: Flight = { stream, epoch, from, to, after, rest, bytes, isBulk, ...state };
    this.#flights.add(flight);
    this.#sentOf(flight).add(from, to);
    return flight;
  }

  /** Whether any of it was published before and not let go since. */
  wasSent({ stream, epoch, from, to }: Stretch): boolean {
    const sent = this.#sent.get(`${stream}|${epoch}`);
    if (sent === undefined) return false;
    const [first] = sent.missingWithin(from, to);
    return first === undefined || first[0] !== from || first[1] !== to;
  }

  /** Takes note that the other side answers for these; gives back how many entries that were that we had sent. */
  answered(place: Place, ranges: SeqRanges): number {
    const sent = this.#sentOf(place);
    const before = sent.count;
    for (const [first, last] of ranges) sent.delete(first, last);
    for (const flight of this.of(place)) for (const [first, last] of ranges) flight.rest.delete(first, last);
    const count = before - sent.count;
    if (sent.isEmpty) this.#sent.delete(`${place.stream}|${place.epoch}`);
    return count;
  }

  /** Whether it is not over. */
  has(flight: Flight): boolean {
    return this.#flights.has(flight);
  }

  /** The flight is over, either way. */
  end(flight: Flight): void {
    flight.timeout?.();
    flight.timeout = null;
    this.#flights.delete(flight);
  }

  /** Those that the broker has not taken over yet. */
  get open(): Flight[] {
    return [...this.#flights].filter(({ isTaken }) => !isTaken);
  }

  /** The connection is gone: nothing is on its way, but it may have arrived. */
  forget(): void {
    for (const flight of this.#flights) this.end(flight);
  }

  of({ stream, epoch }: Place): Flight[] {
    return [...this.#flights].filter((flight) => flight.stream === stream && flight.epoch === epoch);
  }

  touches({ stream, epoch, from, to }: Stretch): boolean {
    return this.of({ stream, epoch }).some((flight) => flight.from <= to && flight.to >= from);
  }

  /** What is on its way, and the spans given, per stream and epoch: what the store need not offer. */
  ranges(besides: readonly Stretch[]): { stream: Stream; epoch: string; ranges: SeqRanges }[] {
    const sets = new Map<string, { stream: Stream; epoch: string; set: SeqSet }>();
    for (const { stream, epoch, from, to } of [...this.#flights, ...besides]) {
      const key = `${stream}|${epoch}`;
      const place = sets.get(key) ?? { stream, epoch, set: new SeqSet() };
      place.set.add(from, to);
      sets.set(key, place);
    }
    return [...sets.values()].map(({ stream, epoch, set }) => ({ stream, epoch, ranges: set.ranges }));
  }

  #sentOf({ stream, epoch }: Place): SeqSet {
    const key = `${stream}|${epoch}`;
    const set = this.#sent.get(key) ?? new SeqSet();
    this.#sent.set(key, set);
    return set;
  }
}
