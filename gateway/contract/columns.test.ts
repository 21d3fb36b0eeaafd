import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../record/canonical.ts';
import type { Entry, PeriodRecord } from '../record/record.ts';
import { limits } from './batch.ts';
import { type Column, tableSchema } from './columns/forms.ts';
import { fromTables, toTables } from './columns.ts';
import { isFault } from './fields.ts';

const stamp = fc
  .tuple(fc.integer({ min: -1e12, max: 4e12 }), fc.constantFrom('+08:00', '+00:00', '-03:30'))
  .map(([time, offset]) => new Date(time).toISOString().slice(0, -1) + offset);
const decimal = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 11 })).map(([n, scale]) => n / 10 ** scale);
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  decimal,
  fc.integer(),
  fc.constant(null),
  fc.constant(-0),
  stamp,
  fc.constantFrom('2026-13-45T00:00:00.000+08:00', '2026-11-24T24:00:00.000+08:00', '', '\ud800'),
  fc.jsonValue(),
);
const key = fc.constantFrom(
  ...['kind', 'point', 'factor', 'from', 'average', 'minimum', 'maximum', 'total', 'constructor', '__proto__', '='],
);
/** Columns rather than rows, so that equal values, series and missing members come up often. */
const entries = fc
  .record({
    rows: fc.integer({ min: 1, max: 12 }),
    pools: fc.dictionary(key, fc.array(value, { minLength: 1, maxLength: 4 }), { maxKeys: 7 }),
    left: fc.array(fc.tuple(key, fc.integer({ min: 0, max: 11 })), { maxLength: 3 }),
  })
  .map(({ rows, pools, left }) =>
    Array.from({ length: rows }, (_, row) =>
      Object.fromEntries(
        Object.entries(pools)
          .filter(([name]) => !left.some(([gone, where]) => gone === name && where === row))
          .map(([name, pool]) => [name, pool[(row * 7 + name.length) % pool.length]]),
      ),
    ),
  );

function there(written: readonly unknown[]): unknown {
  const sent: unknown = JSON.parse(JSON.stringify(toTables(written as Entry[])));
  const read = fromTables(sent as ReturnType<typeof toTables>);
  if (isFault(read)) return read;
  expect(read.texts).toEqual(read.entries.map(canonicalJson));
  return read.texts;
}

test('whatever the entries are, columns bring back the same canonical bytes', () => {
  fc.assert(
    fc.property(entries, (written) => {
      expect(there(written)).toEqual(written.map(canonicalJson));
    }),
    { numRuns: 3000 },
  );
});

test('any numbers and stamps come back exactly', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ n: decimal, at: stamp, d: fc.double({ noNaN: true, noDefaultInfinity: true }) })),
      (written) => {
        expect(there(written)).toEqual(written.map(canonicalJson));
      },
    ),
    { numRuns: 1000 },
  );
});

const minute = (i: number, series: number): PeriodRecord => ({
  kind: 'minute',
  point: `p${series}`,
  factor: 'pm10',
  from: new Date(1.79e12 + i * 60_000).toISOString().replace('Z', '+08:00'),
  average: (350 + ((i * 7 + series * 13) % 10)) / 10,
  minimum: null,
  maximum: 40,
  count: 15,
  expected: 15,
  flag: 'N',
  reason: null,
  basis: null,
  revision: 0,
  origin: 'measured',
});

const table = (written: readonly Entry[]): { [key: string]: Column } => {
  const [first, ...others] = toTables(written);
  expect(others).toEqual([]);
  return Object.fromEntries((first?.keys ?? []).map((key, i) => [key, first?.columns[i] ?? []]));
};

test('consecutive minutes of several series make one table, with constants once and numbers as differences', () => {
  const written = Array.from({ length: 120 }, (_, i) => minute(Math.floor(i / 4), i % 4));
  const columns = table(written);
  expect(columns.kind).toEqual({ '=': 'minute' });
  expect(columns.point).toEqual({ each: ['p0', 'p1', 'p2', 'p3'] });
  expect(columns.from).toEqual({
    offset: '+08:00',
    lag: 4,
    deltas: { '=': 60_000, but: [[0, 4, 1.79e12 - 8 * 3_600_000]] },
  });
  expect(columns.average).toMatchObject({ scale: '1', lag: 4 });
  expect(there(written)).toEqual(written.map(canonicalJson));
});

