import type { FirmataPoint } from '../../../../device-profiles/profile.ts';
import type { Board } from '../../../../edge/site-io/board.ts';
import type { Climate } from '../../../../edge/site-io/wired/bme280.ts';
import { type ClimateFault, ClimateSensor } from '../../../../edge/site-io/wired/climate.ts';
import type { Clock } from '../../../clock.ts';
import { markOfFailure } from '../../instrument.ts';
import { type Input, notReady, type Taken } from './input.ts';

type Quantity = NonNullable<FirmataPoint['climate']>;

const faults: Readonly<Record<ClimateFault, Taken>> = {
  'no-answer': { mark: markOfFailure('no-bytes') },
  'other-chip': { mark: markOfFailure('foreign-function') },
  'not-sound': { mark: { flag: 'D', reason: 'not-a-number', basis: 'observed' } },
};
const noNumber: Taken = faults['not-sound'];

/** The sensor in the cabinet: one measurement of it serves all its points. */
export class ClimateInputs {
  readonly #sensor: ClimateSensor;
  #last: Climate | ClimateFault | undefined;
  /** Counts the samples, so that none is told twice. */
  #samples = 0;

  /** It is asked twice in each `every`, so that there is something new in each. */
  constructor(board: Board, address: number, clock: Clock, every: number) {
    this.#sensor = new ClimateSensor({
      ...{ board, clock, address, every: Math.max(1000, every / 2) },
      onSample: (sample) => {
        this.#last = sample;
        this.#samples += 1;
      },
    });
  }

  input(point: FirmataPoint, quantity: Quantity): Input {
    let told = 0;
    return {
      point,
      look: (): Taken => (this.#samples === told && told > 0 ? 'no-news' : this.#says(quantity)),
      restart: () => {
        told = this.#samples;
      },
      stop: () => this.#sensor.stop(),
    };
  }

  #says(quantity: Quantity): Taken {
    const sample = this.#last;
    if (sample === undefined) return notReady;
    if (typeof sample === 'string') return faults[sample];
    const value = sample[quantity];
    return value === null ? noNumber : { raw: Math.round(value * 1000) / 1000 };
  }
}
