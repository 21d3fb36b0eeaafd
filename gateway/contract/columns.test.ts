import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../record/canonical.ts';
import type { Entry, PeriodRecord } from '../record/record.ts';
import { limits } from './batch.ts';
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
const key = fc.constantFrom('kind', 'point', 'factor', 'from', 'average', 'values', '__proto__', '=', 'length');
/** Columns rather than rows, so that equal values, series and missing members come up often. */
const entries = fc
  .record({
    rows: fc.integer({ min: 1, max: 12 }),
    pools: fc.dictionary(key, fc.array(value, { minLength: 1, maxLength: 4 }), { maxKeys: 6 }),
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
  return isFault(read) ? read : read.map(canonicalJson);
}

test('whatever the entries are, columns bring back the same canonical bytes', () => {
  fc.assert(
    fc.property(entries, (written) => {
      expect(there(written)).toEqual(written.map(canonicalJson));
    }),
    { numRuns: 2000 },
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

test('consecutive minutes of several series make one table, with constants once and numbers as differences', () => {
  const written = Array.from({ length: 120 }, (_, i) => minute(Math.floor(i / 4), i % 4));
  const [table, ...others] = toTables(written);
  expect(others).toEqual([]);
  const column = (name: string): unknown => table?.columns[table.keys.indexOf(name)];
  expect(column('kind')).toEqual({ '=': 'minute' });
  expect(column('from')).toMatchObject({ offset: '+08:00', lag: 1 });
  expect(column('average')).toMatchObject({ scale: 1 });
  expect(there(written)).toEqual(written.map(canonicalJson));
});

const read = (table: object): unknown => fromTables([{ keys: ['a'], rows: 2, columns: [[1, 2]], ...table }]);

test('tables that do not add up are faults, not entries', () => {
  expect(read({})).toHaveLength(2);
  expect(read({ rows: 3 })).toMatchObject({ fault: expect.stringContaining('3 values') });
  expect(read({ keys: ['a', 'b'] })).toMatchObject({ fault: expect.stringContaining('2 keys') });
  expect(
    read({
      keys: ['a', 'a'],
      columns: [
        [1, 2],
        [1, 2],
      ],
    }),
  ).toMatchObject({ fault: expect.stringContaining('twice') });
  expect(read({ columns: [{ scale: 0, lag: 1, deltas: [1] }] })).toMatchObject({
    fault: expect.stringContaining('values'),
  });
  const farAway = { offset: '+08:00', lag: 1, deltas: [9e15, 1] };
  expect(read({ columns: [farAway] })).toMatchObject({ fault: expect.stringContaining('values') });
});

test('a shared value cannot be blown up without bound, nor nested without bound', () => {
  const column = { '=': 'x'.repeat(10_000) };
  expect(read({ rows: limits.entries, columns: [column] })).toMatchObject({ fault: expect.stringContaining('bytes') });
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  expect(read({ columns: [[deep, 1]] })).toMatchObject({ fault: expect.stringContaining('deep') });
});
