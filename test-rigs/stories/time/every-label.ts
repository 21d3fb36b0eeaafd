import { expect } from 'vitest';
import { readStamp } from '../../../gateway/clock.ts';
import type { GapRecord, PeriodRecord } from '../../../gateway/record/record.ts';
import { isClean } from '../../platform/audit.ts';
import { received, samplesOf } from '../received.ts';
import type { SimulatedSite } from '../simulated-site.ts';

const minute = 60_000;
const labelOf = (at: number): number => Math.floor(at / minute) * minute;
const moment = (stamp: string): number => readStamp(stamp) ?? Number.NaN;

/**
 * Holds what a platform has against what must be true in every story about time: every label of every series from the
 * first to the present is accounted for, by a minute or by a gap; none is told twice with one revision; no minute has
 * readings that were never sampled, and where neither the clock jumped nor a run began in it, it has all of them; and everything that the gateway
 * committed has arrived, once, and whole. Call it once nothing is held back.
 */
export function expectEveryLabel(site: SimulatedSite): void {
  const gaps = received(site.platform, 'gap').map(({ entry }) => entry);
  const minutes = received(site.platform, 'minute').map(({ entry }) => entry);
  const present = labelOf(site.gateway.clock.wall() - minute - 2000);
  const audits = received(site.platform, 'audit').map(({ entry }) => entry);
  const jumped = audits.some(({ action }) => action === 'clock-jumped');
  const starts = audits.filter(({ action }) => action === 'gateway-started').map(({ at }) => labelOf(moment(at)));
  // The newest samples are still in their open group.
  const isWhole = (at: number): boolean => !jumped && at < present && !starts.includes(at);
  const series = new Map(minutes.map((one) => [`${one.point} ${one.factor}`, one]));
  expect(series.size).toBeGreaterThan(2);
  for (const { point, factor } of series.values()) {
    const own = minutes.filter((one) => one.point === point && one.factor === factor);
    const labels = labelsOf(own, gaps);
    for (const [at, revisions] of labels) {
      expect([point, factor, new Date(at), new Set(revisions).size]).toEqual([
        point,
        factor,
        new Date(at),
        revisions.length,
      ]);
    }
    const past = [...labels.keys()].filter((at) => at <= present).sort((a, b) => a - b);
    expect(past).toEqual(past.map((_, index) => (past[0] ?? 0) + index * minute));
    expect(past.at(-1)).toBe(present);
    expectNothingInvented(site, own, isWhole, present);
  }
  expect(site.account()).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
  expect(isClean(site.platform.audit())).toBe(true);
}

/** The revisions under which each label was told of. */
function labelsOf(minutes: readonly PeriodRecord[], gaps: readonly GapRecord[]): Map<number, number[]> {
  const labels = new Map<number, number[]>();
  const say = (from: number, to: number, revision: number): void => {
    for (let at = from; at < to; at += minute) labels.set(at, [...(labels.get(at) ?? []), revision]);
  };
  for (const { from, revision } of minutes) say(moment(from), moment(from) + minute, revision);
  for (const { from, to, revision } of gaps) say(moment(from), moment(to), revision);
  return labels;
}

function expectNothingInvented(
  site: SimulatedSite,
  minutes: readonly PeriodRecord[],
  isWhole: (at: number) => boolean,
  present: number,
): void {
  const [{ point, factor } = { point: '', factor: '' }] = minutes;
  // In a story each instrument stands at a point of its own name.
  const sampled = new Map<number, number>();
  for (const sample of samplesOf(site.platform, point)) {
    if (sample.factor !== factor || sample.flag !== 'N') continue;
    const at = labelOf(sample.at);
    sampled.set(at, (sampled.get(at) ?? 0) + 1);
  }
  for (const { from, count } of minutes) {
    const there = sampled.get(moment(from)) ?? 0;
    if (isWhole(moment(from))) expect([point, factor, from, count]).toEqual([point, factor, from, there]);
    else if (moment(from) < present) expect(count).toBeLessThanOrEqual(there);
  }
}
