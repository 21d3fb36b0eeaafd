import type { Sample } from '../../stories/received.ts';
import type { GatewayTimes } from '../world/gateway-times.ts';
import type { Told } from './told.ts';

const minute = 60_000;

export interface Series {
  readonly point: string;
  readonly factor: string;
  readonly instrument: string;
}

/**
 * What is wrong with the minutes of a series that a node brings, against the samples that the platform has of it: the word
 * that holds on each minute is made of exactly the samples that were measured in it; no word came twice with a revision.
 * Where the clock was set over a minute, of exactly some of them that follow each other.
 */
export function nodeMinuteFindings(told: Told, { point, factor, instrument }: Series, times: GatewayTimes): string[] {
  const divergences: string[] = [];
  const tell = (from: number, text: string): void =>
    void divergences.push(`${point} ${factor}: ${new Date(from).toISOString()} ${text}`);
  const samples = told.samplesOf(instrument).filter((one) => one.factor === factor && one.value !== null);
  const byMinute = Map.groupBy(samples, ({ at }) => Math.floor(at / minute) * minute);
  const words = told.wordsOf(point, factor);
  for (const [from, all] of words) {
    let before = 0;
    for (const { revision } of all) {
      if (revision <= before) tell(from, `came with revision ${revision} after ${before}`);
      before = revision;
    }
  }
  for (const from of new Set([...byMinute.keys(), ...words.keys()])) {
    const said = words.get(from)?.at(-1);
    const found = byMinute.get(from) ?? [];
    const [count, average] = [said?.count ?? 0, said?.average ?? null];
    const isRight = times.isDisturbed(from) ? isMeanOfSome(found, count, average) : isMeanOf(found, count, average);
    if (!isRight) {
      const values = found.map(({ value, flag }) => `${value} ${flag}`).join(', ');
      tell(from, `is made of (${values}), and says ${average} of ${count}, ${said?.flag}, revision ${said?.revision}`);
    }
    if (count === 0 && said?.flag === 'N') tell(from, 'is normal, and made of nothing');
  }
  return divergences;
}

/** Those that were made of too little count only where there is nothing whole. */
function isMeanOf(found: readonly Sample[], count: number, average: number | null): boolean {
  const whole = found.filter(({ flag }) => flag === 'N');
  const counted = whole.length > 0 ? whole : found;
  if (counted.length !== count) return false;
  if (count === 0) return average === null;
  const mean = counted.reduce((sum, { value }) => sum + (value ?? 0), 0) / count;
  return Math.abs(mean - (average ?? Number.NaN)) < 0.006;
}

export function isMeanOfSome(found: readonly Sample[], count: number, average: number | null): boolean {
  if (count === 0) return average === null;
  return found.some((_, begin) =>
    found.some((__, end) => end >= begin && isMeanOf(found.slice(begin, end + 1), count, average)),
  );
}
