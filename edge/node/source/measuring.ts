import { add, counts, take } from './averaging.ts';
import { nova } from './frames/nova.ts';
import { plantower } from './frames/plantower.ts';
import type { Heard, OnFrame } from './frames/scanner.ts';
import type { Hardware } from './hardware.ts';

/**
 * What hangs on the analogue pin, and what its mean over a period is then, mV at the chip's pin:
 * - `loop`: 4-20 mA through a shunt; the mean of the voltage.
 * - `clamp`: a current transformer behind a rectifier; the mean of the rectified voltage, not its root mean square.
 * - `sharp`: a Sharp dust sensor; the mean of its pulses, each taken 0.28 ms after its LED was lit, every 10 ms.
 */
export type AnalogueUse = 'none' | 'loop' | 'clamp' | 'sharp';

export type SensorKind = 'plantower' | 'nova' | 'none';

/** @noSelf */
export interface Measuring extends Heard {
  /** Second since boot at which the last sound frame came; undefined before the first, and without a sensor. */
  heardAt: number | undefined;
  /**
   * Ends the period if its time is over, or, if told `true`, as it stands: for what is measured so far to be kept before a
   * restart. Gives the seconds since boot.
   */
  advance(isLast?: unknown): number;
}

/** A Plantower's readings are not steady before this, seconds (esphome, components/pmsx003). */
const unsteady = 30;

/** So many seconds from one frame to the next, and the sensor is taken to have been off; they come about once a second. */
const pause = 11;

/** A period may be so many seconds longer than asked for, to end on the wall minute after a clock was set back. */
const slack = 2;

/** Names of the columns as JSON strings with commas between them. */
function columns(sensor: SensorKind, adc: AnalogueUse): string {
  const first = sensor === 'plantower' ? '"pm1","pm25","pm10"' : '"pm25","pm10","pm100"';
  const last = adc === 'loop' ? '"adc"' : adc === 'clamp' ? '"rms"' : '"dust"';
  if (sensor === 'none') return adc === 'none' ? '' : last;
  return adc === 'none' ? first : `${first},${last}`;
}

/**
 * Starts sensor, sampling and periods; they run until the chip restarts. Called once.
 *
 * @param period seconds that a row stands for; an hour is whole periods
 * @param epochOf wall time in whole seconds at that second since boot, undefined until the node was told it
 * @param onRow one finished period: the second since boot at which it began, its seconds, frames and samples that went
 *   into it, and the values as JSON text in the order of `columns`, `null` for what was not measured
 */
function startMeasuring(
  hardware: Hardware,
  sensor: SensorKind,
  adc: AnalogueUse,
  period: number,
  epochOf: (now: number) => number | undefined,
  onRow: (s: number, d: number, nf: number, na: number, values: string) => void,
): Measuring {
  const uptime = hardware.uptime;
  const warmUp = sensor === 'plantower' ? unsteady : -1;
  let begin = uptime();
  /** When `advance` last looked: a wall minute before that is one that it could not see. */
  let seen = begin;
  let isOnWall = false;
  let frames = 0;
  let clipped = 0;
  let steadyAfter = 0;

  const end = (at: number): void => {
    const samples = counts[3] as number;
    const isTold = clipped === 0 || (adc === 'loop' && clipped === samples);
    let values = sensor === 'none' ? '' : `${take(0, 1, 1)},${take(1, 1, 1)},${take(2, 1, 1)}`;
    if (adc !== 'none') {
      const volts = take(3, hardware.perMillivolts, hardware.perCounts);
      // A mean with voltages in it that the ADC could not tell is too low. A loop at its end all the time still says so.
      values += (sensor === 'none' ? '' : ',') + (isTold ? volts : 'null');
    }
    const s = begin;
    const nf = frames;
    begin = at;
    frames = 0;
    clipped = 0;
    onRow(s, at - s, nf, samples, values);
  };

  const advance = (isLast?: unknown): number => {
    const now = uptime();
    // Of the same moment: the second may be over by the time the chip is asked again.
    const epoch = epochOf(now);
    const wall = epoch === undefined ? 0 : now - (epoch % period);
    // Both clocks show whole seconds, which change at different moments: the same minute may seem to begin twice.
    if (wall >= seen && wall > begin + slack) {
      end(wall);
      isOnWall = true;
    }
    seen = now;
    if (
      now - begin >= (isOnWall && epoch !== undefined ? period + slack : period) ||
      (isLast === true && now > begin)
    ) {
      end(now);
      isOnWall = false;
    }
    return now;
  };

  const measuring: Measuring = { good: 0, bad: 0, heardAt: undefined, advance };

  const onFrame: OnFrame = (first, second, third) => {
    const now = advance();
    if (now - (measuring.heardAt ?? -pause) >= pause) steadyAfter = now + warmUp;
    measuring.heardAt = now;
    if (now <= steadyAfter) return;
    if (first !== undefined) add(0, first);
    if (second !== undefined) add(1, second);
    if (third !== undefined) add(2, third);
    if (first !== undefined || third !== undefined) frames += 1;
  };

  if (sensor !== 'none') hardware.sensor((sensor === 'nova' ? nova : plantower)(measuring, onFrame));
  if (adc !== 'none') {
    hardware.sample(adc === 'sharp', (count) => {
      advance();
      if (count >= hardware.fullCount) clipped += 1;
      add(3, count * 10);
    });
  }
  hardware.every(500, advance);
  // Neither is called again, and on an ESP8266 they are 1 KB of heap.
  const once: { sensor?: unknown; sample?: unknown } = hardware;
  once.sensor = undefined;
  once.sample = undefined;
  return measuring;
}

export { columns, startMeasuring };
