import { milliamperesOf } from '../../../../device-profiles/firmata.ts';
import type { FirmataPoint } from '../../../../device-profiles/profile.ts';
import type { Board, BoardFault } from '../../../../edge/site-io/board.ts';
import { CurrentLoop, namur } from '../../../../edge/site-io/wired/current-loop.ts';
import { type Input, nothingSent, type Taken } from './input.ts';

type LoopPoint = FirmataPoint & { readonly loop: NonNullable<FirmataPoint['loop']> };

const broken: Taken = { mark: { flag: 'D', reason: 'broken-loop', basis: 'observed' } };
const overRange: Taken = { mark: { flag: 'D', reason: 'over-range', basis: 'observed' } };

/** A current loop over a shunt: the mean of the samples, in mA, which its curve turns into a value. */
export class LoopInput implements Input {
  readonly point: LoopPoint;
  readonly #loop: CurrentLoop;

  private constructor(point: LoopPoint, supply: number) {
    const { from, under = namur.broken, over = namur.over } = point.curve ?? {};
    const [low, high] = from ?? [namur.low, namur.high];
    this.point = point;
    this.#loop = new CurrentLoop((counts) => milliamperesOf(counts, point.loop.shunt, supply), {
      ...{ broken: under, low, high, over },
    });
  }

  static wire(point: LoopPoint, board: Board, supply: number): LoopInput | BoardFault {
    const input = new LoopInput(point, supply);
    return board.watchAnalogue(point.loop.channel, (raw) => input.#loop.add(raw)) ?? input;
  }

  look(): Taken {
    const says = this.#loop.says();
    if (says === null) return nothingSent;
    if (says.milliamperes !== null) return { raw: Math.round(says.milliamperes * 1000) / 1000 };
    return says.state === 'broken' ? broken : overRange;
  }

  restart(): void {
    this.#loop.take();
  }

  stop(): void {}
}
