import type { Raw } from '../../../device-profiles/decode.ts';
import type { Clock } from '../../clock.ts';
import type { InstrumentIdentity, VariantFound } from '../events.ts';
import type { ModbusResult } from '../modbus/modbus-exchange.ts';
import type { ModbusInstrument } from './poll-values.ts';
import { Preparation, type PreparingRequest } from './preparation.ts';

interface PreparingOptions {
  readonly instrument: ModbusInstrument;
  /** Its slave address. */
  readonly address: number;
  readonly clock: Clock;
  readonly observe: (event: InstrumentIdentity | VariantFound) => void;
}

/** How long an instrument whose variant could not be told is left alone before it is tried again, milliseconds. */
const triedAgainAfter = 60_000;

/** Sees that an instrument is prepared once it is connected, and again whenever it may be another one or lost its power. */
export class Preparing {
  readonly #options: PreparingOptions;
  #preparation: Preparation;
  #failures = 0;
  #undecidedUntil = Number.NEGATIVE_INFINITY;
  #lastTold: string | undefined;
  #lastIdentity: string | undefined;

  constructor(options: PreparingOptions) {
    this.#options = options;
    this.#preparation = this.#begin();
    this.#tell();
  }

  /** The request to send now; undefined when there is none, or none before the variant is tried again. */
  get next(): PreparingRequest | undefined {
    return this.#preparation.next;
  }

  /** Begins anew where the variant could not be told, if that is long enough ago. */
  tryAgain(): void {
    if (this.#undecided && this.#options.clock.monotonic() >= this.#undecidedUntil) this.renew();
  }

  /** True when the instrument can be read. */
  get isDone(): boolean {
    return this.#preparation.next === undefined && !this.#undecided;
  }

  /** True when every request was answered, and which variant it is cannot be told. */
  get isUndecided(): boolean {
    return this.#preparation.next === undefined && this.#undecided;
  }

  /** True if it is known which variant of its profile the instrument is. */
  get isDecided(): boolean {
    const { found } = this.#preparation;
    return found === undefined ? (this.#options.instrument.choices ?? []).length === 0 : 'chosen' in found;
  }

  /** True if a request that failed is sent once more. */
  get mayRetry(): boolean {
    return this.#failures < this.#options.instrument.profile.limits.retries;
  }

  /** The instrument with the profile that it is read by. */
  get instrument(): ModbusInstrument {
    const { instrument } = this.#options;
    const { found } = this.#preparation;
    return found && 'chosen' in found ? { ...instrument, profile: found.chosen.profile } : instrument;
  }

  get auxiliaries(): ReadonlyMap<string, Raw> {
    return this.#preparation.auxiliaries;
  }

  /** The request that was next was answered. */
  take(result: ModbusResult): void {
    this.#failures = 0;
    this.#preparation.take(result);
    this.#tell();
  }

  /** The request that was next failed and is sent again. */
  failed(): void {
    this.#failures += 1;
  }

  /** The instrument may be another one, or has lost its power. */
  renew(): void {
    this.#preparation = this.#begin();
    this.#failures = 0;
    this.#tell();
  }

  get #undecided(): boolean {
    const { found } = this.#preparation;
    return found !== undefined && !('chosen' in found);
  }

  /** Tells which unit it is, once everything is read and when it is news. */
  tellIdentity(): void {
    const { instrument, clock, observe } = this.#options;
    const { profile } = this.instrument;
    const raws = (profile.identity ?? []).flatMap((id) => {
      const raw = this.auxiliaries.get(id);
      return raw === undefined ? [] : [[id, typeof raw === 'bigint' ? String(raw) : raw] as const];
    });
    const identity = Object.fromEntries(raws);
    const news = JSON.stringify(identity);
    if (raws.length === 0 || news === this.#lastIdentity) return;
    this.#lastIdentity = news;
    observe({ kind: 'instrument-identity', instrument: instrument.settings.id, identity, at: clock.wall() });
  }

  #begin(): Preparation {
    const { instrument, address } = this.#options;
    return new Preparation(instrument, instrument.choices ?? [], address);
  }

  /** Tells which variant it is, when that is news. */
  #tell(): void {
    const { found } = this.#preparation;
    if (found === undefined) return;
    const { instrument, clock, observe } = this.#options;
    const isChosen = 'chosen' in found;
    if (!isChosen) this.#undecidedUntil = clock.monotonic() + triedAgainAfter;
    const variant = isChosen ? found.chosen.id : null;
    const fitting = isChosen ? [found.chosen.id] : found.fitting.map(({ id }) => id);
    const news = JSON.stringify([variant, fitting]);
    if (news === this.#lastTold) return;
    this.#lastTold = news;
    observe({ kind: 'variant-found', instrument: instrument.settings.id, variant, fitting, at: clock.wall() });
  }
}
