import { type FactorCode, factors } from '../../../device-profiles/factors.ts';
import { LocalTime, type Monotonic, type WallTime } from '../../../gateway/clock.ts';
import type { Reading } from '../../../gateway/reading/reading.ts';
import type { PeriodRecord } from '../../../gateway/record/record.ts';
import { seededRandom } from '../../stories/seeded-random.ts';

/*
 * Minutes of a site as a gateway would have made them, without the gateway: noisy sensors with the resolution of real
 * ones, sampled every 4 s (15 a minute), some samples missed, some instruments silent for a while. Averages have two
 * digits more than the factor is written with, minimum and maximum are readings; so it is in gateway/averaging.
 */

/** How one kind of sensor behaves, in the factor's unit. */
interface Sensor {
  readonly factor: FactorCode;
  /** What it tells in steps of. */
  readonly step: number;
  readonly level: number;
  /** Standard deviation from sample to sample, and how far the level wanders in a minute. */
  readonly noise: number;
  readonly wander: number;
}

/** A dust station with its weather: the eight factors of a construction site (T/CAEPI 31 and its like). */
const station: readonly Sensor[] = [
  { factor: 'pm2.5', step: 0.1, level: 38, noise: 1.6, wander: 0.6 },
  { factor: 'pm10', step: 0.1, level: 71, noise: 3.5, wander: 1.4 },
  { factor: 'tsp', step: 0.1, level: 124, noise: 7, wander: 3 },
  { factor: 'temperature', step: 0.1, level: 21.4, noise: 0.08, wander: 0.04 },
  { factor: 'humidity', step: 0.1, level: 58, noise: 0.3, wander: 0.15 },
  { factor: 'wind-speed', step: 0.1, level: 2.3, noise: 0.6, wander: 0.1 },
  { factor: 'wind-direction', step: 1, level: 140, noise: 14, wander: 4 },
  { factor: 'noise', step: 0.1, level: 63, noise: 2.4, wander: 0.5 },
];

/** What an electricity meter on a fan or a purifier tells. The last one counts. */
const meter: readonly Sensor[] = [
  { factor: 'active-power', step: 1, level: 2210, noise: 24, wander: 6 },
  { factor: 'current', step: 0.001, level: 3.82, noise: 0.04, wander: 0.01 },
  { factor: 'energy-import', step: 0.01, level: 18_250, noise: 0, wander: 0.04 },
];

interface Series extends Sensor {
  readonly point: string;
  /** Series of one instrument fall silent together. */
  readonly instrument: number;
}

/** Series of a site with so many points: one station for 8, four stations and six meters for 50. */
function seriesOf(points: 8 | 10 | 50): readonly Series[] {
  const places = ['north-gate', 'east-wall', 'south-gate', 'batching-plant'];
  const machines = ['fan-1', 'fan-2', 'purifier-1', 'purifier-2', 'crusher', 'mixer'];
  const stations = points === 50 ? 4 : 1;
  const meters = { 8: 0, 10: 1, 50: 6 }[points];
  const all = [
    ...places.slice(0, stations).map((point) => ({ point, sensors: station })),
    ...machines.slice(0, meters).map((point) => ({ point, sensors: meter })),
  ];
  const series = all.flatMap(({ point, sensors }, instrument) =>
    sensors.map((sensor) => ({ ...sensor, point, instrument })),
  );
  return points === 10 ? series.slice(0, 10) : series;
}

/** What of a minute record is a number here: average, minimum and maximum where they are there. */
export function numbersIn(records: readonly PeriodRecord[]): number {
  let numbers = 0;
  for (const { average, minimum, maximum } of records) {
    for (const value of [average, minimum, maximum]) if (value !== null) numbers += 1;
  }
  return numbers;
}

const samples = 15;
/** Chances in a minute: that one sample of an instrument is missed, and that it falls silent. */
const missed = 0.05;
const falls = 1 / 1500;
/** Minutes that a silence lasts, at most. */
const silence = 20;

/** The site's minutes from a moment on, one after the other, the same for the same seed. */
export class SiteMinutes {
  readonly series: readonly Series[];
  readonly #random: () => number;
  readonly #time = new LocalTime('Asia/Shanghai');
  readonly #levels: number[];
  readonly #silentUntil: number[] = [];
  #next: number;

