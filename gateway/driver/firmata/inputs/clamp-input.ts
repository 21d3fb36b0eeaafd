import { voltsOf } from '../../../../device-profiles/firmata.ts';
import type { FirmataPoint } from '../../../../device-profiles/profile.ts';
import type { Board, BoardFault } from '../../../../edge/site-io/board.ts';
import { Clamp } from '../../../../edge/site-io/clamp.ts';
import type { Monotonic } from '../../../clock.ts';
import { type Input, notReady, type Taken } from './input.ts';

type ClampPoint = FirmataPoint & { readonly clamp: NonNullable<FirmataPoint['clamp']> };

/** The wave is larger than the board can measure, so its root mean square would come out too small. */
const cutOff: Taken = { mark: { flag: 'D', reason: 'over-range', basis: 'observed' } };

/** A clamp with a burden resistor: amperes in the wire, of the last whole window. */
export class ClampInput implements Input {
  readonly point: ClampPoint;
  readonly #clamp: Clamp;
  readonly #supply: number;

  private constructor(point: ClampPoint, supply: number, interval: number) {
    this.point = point;
    this.#supply = supply;
    this.#clamp = new Clamp({ window: point.clamp.windowSeconds * 1000, interval });
  }

  static wire(point: ClampPoint, board: Board, supply: number, interval: number): ClampInput | BoardFault {
    const input = new ClampInput(point, supply, interval);
    return board.watchAnalogue(point.clamp.channel, (raw, at) => input.#clamp.sample(raw, at)) ?? input;
  }

  look(now: Monotonic): Taken {
    const says = this.#clamp.says(now);
    if (says === 'not-yet') return notReady;
    if (says === 'cut-off') return cutOff;
    const { turns, burden } = this.point.clamp;
    // To a milliampere, as every current is shown.
    return { raw: Math.round((voltsOf(says.rms, this.#supply) * turns * 1000) / burden) / 1000 };
  }

  /** Its window slides. */
  restart(): void {}

  stop(): void {}
}
