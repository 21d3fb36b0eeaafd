import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LocalTime, type Monotonic, readStamp, type WallTime } from '../clock.ts';
import type { Mark, Reading } from '../reading/reading.ts';
import { sampleBlocks } from './sample-block.ts';

const localTime = new LocalTime('Asia/Shanghai');
const start = Date.parse('2026-11-24T00:00:00.000+08:00');
const normal: Mark = { flag: 'N', reason: null, basis: null };
const silent: Mark = { flag: 'B', reason: 'no-answer', basis: 'observed' };

function reading(instrument: string, factor: Reading['factor'], at: number, value: number | null): Reading {
  const when = { at: (start + at) as WallTime, monotonic: at as Monotonic };
  return {
    instrument,
    point: 'gate',
    factor,
    ...when,
    value,
    mark: value === null ? silent : normal,
    origin: 'measured',
  };
}

test("one instrument's polls become the rows of one block, with the reason where a value is missing", () => {
  const poll = (at: number, a: number | null, b: number | null): Reading[] => [
    reading('dust', 'pm10', at, a),
    reading('dust', 'pm2.5', at, b),
  ];
  const { blocks, blockOf } = sampleBlocks([poll(0, 1.5, 2), poll(4000, null, 3)], localTime);
  expect(blocks).toEqual([
    {
      kind: 'samples',
      instrument: 'dust',
      from: '2026-11-24T00:00:00.000+08:00',
      times: [0, 4000],
      series: [
        { point: 'gate', factor: 'pm10', origin: 'measured' },
        { point: 'gate', factor: 'pm2.5', origin: 'measured' },
      ],
      values: [
        [1.5, null],
        [2, 3],
      ],
      flags: ['NB', 'NN'],
      reasons: [[0, 1, 'no-answer', 'observed']],
    },
  ]);
  expect(blockOf).toEqual([0, 0]);
});

test('a clock that was set back begins another block, so times never descend', () => {
  const polls = [0, 1000, -500, 500].map((at) => [reading('dust', 'pm10', at, at)]);
  const { blocks, blockOf } = sampleBlocks(polls, localTime);
  expect(blocks.map(({ times }) => times)).toEqual([
    [0, 1000],
    [0, 1000],
  ]);
  expect(blockOf).toEqual([0, 0, 1, 1]);
});

test('every reading stands in exactly one cell, and every cell is a reading', () => {
  const factors = ['pm10', 'pm2.5', 'noise'] as const;
  const one = fc.record({
    instrument: fc.constantFrom('dust-1', 'dust-2'),
    factor: fc.constantFrom(...factors),
    at: fc.integer({ min: 0, max: 5 }),
    value: fc.option(fc.integer(), { nil: null }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(one, { minLength: 1, maxLength: 6 }), { maxLength: 8 }), (drawn) => {
      const calls = drawn.map((call) =>
        call.map(({ instrument, factor, at, value }) => reading(instrument, factor, at, value)),
      );
      const { blocks, blockOf } = sampleBlocks(calls, localTime);
      const cells = blocks.flatMap(({ instrument, from, times, series, values, flags }) =>
        series.flatMap(({ factor }, index) =>
          times.map((time, row) => {
            const at = (readStamp(from) ?? Number.NaN) + time - start;
            return JSON.stringify([instrument, factor, at, values[index]?.[row], flags[index]?.[row]]);
          }),
        ),
      );
      const given = calls.flat().map(({ instrument, factor, at, value, mark }) => {
        return JSON.stringify([instrument, factor, at - start, value, mark.flag]);
      });
      expect(cells.sort()).toEqual(given.sort());
      for (const [call, place] of blockOf.entries())
        expect(blocks[place]?.instrument).toBe(calls[call]?.at(-1)?.instrument);
    }),
  );
});
