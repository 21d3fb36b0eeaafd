import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plantowerFrame } from '../../../../test-rigs/instruments/framed/simulated-plantower.ts';
import {
  type FirmwareLanguage,
  firmwareLanguages,
  firmwarePart,
} from '../../../../test-rigs/surroundings/lua-machine/firmware-part.ts';
import {
  type BenchSettings,
  MeasuringBench,
  type Row,
} from '../../../../test-rigs/surroundings/lua-machine/measuring/measuring-bench.ts';

const seed = Number(process.env.SEED ?? 20_261_126);

/** 2025-11-26T12:00:00Z. */
const noon = 1_764_158_400_000;

const frame = (pm25: number): Uint8Array => plantowerFrame([0, 0, 0, 1, pm25, pm25 + 5, 300, 200, 100, 5, 2, 1]);

function novaFrame(pm25: number, pm10: number): Uint8Array {
  const data = [pm25, pm10, 0x60a1].flatMap((word) => [word & 255, word >> 8]);
  return Uint8Array.from([0xaa, 0xc0, ...data, data.reduce((sum, byte) => sum + byte, 0) & 255, 0xab]);
}

/** Runs the same story in every language; the rows are the same, and come back. */
async function rowsOf(settings: BenchSettings, story: (bench: MeasuringBench) => void): Promise<readonly Row[]> {
  const all = await Promise.all(
    firmwareLanguages.map(async (language: FirmwareLanguage) => {
      const bench = await MeasuringBench.open(language, settings);
      story(bench);
      return bench.rows;
    }),
  );
  expect(all[1]).toEqual(all[0]);
  expect(all[2]).toEqual(all[0]);
  return all[0] ?? [];
}

/** One frame a second, at the half second, up to then; what it says depends on the second since boot. */
function measured(bench: MeasuringBench, until: number, pm25: (second: number) => number): void {
  for (let second = Math.floor(bench.now / 1000); second * 1000 + 500 <= until; second += 1) {
    if (second * 1000 + 500 <= bench.now) continue;
    bench.until(second * 1000 + 500);
    bench.frame(frame(pm25(second)));
  }
  bench.until(until);
}

