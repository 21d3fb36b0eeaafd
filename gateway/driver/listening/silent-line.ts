import type { Clock, Monotonic, WallTime } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import type { Reading } from '../../reading/reading.ts';
import type { DriverEvent } from '../events.ts';
import type { Driver } from '../instrument.ts';
import type { Demand, Turn } from '../line/turn.ts';
import { BusListener, type Overheard, type OverheardExchange } from './bus-listener.ts';
import { LineListener } from './line-listener.ts';
import { Overhearing } from './overhearing.ts';

interface SilentLineOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly drivers: readonly Driver[];
  readonly observe: (event: DriverEvent) => void;
  readonly onReadings: (readings: readonly Reading[]) => void;
  readonly listenFirst: number;
  readonly listenOnly: boolean;
}

/** Bytes of a transaction that are kept. */
const traceLength = 64;

/** A line while nothing may be sent on it: what is heard becomes readings, what is not heard is told as missing. */
export class SilentLine {
  readonly #options: SilentLineOptions;
  readonly #listener: LineListener;
  readonly #overhearing: Overhearing;
  /** Understands what is heard beside our own questions. */
  readonly #strangers: BusListener;

  constructor(options: SilentLineOptions) {
    const { link, clock, drivers, observe, onReadings, listenFirst, listenOnly } = options;
    this.#options = options;
    this.#overhearing = new Overhearing(drivers, clock, onReadings);
    const crcSwapped = drivers.flatMap(({ swapsCheckSums, address }) => (swapsCheckSums && address ? [address] : []));
    this.#strangers = new BusListener(crcSwapped);
    this.#listener = new LineListener({
      link,
      clock,
      observe,
      listenFirst,
      listenOnly,
      crcSwapped,
      onOverheard: (what) => this.#overheard(what),
    });
  }

  get maySpeak(): boolean {
    return this.#listener.maySpeak;
  }

  /** Why nothing may be sent, for who wants to ask something himself; null while it is only listened to first. */
  get refusal(): LineListener['owner'] {
    return this.#listener.owner;
  }

  /** The link was opened anew. */
  reset(): void {
    this.#listener.reset();
    this.#strangers.reset();
    this.#overhearing.end();
  }

  /** Listens for a moment, tells what is missing, and answers who asked for a reading. */
  async spend(turns: readonly Turn[]): Promise<void> {
    if (!this.#overhearing.isUnderWay) this.#overhearing.begin();
    // While it is only listened to first, who wants a reading waits for it.
    for (const turn of this.refusal === null ? [] : turns) {
      const demands: Demand[] = turn.demands.splice(0);
      const latest = demands.length > 0 ? this.#overhearing.latest(turn.driver, turn.cadence) : [];
      for (const demand of demands) demand.give(latest);
    }
    await this.#listener.listen(this.#overhearing.nextMissing);
    this.#overhearing.tellMissing();
    if (this.maySpeak) this.#overhearing.end();
  }

  /**
   * Bytes that answer no question of ours: another master may be asking. `ownRequest`, our last one, may be among them
   * where an adapter hears itself late.
   */
  stray(bytes: Uint8Array, at: Monotonic, ownRequest: Uint8Array): void {
    for (const what of this.#strangers.hear(bytes, at)) {
      if (what.kind === 'request' && Buffer.compare(what.bytes, ownRequest) !== 0) {
        this.#listener.stranger(what.read.address);
      }
      if (what.kind === 'frame' && what.isRequest) this.#listener.stranger(what.address);
    }
  }

  #overheard(what: Overheard): void {
    if (what.kind !== 'exchange') return;
    this.#report(what);
    this.#overhearing.hear(what);
  }

  /** For trace and counters: what another master asked and was answered. */
  #report({ request, reply, exception, at }: OverheardExchange): void {
    const { link, clock, drivers, observe } = this.#options;
    const { address } = request.read;
    observe({
      kind: 'transaction',
      link: link.id,
      generation: link.generation,
      instrument: drivers.find((driver) => driver.address === address)?.instrument.settings.id ?? null,
      address,
      at: Math.round(clock.wall() - (clock.monotonic() - at)) as WallTime,
      monotonic: at,
      sent: request.bytes,
      received: reply.subarray(0, traceLength),
      bytesSent: 0,
      bytesReceived: reply.length,
      firstByte: null,
      lastByte: at - request.at,
      longestGap: null,
      expected: reply.length,
      duration: at - request.at,
      outcome: exception === null ? 'ok' : 'exception',
      exception,
      junkBefore: 0,
      junkAfter: 0,
      echoed: 0,
      late: 0,
    });
  }
}
