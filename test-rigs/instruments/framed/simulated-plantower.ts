import { type Cancel, type Clock, systemClock } from '../../../gateway/clock.ts';
import type { ByteEnd } from '../../links/byte-end.ts';
import { swaying } from '../register-image.ts';

/*
 * In three lines:
 *   const sensor = new SimulatedPlantower({ clock });
 *   sensor.serve(line.connect());                       // talks from now on, once a second
 *   sensor.on = false;                                  // switched off
 */

/** The twelve numbers of a frame: PM1, PM2.5, PM10 at CF=1, the same in air, then six counts per 0.1 L. */
type PlantowerNumbers = readonly number[];

export interface SimulatedPlantowerOptions {
  readonly clock?: Clock;
  /** Milliseconds between frames. */
  readonly interval?: number;
  /** Milliseconds after switching on during which it sends zeros. */
  readonly warmUp?: number;
  /** What it measures in the n-th frame, counted from 0. */
  readonly numbers?: (frame: number) => PlantowerNumbers;
}

/** A Plantower PMS5003 in its active mode. */
export class SimulatedPlantower {
  on = true;
  /** Frames sent. */
  sent = 0;
  /** Makes of each frame what reaches the line; nothing, to drop it. */
  fault: (frame: Uint8Array) => Uint8Array = (frame) => frame;
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #warmUp: number;
  readonly #numbers: (frame: number) => PlantowerNumbers;
  readonly #startedAt: number;

  constructor(options: SimulatedPlantowerOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#interval = options.interval ?? 1000;
    this.#warmUp = options.warmUp ?? 0;
    this.#startedAt = this.#clock.monotonic();
    this.#numbers = options.numbers ?? (() => plausibleDust(this.#clock.monotonic()));
  }

  /** Begins to talk on that end; the result makes it stop for good. */
  serve(end: ByteEnd): Cancel {
    let due: number = this.#clock.monotonic();
    let cancel: Cancel = () => undefined;
    const talk = (): void => {
      due += this.#interval;
      cancel = this.#clock.after(due - this.#clock.monotonic(), talk);
      if (!this.on) return;
      const warming = this.#clock.monotonic() - this.#startedAt < this.#warmUp;
      end.send(this.fault(plantowerFrame(warming ? new Array(12).fill(0) : this.#numbers(this.sent))));
      this.sent += 1;
    };
    cancel = this.#clock.after(0, talk);
    return () => cancel();
  }
}

/** A 32-byte frame: 42 4D, length 001C, twelve words, version 97 and error 00, sum of all bytes before it. */
export function plantowerFrame(numbers: PlantowerNumbers): Uint8Array {
  const bytes = [0x42, 0x4d, 0x00, 0x1c];
  for (const number of numbers) bytes.push((number >> 8) & 0xff, number & 0xff);
  bytes.push(0x97, 0x00);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  return Uint8Array.of(...bytes, (sum >> 8) & 0xff, sum & 0xff);
}

function plausibleDust(milliseconds: number): PlantowerNumbers {
  const fine = Math.max(0, Math.round(swaying(35, 8, 150, milliseconds)));
  const finest = Math.round(fine * 0.65);
  const coarse = Math.round(fine * 1.4);
  const counts = [fine * 180, fine * 52, fine * 9, fine, Math.round(fine / 6), Math.round(fine / 15)];
  return [finest, fine, coarse, finest, fine, coarse, ...counts];
}
