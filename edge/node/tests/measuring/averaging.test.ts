import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firmwareLanguages, firmwarePart } from '../../../../test-rigs/surroundings/lua-machine/firmware-part.ts';

const seed = Number(process.env.SEED ?? 20_261_126);

interface Averaging {
  add(column: number, value: number): void;
  take(column: number, multiply: number, divide: number): string;
}

/**
 * An ESP32's Lua has 32-bit floats, which no interpreter here has. Everything that is divided goes through `floor`, and of
 * whole numbers below 2^24 the quotient is rounded to a single there as it would be on the chip.
 */
const singles = { math: { floor: (value: number) => Math.floor(Math.fround(value)) } };

const parts = await Promise.all([
  ...firmwareLanguages.map((one) => firmwarePart<Averaging>('averaging.ts', one)),
  firmwarePart<Averaging>('averaging.ts', 'JavaScript', singles),
]);

/** What every language makes of these values; they agree. */
function mean(values: readonly number[], multiply = 1, divide = 1): string {
  const texts = parts.map((part) => {
    for (const value of values) part.add(2, value);
    const text = part.take(2, multiply, divide);
    return text;
  });
  expect(new Set(texts).size).toBe(1);
  return texts[0] ?? '';
}

test('means of tenths are written as decimals, without a needless zero', () => {
  expect(mean([120])).toBe('12');
  expect(mean([123])).toBe('12.3');
  expect(mean([0, 0])).toBe('0');
  expect(mean([1, 2])).toBe('0.2');
  expect(mean([655_350])).toBe('65535');
});

test('nothing added is null, not 0, also after something was taken', () => {
  expect(mean([])).toBe('null');
  expect(mean([50])).toBe('5');
  expect(mean([])).toBe('null');
});

test('columns do not mix', () => {
  for (const part of parts) {
    part.add(0, 10);
    part.add(3, 30);
    expect([part.take(0, 1, 1), part.take(1, 1, 1), part.take(3, 1, 1)]).toEqual(['1', 'null', '3']);
  }
});

test('every mean is exact, whatever was added and in whatever order, and the same in every language and with 32-bit floats', () => {
  const values = fc.oneof(
    fc.array(fc.nat(655_350), { minLength: 1, maxLength: 120 }),
    fc.array(fc.constantFrom(0, 1, 655_349, 655_350), { minLength: 1, maxLength: 120 }),
  );
  fc.assert(
    fc.property(values, (all) => {
      const sum = all.reduce((total, value) => total + value, 0);
      const tenths = Math.floor((2 * sum + all.length) / (2 * all.length));
      expect(mean(all)).toBe(String(tenths / 10));
    }),
    { seed, numRuns: 80 },
  );
});

test('counts of both ADCs become millivolts, rounded to tenths once more', () => {
  const scales = [
    [125, 128, 1024],
    [220, 819, 4095],
  ] as const;
  for (const [multiply, divide, full] of scales) {
    fc.assert(
      fc.property(fc.array(fc.nat(full), { minLength: 1, maxLength: 60 }), (counts) => {
        const tenths = counts.map((count) => count * 10);
        const rounded = Math.floor(
          (2 * tenths.reduce((sum, one) => sum + one, 0) + counts.length) / (2 * counts.length),
        );
        expect(mean(tenths, multiply, divide)).toBe(
          String(Math.floor((rounded * multiply + Math.floor(divide / 2)) / divide) / 10),
        );
      }),
      { seed, numRuns: 30 },
    );
  }
  expect(mean([10_240], 125, 128)).toBe('1000');
  expect(mean([40_950], 220, 819)).toBe('1100');
});

test('a 32-bit float divides whole numbers below 2^24 without crossing to the next whole one', () => {
  const whole = fc.nat(2 ** 24 - 1);
  fc.assert(
    fc.property(whole, fc.integer({ min: 1, max: 2 ** 24 - 1 }), (value, by) => {
      expect(Math.floor(Math.fround(value / by))).toBe(Math.floor(value / by));
      const beside = by * Math.floor(value / by) - 1;
      if (beside > 0) expect(Math.floor(Math.fround(beside / by))).toBe(Math.floor(beside / by));
    }),
    { seed, numRuns: 5000 },
  );
});
