import type { PeriodRecord } from '../../../gateway/record/record.ts';
import type { Sample } from '../../stories/received.ts';
import type { GatewayTimes } from '../world/gateway-times.ts';
import type { Answer } from '../world/soak-meter.ts';
import type { Told } from './told.ts';

const minute = 60_000;
/** From the question to the stamp, and the end of a poll, milliseconds. */
const slack = 1500;
/** What a loss of power takes of samples: the window in which they wait for their commit, and the commit. */
const sampleWindow = 62_000;

export interface MeterTruth {
  readonly answers: readonly Answer[];
  readonly told: Told;
  readonly times: GatewayTimes;
  readonly origin: number;
  readonly point: string;
  readonly instrument: string;
}

/** What is wrong with what the platform has of the meter, against the answers that it gave. */
export function meterFindings(truth: MeterTruth): string[] {
  const divergences: string[] = [];
  for (const factor of ['pm2.5', 'pm10']) {
    const tell = (text: string): void => void divergences.push(`${truth.instrument} ${factor}: ${text}`);
    compareSamples(truth, factor, tell);
    compareMinutes(truth, factor, tell);
  }
  return divergences;
}

type Tell = (text: string) => void;

/** Each answer is at the platform once, at its time, but for what a loss of power may take; nothing else is. */
function compareSamples({ answers, told, times, origin, instrument }: MeterTruth, factor: string, tell: Tell): void {
  const samples = told.samplesOf(instrument).filter((one) => one.factor === factor && one.value !== null);
  const byValue = Map.groupBy(samples, ({ value }) => value as number);
  for (const { at, values } of answers) {
    const value = values[factor] as number;
    const errors = times.errorsBetween(at, at + sampleWindow);
    const same = byValue.get(value) ?? [];
    const mine = same.filter((one) => errors.some((error) => isNear(one, at + origin + error)));
    if (mine.length > 1) tell(`answer ${value} of ${stamp(at + origin)} is at the platform ${mine.length} times`);
    const [first] = mine;
    if (first !== undefined) same.splice(same.indexOf(first), 1);
    else if (!times.mayBeLost(at, sampleWindow))
      tell(`answer ${value} of ${stamp(at + origin)} is not at the platform`);
  }
  for (const [value, more] of byValue) {
    for (const one of more) tell(`the platform has ${value} at ${stamp(one.at)}, which no answer was then`);
  }
}

function isNear({ at }: Sample, time: number): boolean {
  return Math.abs(at - time) <= slack;
}

/** A minute is the mean of answers that follow each other, of those that were given in it. */
function compareMinutes({ answers, told, times, origin, point }: MeterTruth, factor: string, tell: Tell): void {
  for (const [from, words] of told.wordsOf(point, factor)) {
    let before = 0;
    for (const { revision } of words) {
      if (revision <= before) tell(`${stamp(from)} came with revision ${revision} after ${before}`);
      before = revision;
    }
    for (const word of words) {
      if (word.count === 0) {
        if (word.average !== null || word.flag === 'N')
          tell(`${stamp(from)} is ${word.average}, ${word.flag}, of nothing`);
      } else if (!isMeanOfSome(word, runsOf(answers, times, from - origin), factor)) {
        tell(`${stamp(from)} says ${word.average} of ${word.count}, revision ${word.revision}, which no answers make`);
      }
    }
  }
}

/** Answers that may stand in a minute of the gateway's wall time, by how far its clock was off. */
function runsOf(answers: readonly Answer[], times: GatewayTimes, from: number): Answer[][] {
  const errors = new Set(times.errorsBetween(0, Number.POSITIVE_INFINITY));
  return [...errors].map((error) => answersBetween(answers, from - error - slack, from - error + minute + slack));
}

function answersBetween(answers: readonly Answer[], begin: number, end: number): Answer[] {
  let low = 0;
  for (let high = answers.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((answers[middle] as Answer).at < begin) low = middle + 1;
    else high = middle;
  }
  const found: Answer[] = [];
  for (let one = answers[low]; one !== undefined && one.at < end; one = answers[++low]) found.push(one);
  return found;
}

function isMeanOfSome(
  { count, average, minimum, maximum }: PeriodRecord,
  runs: readonly Answer[][],
  factor: string,
): boolean {
  return runs.some((run) =>
    run.slice(0, run.length - count + 1).some((_, begin) => {
      const values = run.slice(begin, begin + count).map(({ values: all }) => all[factor] as number);
      const mean = values.reduce((sum, value) => sum + value, 0) / count;
      const isSame = Math.abs(mean - (average ?? Number.NaN)) < 0.006;
      return isSame && Math.min(...values) === minimum && Math.max(...values) === maximum;
    }),
  );
}

const stamp = (wall: number): string => new Date(wall).toISOString();
