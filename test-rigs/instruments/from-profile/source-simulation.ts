import type { Hj212Profile, ProfilePoint } from '../../../device-profiles/profile.ts';
import type { Cancel, Clock } from '../../../gateway/clock.ts';
import type { ByteEnd } from '../../links/byte-end.ts';
import { SimulatedHj212Logger } from '../simulated-hj212-logger.ts';
import type { Shown, StateFlag } from './behaviours.ts';
import { inOwnUnit } from './encoding/own-units.ts';

/** How often it sends, milliseconds. */
const sendingInterval = 5000;

/** A source of HJ 212 that sends what it is given, with its state as the flag of each value. */
export class SourceSimulation {
  readonly #profile: Hj212Profile;
  readonly #clock: Clock;
  readonly #points: readonly ProfilePoint[];
  readonly #shown: (point: ProfilePoint) => Shown;
  readonly #state: () => StateFlag;
  readonly #logger: SimulatedHj212Logger;

  constructor(
    profile: Hj212Profile,
    clock: Clock,
    points: readonly ProfilePoint[],
    shown: (point: ProfilePoint) => Shown,
    state: () => StateFlag,
  ) {
    this.#profile = profile;
    this.#clock = clock;
    this.#points = points;
    this.#shown = shown;
    this.#state = state;
    this.#logger = new SimulatedHj212Logger({ clock, interval: sendingInterval });
    this.#logger.values.clear();
    this.#measure();
  }

  get on(): boolean {
    return this.#logger.on;
  }

  set on(on: boolean) {
    this.#logger.on = on;
  }

  serve(end: ByteEnd): Cancel {
    let cancel: Cancel = () => undefined;
    const again = (): void => {
      this.#measure();
      cancel = this.#clock.after(sendingInterval / 10, again);
    };
    again();
    const stop = this.#logger.serve(end);
    return () => {
      cancel();
      stop();
    };
  }

  #measure(): void {
    const state = this.#state();
    for (const point of this.#profile.points) {
      const [code = ''] = point.codes;
      const shown = this.#points.includes(point) ? this.#shown(point) : 'none';
      if (shown === 'none') {
        this.#logger.values.delete(code);
        continue;
      }
      const value = (inOwnUnit(point.factor, shown, point.unit, point.reference) - point.offset) / point.scale;
      this.#logger.values.set(code, value.toFixed(3));
      if (state === 'N') this.#logger.flags.delete(code);
      else this.#logger.flags.set(code, state);
    }
  }
}
