import { readStamp } from '../../gateway/clock.ts';
import type { PeriodRecord } from '../../gateway/record/record.ts';
import type { Platform } from '../platform/platform.ts';
import { received, samplesOf } from '../stories/received.ts';

const minute = 60_000;
const timeOf = (stamp: string): number => readStamp(stamp) ?? Number.NaN;

export interface Series {
  readonly point: string;
  readonly factor: string;
  readonly instrument: string;
}

/**
 * What is wrong with the minutes of a series that a node brings, against the samples that the platform has of it: the word
 * that holds on each minute is made of exactly the samples that were measured in it; no word came twice with a revision;
 * every minute is spoken of, or lies in a gap.
 */
export function minuteFindings(platform: Platform, { point, factor, instrument }: Series): string[] {
  const divergences: string[] = [];
  const tell = (text: string): void => void divergences.push(`${point} ${factor}: ${text}`);
  const held = new Map<number, PeriodRecord>();
  for (const { entry } of received(platform, 'minute')) {
    if (entry.point !== point || entry.factor !== factor) continue;
    const from = timeOf(entry.from);
    const before = held.get(from)?.revision ?? 0;
    if (entry.revision <= before) tell(`${entry.from} came with revision ${entry.revision} after ${before}`);
    else held.set(from, entry);
  }
  const samples = samplesOf(platform, instrument).filter((one) => one.factor === factor && one.value !== null);
  const byMinute = Map.groupBy(samples, ({ at }) => Math.floor(at / minute) * minute);
  for (const [from, all] of byMinute) {
    const whole = all.filter(({ flag }) => flag === 'N');
    const counted = whole.length > 0 ? whole : all;
    const mean = counted.reduce((sum, { value }) => sum + (value ?? 0), 0) / counted.length;
    const said = held.get(from);
    const isRight = said?.count === counted.length && Math.abs((said.average ?? Number.NaN) - mean) < 0.006;
    if (!isRight) {
      const values = counted.map(({ value }) => value).join(', ');
      tell(
        `${new Date(from).toISOString()} is made of ${values}, and says ${said?.average} of ${said?.count}, revision ${said?.revision}`,
      );
    }
  }
  for (const [from, { count, average, flag }] of held) {
    if (!byMinute.has(from) && (count > 0 || average !== null || flag === 'N'))
      tell(`${new Date(from).toISOString()} says ${average} of ${count}, ${flag}, and nothing was measured`);
  }
  divergences.push(...uncovered(platform, held).map((text) => `${point} ${factor}: ${text}`));
  return divergences;
}

function uncovered(platform: Platform, held: ReadonlyMap<number, PeriodRecord>): string[] {
  const gaps = received(platform, 'gap').map(({ entry }) => [timeOf(entry.from), timeOf(entry.to)] as const);
  const starts = [...held.keys()].sort((a, b) => a - b);
  const missing: string[] = [];
  for (let from = starts[0] ?? 0; from < (starts.at(-1) ?? 0); from += minute) {
    if (!held.has(from) && !gaps.some(([begin, end]) => begin <= from && from + minute <= end))
      missing.push(`nothing is said of ${new Date(from).toISOString()}`);
  }
  return missing;
}
