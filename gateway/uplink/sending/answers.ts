import type { Clock } from '../../clock.ts';
import type { Receipt } from '../../contract/receipt.ts';
import type { Stream } from '../../record/record.ts';
import type { SeqRanges } from '../../record/seq-set.ts';
import type { Store } from '../../store/port.ts';
import type { Flight, InFlight } from '../in-flight.ts';
import type { UplinkEvent } from '../port.ts';

export interface AnswersOptions {
  readonly uplink: string;
  /** Whose word lets go. */
  readonly acknowledge: 'broker' | 'platform';
  readonly store: Store;
  readonly clock: Clock;
  readonly inFlight: InFlight;
  readonly observe: (event: UplinkEvent) => void;
  /** The broker took a batch of so many bytes, and no platform got it, while smaller ones were answered. */
  readonly onVanished: (bytes: number, answered: number) => void;
  /** A flight is over; what it carried and nobody answered for comes again from the store. */
  readonly onEnded: () => void;
}

const shortestReceiptTimeout = 20_000;
const longestReceiptTimeout = 600_000;
/** Milliseconds until the store is told again what it took no note of. */
const notedAgain = 20_000;

/** What broker and platform say of what was sent, and what the store is told of it. */
export class Answers {
  readonly #options: AnswersOptions;
  /** Milliseconds a platform may take to a receipt; doubles each time it was not enough. */
  #receiptTimeout = shortestReceiptTimeout;
  /** Payload of the largest batch that was answered in full, and how many were. */
  #largest = 0;
  #answered = 0;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** The platform says what it has and what it will never take. */
  receipt({ stream, epoch, have, refused }: Receipt): void {
    const { inFlight, uplink, observe } = this.#options;
    const place = { stream, epoch };
    const entries = inFlight.answered(place, have);
    for (const [seq, reason] of refused) {
      const isNews = inFlight.answered(place, [[seq, seq]]) > 0;
      this.setAside(stream, epoch, seq, reason, isNews);
    }
    if (entries > 0) {
      this.#receiptTimeout = shortestReceiptTimeout;
      observe({ kind: 'uplink-acknowledged', uplink, stream, entries });
    }
    const answered = inFlight.of(place).filter(({ rest }) => rest.isEmpty);
    for (const flight of answered) {
      flight.isLettingGo = true;
      this.#answered++;
      this.#largest = Math.max(this.#largest, flight.bytes);
    }
    if (have.length > 0) void this.#settle(place, have, answered);
    else for (const flight of answered) this.end(flight);
  }

  /** The broker has it: that lets go, or a receipt is owed from now on. */
  taken(flight: Flight): void {
    const { acknowledge, inFlight, uplink, observe, clock } = this.#options;
    if (acknowledge === 'broker') {
      const ranges: SeqRanges = [[flight.from, flight.to]];
      const entries = inFlight.answered(flight, ranges);
      observe({ kind: 'uplink-acknowledged', uplink, stream: flight.stream, entries });
      flight.isLettingGo = true;
      void this.#settle(flight, ranges, [flight]);
    } else if (!flight.isLettingGo) {
      const allowed = this.#receiptTimeout;
      const answeredBefore = this.#answered;
      flight.timeout = clock.after(allowed, () => {
        // Flights that were given the same time run out together; that is one reason to wait longer, not many.
        if (allowed === this.#receiptTimeout) this.#receiptTimeout = Math.min(longestReceiptTimeout, allowed * 2);
        // mosquitto's message_size_limit drops what is larger and sends its PUBACK all the same.
        const othersPassed = this.#answered > answeredBefore;
        if (othersPassed && flight.bytes > this.#largest) this.#options.onVanished(flight.bytes, this.#largest);
        this.end(flight);
      });
    }
  }

  /** Nobody will ever take this entry: it is kept, shown, and not sent again. `isNews`: to be told as well. */
  setAside(stream: Stream, epoch: string, seq: number, reason: string, isNews = true): void {
    const { store, uplink, observe } = this.#options;
    if (isNews) observe({ kind: 'uplink-refused', uplink, stream, seq, reason });
    void attempt(store.refuse(uplink, { stream, epoch, seq }, reason));
  }

  /** False when the store took no note of it. */
  async letGo({ stream, epoch }: { stream: Stream; epoch: string }, ranges: SeqRanges): Promise<boolean> {
    const { store, uplink } = this.#options;
    return (await attempt(store.acknowledge(uplink, stream, epoch, ranges))) ?? false;
  }

  /**
   * Lets go, and ends what carried it. While the store takes no note, as on a full disk, the flights stay as they are: what
   * ended would come from the store at once, and be sent again and again as fast as the line carries it.
   */
  async #settle(
    place: { stream: Stream; epoch: string },
    ranges: SeqRanges,
    flights: readonly Flight[],
  ): Promise<void> {
    const isNoted = await this.letGo(place, ranges);
    const { inFlight, clock } = this.#options;
    for (const flight of flights) {
      if (isNoted) this.end(flight);
      else if (inFlight.has(flight)) {
        flight.timeout?.();
        flight.timeout = clock.after(notedAgain, () => void this.#settle(place, [[flight.from, flight.to]], [flight]));
      }
    }
  }

  end(flight: Flight): void {
    this.#options.inFlight.end(flight);
    this.#options.onEnded();
  }
}

/** A store at fault has told so itself; here it is only another try later. */
export function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch(() => undefined);
}
