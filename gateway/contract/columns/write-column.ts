import type { Json } from '../../record/record.ts';
import { readStampExactly } from '../stamps.ts';
import { type Column, type Deltas, largestRegister } from './forms.ts';

type Values = readonly Json[];
type Numbers = readonly (number | null)[];

/** What is known when a column is written: where the row before in the same series stands, and what numbers may be near. */
export interface Surroundings {
  /** Rows until the series come round again; 1 when they do not. */
  readonly period: number;
  /** Row by row, what rows are called that have as many digits after the point as each other; for a period of 1. */
  readonly alike?: readonly Json[] | undefined;
  /** An earlier column of numbers, and whether these lie above or below them. */
  readonly near?: { readonly side: 'above' | 'below'; readonly key: string; readonly values: Values } | undefined;
}

/** Writes the values in the form that takes the fewest characters, as far as that can be told without trying them all. */
export function writeColumn(values: Values, surroundings: Surroundings): Column {
  const shared = asShared(values);
  if (shared !== null) return shared;
  const { period } = surroundings;
  if (period > 1 && values.length > period && comesRound(values, period)) return { each: values.slice(0, period) };
  if (values.length < 3) return [...values];
  if (areNumbers(values)) return asNumbers(values, surroundings) ?? [...values];
  return asStamps(values, period) ?? [...values];
}

