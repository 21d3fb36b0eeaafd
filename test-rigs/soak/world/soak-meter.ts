import type { Clock } from '../../../gateway/clock.ts';
import { registerImage } from '../../instruments/register-image.ts';
import type { Registers } from '../../instruments/simulated-modbus-slave.ts';
import { dustMeter, type StoryInstrument } from '../../stories/wiring.ts';

export const meterId = 'dust-1';

/** An answer that the meter gave: when it was asked, and what it measured then. */
export interface Answer {
  readonly at: number;
  readonly values: { readonly [factor: string]: number };
}

/** A JXCT dust meter on an RS-485 line whose every answer is another: what it gave, and when. */
export class SoakMeter {
  readonly answers: Answer[] = [];
  readonly instrument: StoryInstrument = dustMeter(meterId, 1, {
    every: '30s',
    registers: (clock) => this.#registers(clock),
  });

  #registers(clock: Clock): Registers {
    return registerImage(3, () => {
      const number = this.answers.length;
      const [pm25, pm10] = [30 + (number % 251), 40 + (number % 241)];
      this.answers.push({ at: clock.monotonic(), values: { 'pm2.5': pm25, pm10 } });
      return [0, 0, 0, 0, pm25, 0, 0, 0, 0, pm10].map((value, index): [number, number[]] => [index, [value]]);
    });
  }
}