  constructor(points: 8 | 10 | 50, seed: number, from = Date.UTC(2026, 10, 24)) {
    this.series = seriesOf(points);
    this.#random = seededRandom(seed);
    this.#levels = this.series.map(({ level }) => level * (0.8 + 0.4 * this.#random()));
    this.#next = from;
  }

  /** The next minute: one record for every series. */
  minute(): PeriodRecord[] {
    const at = this.#next;
    this.#next += 60_000;
    const counts = new Map<number, number>();
    return this.series.map((series, index) => {
      const count = counts.get(series.instrument) ?? this.#countOf(series.instrument, at);
      counts.set(series.instrument, count);
      return this.#record(series, index, at, count);
    });
  }

  /** So many minutes in one list, in the order of their commits. */
  minutes(count: number): PeriodRecord[] {
    return Array.from({ length: count }, () => this.minute()).flat();
  }

  /** What every instrument says just now: one list an instrument. */
  readings(at: WallTime, monotonic: Monotonic): Reading[][] {
    const lists: Reading[][] = [];
    for (const [index, series] of this.series.entries()) {
      const { instrument, point, factor } = series;
      const value = this.#sample(series, index);
      const mark = { flag: 'N', reason: null, basis: null } as const;
      const list = lists[instrument] ?? [];
      lists[instrument] = list;
      list.push({
        instrument: `instrument-${instrument}`,
        point,
        factor,
        at,
        monotonic,
        value,
        mark,
        origin: 'measured',
      });
    }
    return lists;
  }

  #countOf(instrument: number, at: number): number {
    if (this.#random() < falls) this.#silentUntil[instrument] = at + Math.ceil(this.#random() * silence) * 60_000;
    if ((this.#silentUntil[instrument] ?? 0) > at) return 0;
    return samples - (this.#random() < missed ? 1 : 0);
  }

  #record(series: Series, index: number, at: number, count: number): PeriodRecord {
    const { point, factor } = series;
    const isThere = count > 0;
    const values =
      factors[factor].average === 'counter'
        ? this.#counted(series, index, count)
        : this.#measured(series, index, count);
    return {
      kind: 'minute',
      point,
      factor,
      from: this.#time.stamp(at as WallTime),
      ...values,
      count,
      expected: samples,
      flag: isThere ? 'N' : 'B',
      reason: isThere ? null : 'no-answer',
      basis: isThere ? null : 'observed',
      revision: 1,
      origin: 'measured',
    };
  }

  #measured(series: Series, index: number, count: number): Pick<PeriodRecord, 'average' | 'minimum' | 'maximum'> {
    if (count === 0) return { average: null, minimum: null, maximum: null };
    const values = Array.from({ length: count }, () => this.#sample(series, index));
    const average = values.reduce((sum, value) => sum + value, 0) / count;
    const digits = factors[series.factor].decimals + 2;
    return { average: Number(average.toFixed(digits)), minimum: Math.min(...values), maximum: Math.max(...values) };
  }

  /** A counter goes on counting while nobody can read it; its increase is not known in the first minute after. */
  #counted(
    { step, wander }: Series,
    index: number,
    count: number,
  ): Partial<PeriodRecord> & Pick<PeriodRecord, 'average' | 'minimum' | 'maximum'> {
    const before = this.#levels[index] ?? 0;
    const steps = Math.round((wander * (0.5 + this.#random())) / step);
    const after = Math.round(before / step + steps) / Math.round(1 / step);
    this.#levels[index] = after;
    if (count === 0) return { average: null, minimum: null, maximum: null, total: null };
    const first = Math.round(before / step + Math.min(1, steps)) / Math.round(1 / step);
    return { average: after, minimum: first, maximum: after, total: steps / Math.round(1 / step) };
  }

  #sample({ step, noise, wander }: Series, index: number): number {
    const level = (this.#levels[index] ?? 0) + (this.#normal() * wander) / Math.sqrt(samples);
    if (noise > 0) this.#levels[index] = Math.max(level, step);
    const steps = Math.max(0, Math.round((level + noise * this.#normal()) / step));
    // Tenths are divided by, not multiplied with, so that a value is the decimal that an instrument tells.
    return step < 1 ? steps / Math.round(1 / step) : steps * step;
  }

  /** Standard normal, by twelve uniform numbers. */
  #normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.#random();
    return sum;
  }
}
