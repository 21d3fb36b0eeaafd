import type { Clock, Monotonic } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import type { Outcome, Transaction } from '../events.ts';
import { isSilent } from '../events.ts';
import { ResponseTime } from '../response-time.ts';
import type { ModbusQuestion, ModbusResult } from './modbus-exchange.ts';

export interface ModbusConversationOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly observe: (event: Transaction) => void;
}

/** Asks the slaves behind one link, and takes nothing for an answer that may be something else. */
export interface ModbusConversation {
  /** How many questions may be under way at once. */
  readonly outstanding: number;
  /** The earliest moment at which this slave may be asked again. */
  readyAt(address: number): Monotonic;
  /** True while an answer may still come that was given up, and must be heard lest it is taken for another. */
  readonly isOwed: boolean;
  /** The link was opened anew: nothing that came before belongs to what comes now. */
  reset(): void;
  /** Hears what comes unasked, such as a late answer, until something came or `milliseconds` have passed. */
  listen(milliseconds: number): Promise<void>;
  /** Asks, waits, and resolves to what came of it; never throws. No more calls may be under way than `outstanding`. */
  ask(question: ModbusQuestion): Promise<ModbusResult>;
}

/** How long each slave takes to answer, by its address. */
export class ResponseTimes {
  readonly #times = new Map<number, ResponseTime>();

  of(address: number): ResponseTime {
    let time = this.#times.get(address);
    if (!time) {
      time = new ResponseTime();
      this.#times.set(address, time);
    }
    return time;
  }
}

/** After so many questions without a single byte a connection is made anew: its other end may be gone unnoticed. */
const silentQuestions = 3;

/** Judges from silence whether the other end of a connection is gone; a port of this machine tells by itself. */
export class Presence {
  readonly #link: Link;
  /** Slaves that answered since the link was opened. */
  readonly #heardOf = new Set<number>();
  #silentInARow = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  reset(): void {
    this.#silentInARow = 0;
    this.#heardOf.clear();
  }

  /** Only who answered on this connection can show by silence that it is gone; a dead slave must not cost it. */
  note(address: number, outcome: Outcome, isSearch = false): void {
    // A search asks for what a slave may not have: that it keeps silent there shows nothing.
    if (isSearch && isSilent(outcome)) return;
    if (!isSilent(outcome)) {
      this.#silentInARow = 0;
      this.#heardOf.add(address);
    } else if (this.#heardOf.has(address)) {
      this.#silentInARow += 1;
    }
    if (this.#silentInARow < silentQuestions || this.#link.medium === 'wire') return;
    this.#silentInARow = 0;
    void this.#link.close();
  }
}