test('what is nearly always the same is written once, with the runs of rows where it is not', () => {
  const written = Array.from({ length: 60 }, (_, i) => ({ ...minute(i, 0), flag: i >= 20 && i < 25 ? 'B' : 'N' }));
  expect(table(written as Entry[]).flag).toEqual({ '=': 'N', but: [[20, 5, 'B']] });
  expect(there(written as Entry[])).toEqual(written.map(canonicalJson));
});

test('the least and the greatest of a minute are written by how far they are from its average', () => {
  const around = [
    [29.1, 30.217, 31.4],
    [66, 68.403, 70.2],
    [12.7, 12.9, 13],
    [98.3, 101.55, 105.1],
  ] as const;
  const written = around.map(([minimum, average, maximum], i) => ({ ...minute(0, i), minimum, average, maximum }));
  const { minimum, maximum } = table(written);
  expect(minimum).toEqual({ scale: '1', below: 'average', deltas: [11, 24, 2, 32] });
  expect(maximum).toEqual({ scale: '1', above: 'average', deltas: [12, 18, 1, 36] });
  expect(there(written)).toEqual(written.map(canonicalJson));
});

test('series of unlike precision each keep their own digits', () => {
  const written = Array.from({ length: 12 }, (_, i) => ({
    ...minute(i >> 1, i % 2),
    average: i % 2 ? 101_325 + i : 2 + i / 1000,
  }));
  expect(table(written).average).toMatchObject({ scale: '30', lag: 2 });
  expect(there(written)).toEqual(written.map(canonicalJson));
});

test('counters among other series need no table of their own: a member may be had by some rows only', () => {
  const written = Array.from({ length: 40 }, (_, i) =>
    i % 4 === 3 ? { ...minute(i >> 2, 3), total: i / 100 } : minute(i >> 2, i % 4),
  );
  const [first, ...others] = toTables(written);
  expect(others).toEqual([]);
  expect(first?.has).toEqual({ total: { each: [0, 0, 0, 1] } });
  expect(there(written)).toEqual(written.map(canonicalJson));
});

test('kinds that are unlike each other stand in tables of their own', () => {
  const event = { kind: 'event', at: '2026-11-24T11:45:00.000+08:00', event: 'e', details: {}, revision: 1 } as Entry;
  const written = [minute(0, 0), minute(0, 1), event, { ...minute(0, 2), kind: 'hour' } as Entry];
  expect(toTables(written).map(({ rows }) => rows)).toEqual([2, 1, 1]);
  expect(there(written)).toEqual(written.map(canonicalJson));
});

const read = (table: object): unknown => {
  const result = fromTables([{ keys: ['a'], rows: 2, columns: [[1, 2]], ...table }]);
  return isFault(result) ? result.fault : result.entries;
};
const column = (one: unknown): unknown => read({ columns: [one] });
const besides = (one: unknown): unknown => read({ keys: ['n', 'a'], columns: [[1.25, null], one] });

test('every form of a column is read as the contract says', () => {
  expect(column([1, 'x'])).toEqual([{ a: 1 }, { a: 'x' }]);
  expect(column({ '=': null })).toEqual([{ a: null }, { a: null }]);
  expect(column({ '=': 1, but: [[1, 1, 2]] })).toEqual([{ a: 1 }, { a: 2 }]);
  expect(column({ each: [7] })).toEqual([{ a: 7 }, { a: 7 }]);
  expect(column({ scale: '1', lag: 1, deltas: [15, -20] })).toEqual([{ a: 1.5 }, { a: -0.5 }]);
  expect(column({ scale: '12', lag: 2, deltas: [15, null] })).toEqual([{ a: 1.5 }, { a: null }]);
  expect(column({ offset: '+08:00', lag: 1, deltas: { '=': 60_000 } })).toEqual([
    { a: '1970-01-01T08:01:00.000+08:00' },
    { a: '1970-01-01T08:02:00.000+08:00' },
  ]);
  // 1.25 has 12 tenths; what has no number beside it counts from 0.
  expect(besides({ scale: '1', above: 'n', deltas: [3, 4] })).toMatchObject([{ a: 1.5 }, { a: 0.4 }]);
  expect(besides({ scale: '1', below: 'n', deltas: [3, 4] })).toMatchObject([{ a: 0.9 }, { a: -0.4 }]);
  expect(read({ columns: [[5]], has: { a: { '=': 1, but: [[0, 1, 0]] } } })).toEqual([{}, { a: 5 }]);
});

