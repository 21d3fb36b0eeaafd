import { type AnalogueUse, millivoltsOf, startSampling } from './analogue/sampling.ts';
import { averaging, decimal } from './averaging.ts';
import { nova } from './frames/nova.ts';
import { plantower } from './frames/plantower.ts';
import type { Hardware } from './hardware.ts';

/** @noSelf */
export interface MeasuringPorts {
  hardware: Hardware;
  sensor: 'plantower' | 'nova' | 'none';
  adc: AnalogueUse;
  /** Seconds that a row stands for. */
  period: number;
  /** Wall time in whole seconds, undefined until the node was told it. */
  epoch(): number | undefined;
  /**
   * One finished period: the second since boot at which it began, its seconds, frames and samples that went into it, and
   * the values as JSON text in the order of `columns`, `null` for what was not measured.
   */
  row(s: number, d: number, nf: number, na: number, values: string): void;
}

/** @noSelf */
export interface Measuring {
  /** Sound frames since the boot, and what came instead of sound ones. */
  good(): number;
  bad(): number;
  /** Seconds since the last sound frame, since the start if there was none; undefined without a sensor. */
  silent(): number | undefined;
  /** Grows by one with every row. */
  progress(): number;
  /** Ends the period as it stands, for what is measured so far to be kept before a restart. */
  finish(): void;
}

/** A Plantower's readings are not steady before this, seconds (esphome, components/pmsx003). */
const warmUp = 30;

/** So many seconds without a frame, and the sensor is taken to have been off; they come about once a second. */
const pause = 10;

/** A period may be so many seconds longer than asked for, to end on the wall minute after a clock was set back. */
const slack = 2;

/** Names of the columns as JSON strings with commas between them. */
export function columns(sensor: MeasuringPorts['sensor'], adc: AnalogueUse): string {
  const first = sensor === 'plantower' ? '"pm1","pm25","pm10"' : sensor === 'nova' ? '"pm25","pm10","pm100"' : '';
  const last = adc === 'loop' ? '"adc"' : adc === 'clamp' ? '"rms"' : adc === 'sharp' ? '"dust"' : '';
  return first !== '' && last !== '' ? `${first},${last}` : first + last;
}

/** Starts sensor, sampling and periods; they run until the chip restarts. */
export function startMeasuring(ports: MeasuringPorts): Measuring {
  const hardware = ports.hardware;
  const averages = averaging(4);
  const heard = { good: 0, bad: 0 };
  const started = hardware.uptime();
  let begin = started;
  let isOnWall = false;
  let rows = 0;
  let frames = 0;
  let clipped = 0;
  let heardAt: number | undefined;
  let steadyAfter = 0;
  /** When `advance` last looked: a wall minute before that is one that it could not see. */
  let seen = begin;

  const end = (at: number, onWall: boolean): void => {
    const samples = averages.count(3);
    let values = '';
    if (ports.sensor !== 'none') {
      values = `${decimal(averages.take(0))},${decimal(averages.take(1))},${decimal(averages.take(2))}`;
    }
    if (ports.adc !== 'none') {
      const count = averages.take(3);
      // A mean with voltages in it that the ADC could not tell is too low. A loop at its end all the time still says so.
      const isTold = count !== undefined && (clipped === 0 || (ports.adc === 'loop' && clipped === samples));
      values = values + (values === '' ? '' : ',') + decimal(isTold ? millivoltsOf(hardware, count) : undefined);
    }
    ports.row(begin, at - begin, frames, samples, values);
    begin = at;
    isOnWall = onWall;
    rows += 1;
    frames = 0;
    clipped = 0;
  };

  /** Ends the period if its time is over; whatever comes after this belongs to the next. */
  const advance = (): number => {
    const now = hardware.uptime();
    const epoch = ports.epoch();
    if (epoch !== undefined) {
      const wall = now - (epoch % ports.period);
      // Both clocks show whole seconds, which change at different moments: the same minute may seem to begin twice.
      if (wall >= seen && wall > begin + slack) end(wall, true);
    }
    seen = now;
    const longest = isOnWall && epoch !== undefined ? ports.period + slack : ports.period;
    if (now - begin >= longest) end(now, false);
    return now;
  };

  const onValues = (first: number | undefined, second: number | undefined, third: number | undefined): void => {
    const now = advance();
    if (ports.sensor === 'plantower' && (heardAt === undefined || now - heardAt > pause)) steadyAfter = now + warmUp;
    heardAt = now;
    if (now <= steadyAfter && steadyAfter > 0) return;
    if (first !== undefined) averages.add(0, first);
    if (second !== undefined) averages.add(1, second);
    if (third !== undefined) averages.add(2, third);
    if (first !== undefined || third !== undefined) frames += 1;
  };

  const onCount = (count: number): void => {
    advance();
    if (count >= hardware.fullCount) clipped += 1;
    averages.add(3, count * 10);
  };

  if (ports.sensor === 'plantower') hardware.sensor(plantower(heard, onValues));
  if (ports.sensor === 'nova') hardware.sensor(nova(heard, onValues));
  if (ports.adc !== 'none') startSampling(hardware, ports.adc, onCount);
  hardware.every(500, advance);

  return {
    good: () => heard.good,
    bad: () => heard.bad,
    silent: () => (ports.sensor === 'none' ? undefined : hardware.uptime() - (heardAt ?? started)),
    progress: () => rows,
    finish: () => {
      const now = advance();
      if (now > begin) end(now, false);
    },
  };
}
