import type { LocalTime, Monotonic, WallTime } from '../clock.ts';
import type { LineSilence, Overload, Transaction } from '../driver/events.ts';
import type { LinkFaultPicture, LinkPicture, SlavePicture, TransactionPicture } from '../http/picture.ts';
import type { LinkEvent } from '../link/link.ts';
import type { NodeLinkEvent } from '../link/nodes/node-link.ts';
import { noCounts } from './counters.ts';
import { Following } from './line/following.ts';
import { SlaveState } from './line/slave-state.ts';
import { TraceRing } from './line/trace-ring.ts';
import { transactionPicture } from './line/transaction-picture.ts';
import { NodesState } from './nodes/nodes-state.ts';
import type { LinkDescription } from './sources.ts';

/** Seconds of which the share of busy time is told. */
const window = 60;

/** Transactions of an instrument that may belong to a poll which is under way. */
const recentOfInstrument = 32;

/** Some of a line's transactions, newest last, and how many there were in all and are no longer held. */
interface Traced {
  readonly total: number;
  readonly overwritten: number;
  readonly transactions: TransactionPicture[];
}

/** The current picture of one line. */
export class LinkState {
  readonly #description: LinkDescription;
  readonly #counters = noCounts();
  readonly #trace: TraceRing;
  readonly #slaves = new Map<number | null, SlaveState>();
  readonly #followings = new Set<Following>();
  /** Busy milliseconds, one place per second of the window, and which second each place holds. */
  readonly #busy = new Float64Array(window);
  readonly #second = new Float64Array(window).fill(-1);
  readonly #since: Monotonic;
  /** Of a link to sensor nodes. */
  readonly #nodes: NodesState | undefined;
  #open = false;
  #fault: LinkFaultPicture | null = null;
  #bytesIn = 0;
  #bytesOut = 0;
  #overload: number | null = null;
  #silence: LinkPicture['silence'] = null;

  constructor(description: LinkDescription, now: Monotonic) {
    this.#description = description;
    this.#trace = new TraceRing(description.id);
    this.#since = now;
    this.#nodes = description.kind === 'nodes' ? new NodesState() : undefined;
  }

  get isSound(): boolean {
    return this.#fault === null;
  }

  event(event: LinkEvent): void {
    if (event.kind === 'link-opened') {
      this.#open = true;
      this.#fault = null;
    } else if (event.kind === 'link-closed') {
      this.#open = false;
      this.#fault = event.fault === null ? null : { kind: event.fault.kind, message: event.fault.message };
    }
  }

  /** What a link to nodes tells besides. */
  nodeEvent(event: NodeLinkEvent, at: WallTime): void {
    this.#nodes?.event(event, at);
  }

  overload({ needed }: Overload): void {
    this.#overload = needed > 1 ? needed : null;
  }

  silence({ state, asked, junk }: LineSilence): void {
    this.#silence = { state, asked: [...asked], junk };
  }

  transaction(transaction: Transaction): void {
    const { outcome, address, instrument, bytesSent, bytesReceived } = transaction;
    this.#counters[outcome]++;
    this.#bytesOut += bytesSent;
    this.#bytesIn += bytesReceived;
    this.#noteBusy(transaction);
    this.#trace.add(transaction);
    // A search asks addresses at which nobody is: they are no slaves of this line.
    if (instrument === null) return;
    this.#slave(address).transaction(instrument, transaction);
    for (const one of this.#followings) {
      if (one.instrument === instrument) one.note({ number: this.#trace.total, transaction });
    }
  }

  /** The newest `limit` transactions of those after number `after`, newest last. */
  trace(limit: number, after: number, localTime: LocalTime): Traced {
    const { total, overwritten } = this.#trace;
    // A number beyond the newest was given by an earlier run of the gateway.
    const newest = this.#trace.newest(limit, after > total ? 0 : after);
    return { total, overwritten, transactions: newest.map((one) => transactionPicture(one, localTime)) };
  }

  /** Collects one instrument's transactions from here on, until it is let go. */
  follow(instrument: string): Following {
    const before = this.#trace.newest(Number.POSITIVE_INFINITY);
    const mine = before.filter(({ transaction }) => transaction.instrument === instrument);
    const following = new Following(instrument, mine.slice(-recentOfInstrument));
    this.#followings.add(following);
    return following;
  }

  unfollow(following: Following): void {
    this.#followings.delete(following);
  }

  picture(now: Monotonic, wall: WallTime, localTime: LocalTime): LinkPicture {
    return {
      ...this.#description,
      state: this.#open ? 'open' : 'closed',
      fault: this.#fault,
      counters: { ...this.#counters },
      slaves: this.#slavePictures(),
      echo: this.#echo(),
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      utilisation: this.#utilisation(now),
      overload: this.#overload,
      silence: this.#silence,
      ...(this.#nodes === undefined ? {} : { nodes: this.#nodes.picture(wall, localTime) }),
    };
  }

  #slave(address: number | null): SlaveState {
    let slave = this.#slaves.get(address);
    if (!slave) {
      slave = new SlaveState(address);
      this.#slaves.set(address, slave);
    }
    return slave;
  }

  #slavePictures(): SlavePicture[] {
    const pictures = [...this.#slaves.values()].map((slave) => slave.picture());
    return pictures.sort((one, other) => (one.address ?? -1) - (other.address ?? -1));
  }

  /** An adapter that hears itself hears every request, whoever is asked. */
  #echo(): number | null {
    let requests = 0;
    let echoes = 0;
    for (const { echo } of this.#slaves.values()) {
      requests += echo.requests;
      echoes += echo.echoes;
    }
    return requests === 0 ? null : echoes / requests;
  }

  #noteBusy({ monotonic, duration }: Transaction): void {
    const second = Math.floor(monotonic / 1000);
    const place = second % window;
    if (this.#second[place] !== second) this.#busy[place] = 0;
    this.#second[place] = second;
    this.#busy[place] = (this.#busy[place] ?? 0) + duration;
  }

  #utilisation(now: Monotonic): number | null {
    const span = Math.min(window * 1000, now - this.#since);
    if (span < 5000) return null;
    const oldest = Math.floor(now / 1000) - window;
    const busy = this.#busy.reduce((sum, ms, place) => ((this.#second[place] ?? -1) > oldest ? sum + ms : sum), 0);
    return Math.min(1, busy / span);
  }
}
