import type { Cadence } from '../../../device-profiles/profile.ts';
import type { Clock } from '../../clock.ts';
import type { Reading } from '../../reading/reading.ts';
import type { Driver } from '../instrument.ts';
import { periodOf } from '../settings.ts';
import type { OverheardExchange } from './bus-listener.ts';

/** A series that is expected to be overheard once in each of its periods. */
interface Slot {
  readonly driver: Driver;
  readonly cadence: Cadence;
  readonly period: number;
  /** When the next value is due to be told; what comes more often is left out. */
  due: number;
  /** When it is told that none came. */
  missingAt: number;
  last: Reading | undefined;
}

/** The other master and we do not keep step: so much of a period may pass before a value is missed. */
const tolerance = 1.5;

/**
 * Makes readings of what another master is answered: of each series at most one in each of its periods, and one without
 * a value where none was heard.
 */
export class Overhearing {
  readonly #drivers: readonly Driver[];
  readonly #clock: Clock;
  readonly #onReadings: (readings: readonly Reading[]) => void;
  #slots: Map<string, Slot> | undefined;

  constructor(drivers: readonly Driver[], clock: Clock, onReadings: (readings: readonly Reading[]) => void) {
    this.#drivers = drivers;
    this.#clock = clock;
    this.#onReadings = onReadings;
  }

  /** Listening begins: periods count from here. */
  begin(): void {
    const now = this.#clock.monotonic();
    this.#slots = new Map(
      this.#drivers.flatMap((driver) =>
        driver.cadences.flatMap((cadence) => {
          const period = Math.min(
            periodOf(cadence, driver.instrument.settings.every),
            periodOf('slow', driver.instrument.settings.every),
          );
          return driver
            .unheard(cadence)
            .map((reading): [string, Slot] => [
              keyOf(reading),
              { driver, cadence, period, due: now, missingAt: now + period * tolerance, last: undefined },
            ]);
        }),
      ),
    );
  }

  /** The line is spoken on again: nothing is expected to be overheard any more. */
  end(): void {
    this.#slots = undefined;
  }

  get isUnderWay(): boolean {
    return this.#slots !== undefined;
  }

  hear(exchange: OverheardExchange): void {
    for (const driver of this.#drivers) {
      const told = driver.overhear(exchange).filter((reading) => this.#isDue(reading));
      if (told.length > 0) this.#onReadings(told);
    }
  }

  #isDue(reading: Reading): boolean {
    const slot = this.#slots?.get(keyOf(reading));
    if (!slot) return false;
    const at = reading.monotonic;
    slot.last = reading;
    slot.missingAt = at + slot.period * tolerance;
    // A value that comes a little early still belongs to its period.
    if (at < slot.due - slot.period / 4) return false;
    slot.due = slot.due + slot.period > at ? slot.due + slot.period : at + slot.period;
    return true;
  }

  /** Tells of every series of which nothing was heard in its period. */
  tellMissing(): void {
    const now = this.#clock.monotonic();
    const missing = new Map<Driver, Set<Cadence>>();
    const keys = new Set<string>();
    for (const [key, slot] of this.#slots ?? []) {
      if (now < slot.missingAt) continue;
      slot.missingAt += slot.period;
      slot.due = Math.max(slot.due, now);
      keys.add(key);
      missing.set(slot.driver, (missing.get(slot.driver) ?? new Set()).add(slot.cadence));
    }
    for (const [driver, cadences] of missing) {
      const readings = [...cadences].flatMap((cadence) => driver.unheard(cadence));
      this.#onReadings(readings.filter((reading) => keys.has(keyOf(reading))));
    }
  }

  /** Milliseconds until something may have to be told as missing. */
  get nextMissing(): number {
    const now = this.#clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    for (const { missingAt } of this.#slots?.values() ?? []) next = Math.min(next, missingAt - now);
    return next;
  }

  /** What is known of an instrument now: what was overheard within a period, else that nothing was. */
  latest(driver: Driver, cadence: Cadence): readonly Reading[] {
    const now = this.#clock.monotonic();
    return driver.unheard(cadence).map((reading) => {
      const slot = this.#slots?.get(keyOf(reading));
      const last = slot?.last;
      return slot && last && now - last.monotonic <= slot.period * tolerance ? last : reading;
    });
  }
}

const keyOf = ({ point, factor }: Reading): string => `${point} ${factor}`;
