import type { FirmataPoint } from '../../../../device-profiles/profile.ts';
import type { Board } from '../../../../edge/site-io/board.ts';
import type { Climate } from '../../../../edge/site-io/wired/bme280.ts';
import { type ClimateFault, ClimateSensor } from '../../../../edge/site-io/wired/climate.ts';
import type { Clock, Monotonic } from '../../../clock.ts';
import { markOfFailure } from '../../instrument.ts';
import { type Input, nothingSent, notReady, type Taken } from './input.ts';

type Quantity = NonNullable<FirmataPoint['climate']>;

const faults: Readonly<Record<ClimateFault, Taken>> = {
  'no-answer': { mark: markOfFailure('no-bytes') },
  'other-chip': { mark: markOfFailure('foreign-function') },
  'not-sound': { mark: { flag: 'D', reason: 'not-a-number', basis: 'observed' } },
};
const noNumber: Taken = faults['not-sound'];

/** A sensor that was not heard of for so many of its turns has ceased to be asked. */
const mostTurns = 4;

/** The sensor in the cabinet: one measurement of it serves all its points. */
export class ClimateInputs {
  readonly #turn: number;
  readonly #sensor: ClimateSensor;
  #last: { readonly sample: Climate | ClimateFault; readonly at: Monotonic } | undefined;
  /** Counts the samples, so that none is told twice. */
  #samples = 0;

  /** It is asked twice in each `every`, so that there is something new in each. */
  constructor(board: Board, address: number, clock: Clock, every: number) {
    this.#turn = Math.max(1000, every / 2);
    this.#sensor = new ClimateSensor({
      ...{ board, clock, address, every: this.#turn },
      onSample: (sample, at) => {
        this.#last = { sample, at };
        this.#samples += 1;
      },
    });
  }

  input(point: FirmataPoint, quantity: Quantity): Input {
    let told = 0;
    return {
      point,
      look: (now): Taken => (this.#samples === told && told > 0 ? this.#oldNews(now) : this.#says(quantity)),
      restart: () => {
        told = this.#samples;
      },
      stop: () => this.#sensor.stop(),
    };
  }

  #oldNews(now: Monotonic): Taken {
    return now - (this.#last?.at ?? now) > mostTurns * this.#turn ? nothingSent : 'no-news';
  }

  #says(quantity: Quantity): Taken {
    const sample = this.#last?.sample;
    if (sample === undefined) return notReady;
    if (typeof sample === 'string') return faults[sample];
    const value = sample[quantity];
    return value === null ? noNumber : { raw: Math.round(value * 1000) / 1000 };
  }
}
