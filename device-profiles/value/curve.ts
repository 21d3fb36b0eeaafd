import { added, multiplied } from '../decimal.ts';
import type { Curve } from '../shape/decoding.ts';
import type { LookUp, NoValueReason } from './decoded.ts';

/** The value at a signal, or why there is none. Nothing is read beyond the end of a table, and nothing is clamped. */
export function valueOnCurve(curve: Curve, signal: number, lookUp: LookUp): number | NoValueReason {
  const { from, to, table, power, under, over } = curve;
  if (under !== undefined && signal < under) return 'broken-loop';
  if (over !== undefined && signal > over) return 'over-range';
  if (from && to) return onLine(from, to, signal, lookUp);
  if (table) return onTable(table, signal);
  if (power) return signal > 0 ? power.a * signal ** power.b : 'outside-curve';
  return signal;
}

function onLine(
  [low, high]: readonly [number, number],
  ends: readonly [number | string, number | string],
  signal: number,
  lookUp: LookUp,
): number | NoValueReason {
  const [first, last] = ends.map((end) => (typeof end === 'number' ? end : lookUp(end)));
  if (first === undefined || last === undefined) return 'scale-unknown';
  return between([low, first], [high, last], signal);
}

function onTable(table: readonly (readonly [number, number])[], signal: number): number | NoValueReason {
  const next = table.findIndex(([at]) => at >= signal);
  const [end, start] = [table[next], table[next - 1]];
  if (end === undefined) return 'outside-curve';
  if (end[0] === signal) return end[1];
  return start === undefined ? 'outside-curve' : between(start, end, signal);
}

function between(start: readonly [number, number], end: readonly [number, number], signal: number): number {
  const rise = multiplied(added(signal, -start[0]), added(end[1], -start[1]));
  return added(start[1], rise / added(end[0], -start[0]));
}