describe('periods', () => {
  test('follow each other from the start on while the node knows no time', async () => {
    const rows = await rowsOf({ sensor: 'nova', startsAt: 5200 }, (bench) => bench.until(186_000));
    expect(rows.map(({ s, d }) => [s, d])).toEqual([
      [5, 60],
      [65, 60],
      [125, 60],
    ]);
  });

  test('end on the wall minute once the time is known; the first part and the last are rows of their own', async () => {
    const rows = await rowsOf({ sensor: 'nova' }, (bench) => {
      bench.until(30_000);
      // It is 12:00:20 when the node hears of it: the period that runs ends with its minute, 40 s later.
      bench.epochAtBoot = noon + 20_000 - 30_000;
      bench.until(200_000);
      bench.measuring.advance(true);
    });
    expect(rows.map(({ s, d }) => [s, d])).toEqual([
      [5, 60],
      [65, 5],
      [70, 60],
      [130, 60],
      [190, 10],
    ]);
  });

  test('are as long as they are set to, and end on their multiples', async () => {
    const rows = await rowsOf({ sensor: 'nova', period: 10 }, (bench) => {
      bench.epochAtBoot = noon + 3000 - 5000;
      bench.until(40_000);
    });
    expect(rows.map(({ s, d }) => [s, d])).toEqual([
      [5, 7],
      [12, 10],
      [22, 10],
    ]);
  });

  test('a clock that is set back by a second makes one period a second longer, and no period of one second', async () => {
    const rows = await rowsOf({ sensor: 'nova' }, (bench) => {
      bench.epochAtBoot = noon;
      bench.until(130_000);
      bench.epochAtBoot = noon - 1000;
      bench.until(250_000);
    });
    expect(rows.map(({ s, d }) => [s, d])).toEqual([
      [5, 55],
      [60, 60],
      [120, 61],
      [181, 60],
    ]);
  });

  test('two clocks that change their seconds at different moments make no period of one second', async () => {
    const rows = await rowsOf({ sensor: 'nova' }, (bench) => {
      bench.epochAtBoot = noon + 700;
      bench.until(119_400);
      // And one that is set back right after the minute began.
      bench.until(119_700);
      bench.epochAtBoot = noon - 300;
      bench.until(185_000);
    });
    expect(rows.map(({ s, d }) => [s, d])).toEqual([
      [5, 54],
      [59, 60],
      [119, 61],
    ]);
  });

  test('a clock that jumps moves no measurement into another period', async () => {
    const rows = await rowsOf({ sensor: 'nova' }, (bench) => {
      bench.epochAtBoot = noon;
      bench.until(100_000);
      bench.frame(novaFrame(100, 200));
      // Half an hour and 50 s ahead: the wall minute that it then says was 30 s ago is none that the node saw.
      bench.epochAtBoot = noon + 1_850_000;
      bench.until(160_000);
    });
    expect(rows.map(({ s, d, nf }) => [s, d, nf])).toEqual([
      [5, 55, 0],
      [60, 62, 1],
      [122, 8, 0],
    ]);
  });

  test('a second that is over while the chip is asked for the time moves no end of a period', async () => {
    const settings = { sensor: 'nova', startsAt: 4999.99, askingTakes: 0.02, zero: noon / 1000 } as const;
    const rows = await rowsOf(settings, (bench) => {
      // It is asked again and again, right before the second changes.
      for (let second = 5; second <= 185; second++) bench.until(second * 1000 - 0.01);
    });
    expect(rows.map(({ s, d }) => [s, d])).toEqual([
      [4, 56],
      [60, 60],
      [120, 60],
    ]);
  });

  test('a chip that was held up over the end of a period ends it where the wall minute was', async () => {
    const rows = await rowsOf({ sensor: 'nova' }, (bench) => {
      bench.epochAtBoot = noon;
      bench.until(119_200);
      bench.now = 122_300;
      bench.frame(novaFrame(100, 200));
      bench.until(181_000);
    });
    expect(rows.map(({ s, d, nf }) => [s, d, nf])).toEqual([
      [5, 55, 0],
      [60, 60, 0],
      [120, 60, 1],
    ]);
  });

  test('wherever frames, the time and its corrections fall, no second is twice in a row or in none', async () => {
    const event = fc.oneof(
      { weight: 6, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 9000 }), pm25: fc.nat(9999) }) },
      {
        weight: 1,
        arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 9000 }), shift: fc.integer({ min: -1500, max: 1500 }) }),
      },
      { weight: 1, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 70_000 }), told: fc.nat(86_400_000) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 5, maxLength: 40 }),
        fc.constantFrom(10, 60, 300),
        async (events, period) => {
          let frames = 0;
          const rows = await rowsOf({ sensor: 'nova', period }, (bench) => {
            frames = 0;
            for (const one of events) {
              bench.until(bench.now + one.wait);
              if ('told' in one) bench.epochAtBoot = noon + one.told - bench.now;
              else if ('shift' in one) {
                if (bench.epochAtBoot !== undefined) bench.epochAtBoot += one.shift;
              } else {
                bench.frame(novaFrame(one.pm25, 7));
                frames += 1;
              }
            }
            bench.until(bench.now + 1000);
            bench.measuring.advance(true);
          });
          expect(rows[0]?.s).toBe(5);
          for (const [index, row] of rows.slice(1).entries()) {
            expect(row.s).toBe((rows[index]?.s ?? 0) + (rows[index]?.d ?? 0));
          }
          for (const { d } of rows) expect([d > 0, d <= period + 2]).toEqual([true, true]);
          expect(rows.reduce((sum, { nf }) => sum + nf, 0)).toBe(frames);
        },
      ),
      { seed, numRuns: 12 },
    );
  });
});

