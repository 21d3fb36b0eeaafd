import { canonicalJson } from '../../record/canonical.ts';
import { writeStamp } from '../stamps.ts';
import { deepest, largestRegister, mostRows } from './forms.ts';

/** A column read: row by row the value, and its canonical JSON. Undefined where the row does not have the member. */
export interface Cells {
  readonly values: readonly unknown[];
  readonly texts: readonly (string | undefined)[];
  /** The text that every row has, when it is one. */
  readonly shared?: string;
}

/** Why a column is none. */
export class ColumnFault {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

type Form = { readonly [member: string]: unknown };

/**
 * Reads a column of so many rows in any of its forms; `earlier` are the columns before it in its table. `room` are the
 * bytes that its values may take when they are written out. Whatever the column is, it gives cells or a fault.
 */
export function readColumn(
  column: unknown,
  rows: number,
  earlier: ReadonlyMap<string, Cells>,
  room: number,
): Cells | ColumnFault {
  if (Array.isArray(column)) {
    return column.length === rows ? plain(column, room) : new ColumnFault(`does not hold ${rows} values`);
  }
  if (typeof column !== 'object' || column === null) return new ColumnFault('is no column');
  const form = column as Form;
  if ('=' in form) return shared(form, rows, room);
  if ('each' in form) return each(form, rows, room);
  if ('offset' in form) return stamps(form, rows);
  if ('lag' in form) return differences(form, rows);
  if ('above' in form || 'below' in form) return distances(form, rows, earlier);
  return new ColumnFault('is no column');
}

function hasOnly(form: Form, ...members: readonly string[]): boolean {
  for (const name of Object.keys(form)) if (!members.includes(name)) return false;
  return true;
}

const isCount = (value: unknown, least: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= mostRows;

/** Canonical JSON of a value; a fault when it has none or is nested too deep. */
function textOf(value: unknown): string | ColumnFault {
  if (typeof value === 'string') return JSON.stringify(value);
  // JSON text can hold 1e999, which is no number any more once it is read.
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : new ColumnFault('a number too large');
  if (typeof value !== 'object' || value === null) return String(value);
  if (isTooDeep(value, deepest)) return new ColumnFault('too deep');
  return hasInfinity(value) ? new ColumnFault('a number too large') : canonicalJson(value);
}

function isTooDeep(value: unknown, left: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (left === 0) return true;
  return Object.values(value).some((inner) => isTooDeep(inner, left - 1));
}

function hasInfinity(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return typeof value === 'number' && !Number.isFinite(value);
  return Object.values(value).some(hasInfinity);
}

const tooMuch = new ColumnFault('too many bytes when written out');

function plain(values: readonly unknown[], room: number): Cells | ColumnFault {
  const texts: string[] = [];
  let left = room;
  for (const value of values) {
    const text = textOf(value);
    if (text instanceof ColumnFault) return text;
    left -= text.length;
    if (left < 0) return tooMuch;
    texts.push(text);
  }
  return { values, texts };
}

/** Goes over the runs of `=` and `but`; false when they are none or go beyond the rows. */
function overRuns(form: Form, rows: number, give: (value: unknown, rows: number) => boolean): boolean {
  const { but = [] } = form;
  if (!Array.isArray(but)) return false;
  let row = 0;
  for (const run of but) {
    if (!Array.isArray(run) || run.length !== 3) return false;
    const [passed, count, value] = run;
    if (!isCount(passed, 0) || !isCount(count, 1) || row + passed + count > rows) return false;
    if (passed > 0 && !give(form['='], passed)) return false;
    if (!give(value, count)) return false;
    row += passed + count;
  }
  return row === rows || give(form['='], rows - row);
}

function shared(form: Form, rows: number, room: number): Cells | ColumnFault {
  if (!hasOnly(form, '=', 'but')) return new ColumnFault('has members that no form of a column has');
  const common = textOf(form['=']);
  if (common instanceof ColumnFault) return common;
  const values: unknown[] = [];
  const texts: string[] = [];
  let left = room;
  let fault: ColumnFault | undefined;
  const whole = overRuns(form, rows, (value, count) => {
    const text = value === form['='] ? common : textOf(value);
    if (text instanceof ColumnFault) fault = text;
    else if (text.length * count > left) fault = tooMuch;
    else {
      left -= text.length * count;
      for (let i = 0; i < count; i++) {
        values.push(value);
        texts.push(text);
      }
    }
    return fault === undefined;
  });
  if (fault !== undefined) return fault;
  if (!whole) return new ColumnFault(`its runs do not fit ${rows} rows`);
  return form.but === undefined ? { values, texts, shared: common } : { values, texts };
}

function each(form: Form, rows: number, room: number): Cells | ColumnFault {
  const { each: round } = form;
  if (!hasOnly(form, 'each') || !Array.isArray(round) || !isCount(round.length, 1))
    return new ColumnFault('each: no list of values');
  const once = plain(round, room);
  if (once instanceof ColumnFault) return once;
  const [values, texts]: [unknown[], (string | undefined)[]] = [[], []];
  let left = room;
  for (let row = 0; row < rows; row++) {
    const place = row % round.length;
    left -= once.texts[place]?.length ?? 0;
    if (left < 0) return tooMuch;
    values.push(round[place]);
    texts.push(once.texts[place]);
  }
  return { values, texts };
}

/** The integers or nulls of `deltas`, one a row; undefined when they are none. */
function deltasOf({ deltas }: Form, rows: number): readonly (number | null)[] | undefined {
  if (Array.isArray(deltas)) return deltas.length === rows && deltas.every(isDelta) ? deltas : undefined;
  if (typeof deltas !== 'object' || deltas === null || !('=' in deltas)) return undefined;
  const form = deltas as Form;
  if (!hasOnly(form, '=', 'but') || !isDelta(form['='])) return undefined;
  const out: (number | null)[] = [];
  const whole = overRuns(form, rows, (delta, count) => {
    if (!isDelta(delta)) return false;
    for (let i = 0; i < count; i++) out.push(delta);
    return true;
  });
  return whole ? out : undefined;
}

const isDelta = (value: unknown): value is number | null => value === null || Number.isSafeInteger(value);

const powers = Array.from({ length: 10 }, (_, scale) => 10 ** scale);

/** What the digits of `scale` divide by, in turn; undefined when they are none. */
function divisorsOf({ scale }: Form): readonly number[] | undefined {
  if (typeof scale !== 'string' || scale.length > mostRows || !/^[0-9]+$/.test(scale)) return undefined;
  return Array.from(scale, (digit) => powers[Number(digit)] ?? 1);
}

const noDeltas = (rows: number): ColumnFault => new ColumnFault(`deltas: does not hold ${rows} values`);
const outOfRange = new ColumnFault('a sum beyond exact integers');

function differences(form: Form, rows: number): Cells | ColumnFault {
  const divisors = divisorsOf(form);
  if (!hasOnly(form, 'scale', 'lag', 'deltas') || divisors === undefined) return new ColumnFault('scale: no digits');
  const { lag } = form;
  if (!isCount(lag, 1)) return new ColumnFault(`lag: no number of rows`);
  const deltas = deltasOf(form, rows);
  if (deltas === undefined) return noDeltas(rows);
  const registers = new Float64Array(Math.min(lag, rows));
  const values: (number | null)[] = [];
  const texts: string[] = [];
  for (let row = 0; row < rows; row++) {
    const delta = deltas[row] ?? null;
    const sum = (registers[row % lag] ?? 0) + (delta ?? 0);
    if (!(Math.abs(sum) <= largestRegister)) return outOfRange;
    registers[row % lag] = sum;
    const value = delta === null ? null : sum / (divisors[row % divisors.length] ?? 1);
    values.push(value);
    texts.push(String(value));
  }
  return { values, texts };
}

function distances(form: Form, rows: number, earlier: ReadonlyMap<string, Cells>): Cells | ColumnFault {
  const isAbove = 'above' in form;
  const divisors = divisorsOf(form);
  if (!hasOnly(form, 'scale', isAbove ? 'above' : 'below', 'deltas') || divisors === undefined)
    return new ColumnFault('scale: no digits');
  const others = earlier.get(String(isAbove ? form.above : form.below))?.values;
  if (others?.length !== rows) return new ColumnFault('above or below: no earlier column of as many rows');
  const deltas = deltasOf(form, rows);
  if (deltas === undefined) return noDeltas(rows);
  const values: (number | null)[] = [];
  const texts: string[] = [];
  for (let row = 0; row < rows; row++) {
    const delta = deltas[row] ?? null;
    const divisor = divisors[row % divisors.length] ?? 1;
    const other = others[row];
    const base = typeof other === 'number' ? Math.floor(other * divisor) : 0;
    const sum = base + (isAbove ? 1 : -1) * (delta ?? 0);
    if (!(Math.abs(base) <= largestRegister && Math.abs(sum) <= largestRegister)) return outOfRange;
    const value = delta === null ? null : sum / divisor;
    values.push(value);
    texts.push(String(value));
  }
  return { values, texts };
}

function stamps(form: Form, rows: number): Cells | ColumnFault {
  const { offset, lag } = form;
  if (!hasOnly(form, 'offset', 'lag', 'deltas') || typeof offset !== 'string' || !/^[+-]\d\d:\d\d$/.test(offset))
    return new ColumnFault('offset: none such as +08:00');
  if (!isCount(lag, 1)) return new ColumnFault(`lag: no number of rows`);
  const deltas = deltasOf(form, rows);
  if (deltas === undefined) return noDeltas(rows);
  const registers = new Float64Array(Math.min(lag, rows));
  const values: (string | null)[] = [];
  const texts: string[] = [];
  // Rows of one minute stand side by side.
  let [lastSum, lastStamp, lastText] = [Number.NaN, '', ''];
  for (let row = 0; row < rows; row++) {
    const delta = deltas[row] ?? null;
    if (delta === null) {
      values.push(null);
      texts.push('null');
      continue;
    }
    const sum = (registers[row % lag] ?? 0) + delta;
    registers[row % lag] = sum;
    if (sum !== lastSum) {
      const stamp = writeStamp(sum, offset);
      if (stamp === undefined) return new ColumnFault(`does not hold ${rows} values that are stamps`);
      [lastSum, lastStamp, lastText] = [sum, stamp, `"${stamp}"`];
    }
    values.push(lastStamp);
    texts.push(lastText);
  }
  return { values, texts };
}
