import { milliamperesOf } from '../../../../device-profiles/firmata.ts';
import type { FirmataPoint } from '../../../../device-profiles/profile.ts';
import type { Board, BoardFault } from '../../../../edge/site-io/board.ts';
import type { Monotonic } from '../../../clock.ts';
import { type Input, nothingSent, type Taken } from './input.ts';

type LoopPoint = FirmataPoint & { readonly loop: NonNullable<FirmataPoint['loop']> };

/**
 * A current loop over a shunt: the mean of the samples, in mA, which its curve turns into a value. Where one sample was of a
 * broken loop or of too much current, that sample is what the stretch says: a mean with it would be a number of nothing.
 */
export class LoopInput implements Input {
  readonly point: LoopPoint;
  readonly #supply: number;
  #count = 0;
  #sum = 0;
  #lowest = Number.POSITIVE_INFINITY;
  #highest = Number.NEGATIVE_INFINITY;

  private constructor(point: LoopPoint, supply: number) {
    this.point = point;
    this.#supply = supply;
  }

  static wire(point: LoopPoint, board: Board, supply: number): LoopInput | BoardFault {
    const input = new LoopInput(point, supply);
    return board.watchAnalogue(point.loop.channel, (raw) => input.#sample(raw)) ?? input;
  }

  look(): Taken {
    if (this.#count === 0) return nothingSent;
    const { under = Number.NEGATIVE_INFINITY, over = Number.POSITIVE_INFINITY } = this.point.curve ?? {};
    const lowest = this.#milliamperes(this.#lowest);
    const highest = this.#milliamperes(this.#highest);
    if (lowest < under) return { raw: lowest };
    if (highest > over) return { raw: highest };
    return { raw: this.#milliamperes(this.#sum / this.#count) };
  }

  restart(_now: Monotonic): void {
    this.#count = 0;
    this.#sum = 0;
    this.#lowest = Number.POSITIVE_INFINITY;
    this.#highest = Number.NEGATIVE_INFINITY;
  }

  stop(): void {}

  #sample(raw: number): void {
    this.#count += 1;
    this.#sum += raw;
    this.#lowest = Math.min(this.#lowest, raw);
    this.#highest = Math.max(this.#highest, raw);
  }

  #milliamperes(counts: number): number {
    return milliamperesOf(counts, this.point.loop.shunt, this.#supply);
  }
}