describe('values', () => {
  test('are the means of the frames of their own period', async () => {
    const rows = await rowsOf({ sensor: 'plantower' }, (bench) => {
      bench.epochAtBoot = noon;
      measured(bench, 241_000, (second) => (second < 120 ? 10 : second < 180 ? 20 : 31 + (second % 2)));
    });
    expect(rows.slice(1).map(({ nf, values }) => [nf, values])).toEqual([
      [60, '1,10,15'],
      [60, '1,20,25'],
      [60, '1,31.5,36.5'],
    ]);
  });

  test('are null while the sensor is silent, never 0 and never the last value', async () => {
    const rows = await rowsOf({ sensor: 'nova', adc: 'loop' }, (bench) => {
      bench.epochAtBoot = noon;
      bench.until(70_000);
      bench.frame(novaFrame(123, 456));
      bench.until(121_000);
      expect(bench.measuring.heardAt()).toBe(70);
      bench.until(181_000);
      expect(bench.rows).toHaveLength(3);
    });
    expect(rows.map(({ nf, na, values }) => [nf, na, values])).toEqual([
      [0, 0, 'null,null,null,null'],
      [1, 0, '12.3,45.6,null,null'],
      [0, 0, 'null,null,null,null'],
    ]);
  });

  test("a Plantower's first 30 s are none, nor are those after it was off", async () => {
    const rows = await rowsOf({ sensor: 'plantower' }, (bench) => {
      bench.epochAtBoot = noon;
      measured(bench, 120_000, () => 50);
      bench.until(140_000);
      measured(bench, 240_000, () => 70);
      expect([bench.measuring.good(), bench.measuring.bad()]).toEqual([215, 0]);
    });
    expect(rows.map(({ s, nf, values }) => [s, nf, values])).toEqual([
      // From second 5 to 35 it warms up.
      [5, 24, '1,50,55'],
      [60, 60, '1,50,55'],
      // It speaks again at 140.
      [120, 9, '1,70,75'],
      [180, 60, '1,70,75'],
    ]);
  });

  test('zeros that a starting Plantower sends are none either, however long it takes', async () => {
    const rows = await rowsOf({ sensor: 'plantower' }, (bench) => {
      for (let second = 6; second < 80; second += 1) {
        bench.until(second * 1000);
        bench.frame(plantowerFrame(new Array(12).fill(0)));
      }
      bench.until(125_000);
    });
    expect(rows.map(({ nf, values }) => [nf, values])).toEqual([
      [0, 'null,null,null'],
      [0, 'null,null,null'],
    ]);
  });

  test('a node without anything says rows without values, so that it is heard of', async () => {
    const rows = await rowsOf({}, (bench) => {
      expect(bench.measuring.heardAt()).toBeUndefined();
      bench.until(66_000);
    });
    expect(rows.map(({ nf, na }) => [nf, na])).toEqual([[0, 0]]);
  });
});

describe('the analogue pin', () => {
  /** A row's value after these counts. */
  async function textOf(adc: 'loop' | 'clamp' | 'sharp', counts: readonly number[], settings: BenchSettings = {}) {
    const rows = await rowsOf({ adc, ...settings }, (bench) => {
      for (const count of counts) bench.count(count);
      bench.until(66_000);
    });
    expect(rows[0]?.na).toBe(counts.length);
    return rows[0]?.values;
  }

  test('is told in millivolts at the chip', async () => {
    expect(await textOf('loop', [512, 513, 512])).toBe('500.3');
    expect(await textOf('clamp', [0, 256, 512, 256])).toBe('250');
    expect(await textOf('sharp', [1638], { adcScale: [220, 819, 4095] })).toBe('440');
  });

  test('says nothing of a clamp or a dust sensor whose peaks the ADC could not tell', async () => {
    expect(await textOf('clamp', [500, 700, 1023])).toBe('null');
    expect(await textOf('sharp', [1024, 300])).toBe('null');
    expect(await textOf('clamp', [500, 700, 1022])).not.toBe('null');
  });

  test('tells a loop that is beyond the end all the time, for it is over its range; but no mean of half the truth', async () => {
    expect(await textOf('loop', [1023, 1023, 1024])).toBe('999.3');
    expect(await textOf('loop', [1023, 400, 1024])).toBe('null');
  });

  test('forgets with each period what was beyond the end', async () => {
    const rows = await rowsOf({ adc: 'clamp' }, (bench) => {
      bench.count(1023);
      bench.until(66_000);
      bench.count(128);
      bench.until(126_000);
    });
    expect(rows.map(({ values }) => values)).toEqual(['null', '125']);
  });
});

test.each(firmwareLanguages)('columns stand in the order of the values, in %s', async (language) => {
  const { columns } = await firmwarePart<{ columns(sensor: string, adc: string): string }>('measuring.ts', language);
  expect(columns('plantower', 'loop')).toBe('"pm1","pm25","pm10","adc"');
  expect(columns('plantower', 'none')).toBe('"pm1","pm25","pm10"');
  expect(columns('nova', 'clamp')).toBe('"pm25","pm10","pm100","rms"');
  expect(columns('none', 'sharp')).toBe('"dust"');
  expect(columns('none', 'none')).toBe('');
});