test.each([
  ['more rows than values', { rows: 3 }, '3 values'],
  ['more keys than columns', { keys: ['a', 'b'] }, '2 keys'],
  [
    'one key twice',
    {
      keys: ['a', 'a'],
      columns: [
        [1, 2],
        [1, 2],
      ],
    },
    'twice',
  ],
  ['rows beyond bounds', { rows: limits.entries + 1 }, 'rows'],
  ['a member that no table has', { words: 1 }, 'members'],
  ['a column that is none', { columns: [7] }, 'no column'],
  ['an object without a form', { columns: [{}] }, 'no column'],
  ['runs beyond the rows', { columns: [{ '=': 1, but: [[1, 2, 0]] }] }, 'runs'],
  ['a run of nothing', { columns: [{ '=': 1, but: [[0, 0, 0]] }] }, 'runs'],
  ['runs that are none', { columns: [{ '=': 1, but: 3 }] }, 'runs'],
  ['a round of nothing', { columns: [{ each: [] }] }, 'each'],
  ['deltas that are too few', { columns: [{ scale: '0', lag: 1, deltas: [1] }] }, 'values'],
  ['deltas that are no integers', { columns: [{ scale: '0', lag: 1, deltas: [1, 0.5] }] }, 'values'],
  ['shared deltas that are no integers', { columns: [{ scale: '0', lag: 1, deltas: { '=': 'x' } }] }, 'values'],
  ['a scale that is none', { columns: [{ scale: 1, lag: 1, deltas: [1, 1] }] }, 'scale'],
  ['a lag that is none', { columns: [{ scale: '1', lag: 0, deltas: [1, 1] }] }, 'lag'],
  ['sums beyond exact integers', { columns: [{ scale: '0', lag: 1, deltas: [2 ** 51, 1] }] }, 'exact'],
  [
    'a base beyond exact integers',
    { keys: ['n', 'a'], columns: [[1e15, 1], { scale: '2', above: 'n', deltas: [1, 1] }] },
    'exact',
  ],
  ['a column near itself', { columns: [{ scale: '1', above: 'a', deltas: [1, 1] }] }, 'earlier'],
  ['stamps out of this world', { columns: [{ offset: '+08:00', lag: 1, deltas: [9e15, 1] }] }, 'stamps'],
  ['an offset that is none', { columns: [{ offset: 'Z', lag: 1, deltas: [1, 1] }] }, 'offset'],
  ['a form with members of another', { columns: [{ '=': 1, lag: 1 }] }, 'members'],
  ['a member that is had by no key', { has: { b: { '=': 1 } } }, 'has'],
  ['a member that is half had', { has: { a: { '=': 0.5 } } }, 'has'],
  ['a number that JSON can write and nobody can hold', { columns: [[1, Number.POSITIVE_INFINITY]] }, 'too large'],
  ['the same within an object', { columns: [[1, { n: [Number.POSITIVE_INFINITY] }]] }, 'too large'],
])('%s is a fault', (_, change, word) => {
  expect(read(change)).toContain(word);
});

test('nothing shared can be blown up without bound, nor nested without bound', () => {
  const long = 'x'.repeat(10_000);
  const rows = limits.entries;
  for (const one of [{ '=': long }, { '=': 1, but: [[0, rows, long]] }, { each: [long] }]) {
    expect(read({ rows, columns: [one] }), JSON.stringify(one).slice(0, 20)).toContain('bytes');
  }
  expect(read({ rows, keys: [long], columns: [{ '=': 1 }] })).toContain('bytes');
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  expect(column([deep, 1])).toContain('deep');
});

const anyForm = fc.oneof(
  fc.array(fc.jsonValue(), { maxLength: 3 }),
  fc.record(
    {
      '=': fc.jsonValue(),
      but: fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.jsonValue()), { maxLength: 2 }),
      each: fc.array(fc.jsonValue(), { maxLength: 3 }),
      scale: fc.constantFrom('1', '03', '', 'x'),
      lag: fc.nat(3),
      deltas: fc.array(fc.oneof(fc.integer(), fc.constant(null), fc.constant(0.5)), { minLength: 1, maxLength: 3 }),
      offset: fc.constantFrom('+08:00', '-99:99', 'x'),
      above: fc.constantFrom('n', 'a', 'length'),
      below: fc.constantFrom('n', 'a'),
    },
    { requiredKeys: [] },
  ),
);

test('what is read is never more than the published schema allows, and never throws', () => {
  fc.assert(
    fc.property(anyForm, anyForm, (one, other) => {
      const tables = [{ keys: ['n', 'a'], rows: 2, columns: [one, other] }];
      const result = fromTables(tables);
      if (isFault(result)) return;
      expect(tableSchema.safeParse(tables[0]).success).toBe(true);
      expect(result.texts).toEqual(result.entries.map(canonicalJson));
    }),
    { numRuns: 5000 },
  );
});