function comesRound(values: Values, period: number): boolean {
  for (let row = period; row < values.length; row++) if (!isSame(values[row], values[row - period])) return false;
  return true;
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Rows that a run must be worth: what `[12,1,null],` takes beside a value or two. */
const rowsPerRun = 6;

/** One value with few exceptions; null when there are too many of them. */
function asShared(values: Values): { '=': Json; but?: [number, number, Json][] } | null {
  if (values.length < 2) return null;
  const bound = Math.floor(values.length / rowsPerRun);
  const runs: [number, number, Json][] = [];
  const rowsOf = new Map<Json, number>();
  for (let row = 0; row < values.length; ) {
    const value = values[row] as Json;
    let end = row + 1;
    while (end < values.length && isSame(values[end], value)) end++;
    runs.push([row, end - row, value]);
    if (runs.length > 2 * bound + 1) return null;
    rowsOf.set(value, (rowsOf.get(value) ?? 0) + end - row);
    row = end;
  }
  let most = runs[0]?.[2] as Json;
  for (const [value, rows] of rowsOf) if (rows > (rowsOf.get(most) ?? 0)) most = value;
  const others = runs.filter(([, , value]) => !isSame(value, most));
  if (others.length > bound) return null;
  return others.length === 0 ? { '=': most } : { '=': most, but: afterEachOther(others) };
}

/** Run by run: how many rows after the last one it begins, rather than where. */
function afterEachOther<Value>(runs: readonly (readonly [number, number, Value])[]): [number, number, Value][] {
  let end = 0;
  return runs.map(([first, rows, value]) => {
    const passed = first - end;
    end = first + rows;
    return [passed, rows, value];
  });
}

function areNumbers(values: Values): values is Numbers {
  return values.every((value) => value === null || typeof value === 'number');
}

const powers = Array.from({ length: 10 }, (_, scale) => 10 ** scale);
const powerOf = (scale: number): number => powers[scale] ?? 1;

/** Digits after the point that bring the number back exactly; undefined beyond nine. */
function scaleOf(value: number, least: number): number | undefined {
  for (let scale = least; scale <= 9; scale++) {
    if (Math.round(value * powerOf(scale)) / powerOf(scale) === value) return scale;
  }
  return undefined;
}

/** Digits after the point per place in the period; null when a number has no such form. */
function scalesOf(values: Numbers, period: number, alike?: readonly Json[]): number[] | null {
  const scales = new Array<number>(Math.min(period, values.length)).fill(0);
  const placeOf = new Map<Json, number>();
  for (const [row, value] of values.entries()) {
    const name = alike?.[row] ?? row % period;
    const place = placeOf.get(name) ?? row % period;
    placeOf.set(name, place);
    const scale = value === null ? 0 : scaleOf(value, scales[place] ?? 0);
    if (scale === undefined) return null;
    scales[place] = Math.max(scale, scales[place] ?? 0);
  }
  return alike === undefined ? scales : values.map((_, row) => scales[placeOf.get(alike[row] ?? null) ?? row] ?? 0);
}

/** Characters that an integer takes with its comma. */
function width(n: number): number {
  const size = n < 0 ? -n : n;
  const sign = n < 0 ? 2 : 1;
  if (size < 10) return sign + 1;
  if (size < 100) return sign + 2;
  if (size < 1000) return sign + 3;
  return sign + 1 + Math.floor(Math.log10(size));
}

interface Candidate {
  readonly column: Column;
  readonly width: number;
}

function asNumbers(values: Numbers, { period, alike, near }: Surroundings): Column | null {
  const candidates: (Candidate | null)[] = [asDifferences(values, period)];
  if (near !== undefined)
    candidates.push(
      period > 1
        ? asDistances(values, near, scalesOf(values, period))
        : asDistances(values, near, scalesOf(values, values.length, alike)),
    );
  // Where no series comes again there is nothing that the numbers themselves need be told from.
  if (period === 1) candidates.push({ column: [...values], width: JSON.stringify(values).length });
  let best: Candidate | null = null;
  for (const one of candidates) if (one !== null && (best === null || one.width < best.width)) best = one;
  return best?.column ?? null;
}

function scaleText(scales: readonly number[]): string {
  const [first] = scales;
  return scales.every((scale) => scale === first) ? String(first) : scales.join('');
}

function asDifferences(values: Numbers, lag: number): Candidate | null {
  const scales = scalesOf(values, lag);
  if (scales === null) return null;
  const registers = new Array<number>(lag).fill(0);
  const deltas: (number | null)[] = [];
  let sum = scales.length;
  for (const [row, value] of values.entries()) {
    const place = row % lag;
    const delta = value === null ? null : integerOf(value, scales[place] ?? 0) - (registers[place] ?? 0);
    if (delta !== null) {
      if (!isSafe(value, (registers[place] ?? 0) + delta, scales[place] ?? 0)) return null;
      registers[place] = (registers[place] ?? 0) + delta;
    }
    sum += delta === null ? 5 : width(delta);
    deltas.push(delta);
  }
  return { column: { scale: scaleText(scales), lag, deltas: writeDeltas(deltas) }, width: sum };
}

function asDistances(
  values: Numbers,
  near: NonNullable<Surroundings['near']>,
  scales: number[] | null,
): Candidate | null {
  const { side, key, values: others } = near;
  if (scales === null || others.length !== values.length) return null;
  const deltas: (number | null)[] = [];
  let sum = scales.length;
  for (const [row, value] of values.entries()) {
    const scale = scales[row % scales.length] ?? 0;
    const base = baseOf(others[row], scale);
    if (base === undefined || (value !== null && !isSafe(value, integerOf(value, scale), scale))) return null;
    const distance = value === null ? null : integerOf(value, scale) - base;
    const delta = distance !== null && side === 'below' ? 0 - distance : distance;
    sum += delta === null ? 5 : width(delta);
    deltas.push(delta);
  }
  const column = { scale: scaleText(scales), deltas: writeDeltas(deltas) };
  return { column: side === 'above' ? { ...column, above: key } : { ...column, below: key }, width: sum };
}

/** What a distance is counted from: the other number's integer part at this scale. Undefined when it is too large. */
export function baseOf(other: unknown, scale: number): number | undefined {
  if (typeof other !== 'number') return 0;
  const base = Math.floor(other * powerOf(scale));
  return Math.abs(base) <= largestRegister ? base : undefined;
}

function integerOf(value: number, scale: number): number {
  return Math.round(value * powerOf(scale));
}

function isSafe(value: number | null, register: number, scale: number): boolean {
  return Math.abs(register) <= largestRegister && register / powerOf(scale) === value;
}

function writeDeltas(deltas: (number | null)[]): Deltas {
  return (asShared(deltas) as Deltas | null) ?? deltas;
}

function asStamps(values: Values, lag: number): Column | null {
  const first = values.find((value) => value !== null);
  if (typeof first !== 'string') return null;
  const offset = first.slice(-6);
  const registers = new Array<number>(lag).fill(0);
  const deltas: (number | null)[] = [];
  let [last, lastTime]: [Json | undefined, number | undefined] = [undefined, undefined];
  for (const [row, value] of values.entries()) {
    if (value === null) {
      deltas.push(null);
      continue;
    }
    if (typeof value !== 'string') return null;
    const time: number | undefined = value === last ? lastTime : readStampExactly(value, offset);
    if (time === undefined) return null;
    [last, lastTime] = [value, time];
    deltas.push(time - (registers[row % lag] ?? 0));
    registers[row % lag] = time;
  }
  return { offset, lag, deltas: writeDeltas(deltas) };
}
