import type { FirmataPoint } from '../../../../device-profiles/profile.ts';
import { type Board, isBoardFault } from '../../../../edge/site-io/board.ts';
import { Climate, type ClimateValues } from '../../../../edge/site-io/climate.ts';
import type { Clock } from '../../../clock.ts';
import type { Mark } from '../../../reading/reading.ts';
import { markOfFailure } from '../../instrument.ts';
import type { Input, Taken } from './input.ts';

type Quantity = NonNullable<FirmataPoint['climate']>;

const silent: Mark = markOfFailure('no-bytes');
const lost: Mark = markOfFailure('line-lost');

/** The sensor in the cabinet: one reading of it serves all its points. */
export class ClimateInputs {
  readonly #climate: Climate;
  #reading: Promise<ClimateValues | Mark> | undefined;

  constructor(board: Board, address: number, clock: Clock) {
    this.#climate = new Climate(board, address, clock);
  }

  input(point: FirmataPoint, quantity: Quantity): Input {
    return {
      point,
      look: async (): Promise<Taken> => {
        this.#reading ??= this.#read();
        const says = await this.#reading;
        return 'flag' in says ? { mark: says } : { raw: says[quantity] };
      },
      restart: () => undefined,
      stop: () => undefined,
    };
  }

  async #read(): Promise<ClimateValues | Mark> {
    const says = await this.#climate.read();
    this.#reading = undefined;
    if (says === 'no-answer') return silent;
    return isBoardFault(says) ? lost : says;
  }
}
