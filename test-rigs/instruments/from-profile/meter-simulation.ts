import type { Dlt645Profile } from '../../../device-profiles/profile.ts';
import type { Cancel, Clock } from '../../../gateway/clock.ts';
import type { ByteEnd } from '../../links/byte-end.ts';
import { SimulatedDlt645Meter } from '../simulated-dlt645-meter.ts';
import type { Shown } from './behaviours.ts';
import { inOwnUnit } from './encoding/own-units.ts';

/** How often the meter measures anew, milliseconds. */
const measuringInterval = 500;

/** A DL/T 645 meter that shows what it is given, in the digits of its formats. */
export class MeterSimulation {
  readonly #profile: Dlt645Profile;
  readonly #clock: Clock;
  readonly #shown: (point: Dlt645Profile['points'][number]) => Shown;
  readonly #meter: SimulatedDlt645Meter;

  constructor(
    profile: Dlt645Profile,
    address: string,
    clock: Clock,
    shown: (point: Dlt645Profile['points'][number]) => Shown,
  ) {
    this.#profile = profile;
    this.#clock = clock;
    this.#shown = shown;
    // Two digits make a byte.
    const layout = Object.fromEntries(
      profile.points.map(({ identifier, format }) => [identifier, Math.ceil(format.replace('.', '').length / 2)]),
    );
    this.#meter = new SimulatedDlt645Meter({ address, edition: profile.edition, clock, layout, turnAround: 30 });
    this.#measure();
  }

  get on(): boolean {
    return this.#meter.on;
  }

  set on(on: boolean) {
    this.#meter.on = on;
  }

  serve(end: ByteEnd): Cancel {
    let cancel: Cancel = () => undefined;
    const again = (): void => {
      this.#measure();
      cancel = this.#clock.after(measuringInterval, again);
    };
    again();
    const stop = this.#meter.serve(end);
    return () => {
      cancel();
      stop();
    };
  }

  #measure(): void {
    for (const point of this.#profile.points) {
      const shown = this.#shown(point);
      const decimals = point.format.split('.')[1]?.length ?? 0;
      const value =
        shown === 'none' ? 'absent' : (inOwnUnit(point.factor, shown, point.unit) - point.offset) / point.scale;
      this.#meter.values.set(point.identifier, typeof value === 'string' ? value : value.toFixed(decimals));
    }
  }
}
