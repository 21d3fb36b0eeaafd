import { voltsOf } from '../../../../device-profiles/firmata.ts';
import type { FirmataPoint } from '../../../../device-profiles/profile.ts';
import type { Board, BoardFault } from '../../../../edge/site-io/board.ts';
import { Clamp, type ClampReading } from '../../../../edge/site-io/wired/clamp.ts';
import type { Monotonic } from '../../../clock.ts';
import { type Input, nothingSent, notReady, type Taken } from './input.ts';

type ClampPoint = FirmataPoint & { readonly clamp: NonNullable<FirmataPoint['clamp']> };

/** Why a window has no value: its wave is larger than the board can measure, or is not around half of the supply. */
const faults: Readonly<Record<NonNullable<ClampReading['fault']>, Taken>> = {
  clipped: { mark: { flag: 'D', reason: 'over-range', basis: 'observed' } },
  'no-bias': { mark: { flag: 'D', reason: 'broken-loop', basis: 'observed' } },
};

/** After so many windows without a value samples have ceased to come. */
const mostWindows = 2;

/** A clamp with a burden resistor: amperes in the wire, of one whole window after the other. */
export class ClampInput implements Input {
  readonly point: ClampPoint;
  readonly #supply: number;
  readonly #began: Monotonic;
  #last: { readonly reading: ClampReading; readonly at: Monotonic } | undefined;
  #isNews = false;

  private constructor(point: ClampPoint, supply: number, began: Monotonic) {
    this.point = point;
    this.#supply = supply;
    this.#began = began;
  }

  static wire(
    point: ClampPoint,
    board: Board,
    supply: number,
    sampling: number,
    now: () => Monotonic,
  ): ClampInput | BoardFault {
    const input = new ClampInput(point, supply, now());
    const { channel, windowSeconds } = point.clamp;
    const clamp = new Clamp({ sampling, windowSeconds }, (reading) => {
      input.#last = { reading, at: now() };
      input.#isNews = true;
    });
    return board.watchAnalogue(channel, (raw) => clamp.add(raw)) ?? input;
  }

  look(now: Monotonic): Taken {
    const patience = mostWindows * this.point.clamp.windowSeconds * 1000;
    if (now - (this.#last?.at ?? this.#began) > patience) return nothingSent;
    if (this.#last === undefined) return notReady;
    if (!this.#isNews) return 'no-news';
    const { fault, rms } = this.#last.reading;
    if (fault !== null || rms === null) return faults[fault ?? 'no-bias'];
    const { turns, burden } = this.point.clamp;
    // To a milliampere, as every current is shown.
    return { raw: Math.round((voltsOf(rms, this.#supply) * turns * 1000) / burden) / 1000 };
  }

  restart(): void {
    this.#isNews = false;
  }

  stop(): void {}
}
