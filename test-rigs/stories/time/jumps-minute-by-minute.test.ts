import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Averaging } from '../../../gateway/averaging/averaging.ts';
import { LocalTime, readStamp } from '../../../gateway/clock.ts';
import { normal } from '../../../gateway/reading/reading.ts';
import { Labels, type LabelsState } from '../../../gateway/record/labels.ts';
import type { StreamRecord } from '../../../gateway/record/record.ts';
import { labelsBy } from '../../../gateway/store/closed-group.ts';
import { SimulatedClock } from '../../surroundings/simulated-clock.ts';

const minute = 60_000;
const series = [
  { point: 'gate', factor: 'pm2.5', instrument: 'dust-1', every: 4000, origin: 'measured', leftOut: false },
] as const;
const sizes = [30_000, 10 * minute, 180 * minute, 1440 * minute];

const step = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 375 }).map((readings) => ({ pass: readings * 4 })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...sizes), fc.boolean(), fc.integer({ min: 0, max: 20_000 }))
      .map(([size, forward, more]) => ({ jump: (forward ? 1 : -1) * (size + more) })),
  },
  { weight: 1, arbitrary: fc.record({ sleep: fc.integer({ min: 1, max: 5 * 60 }) }) },
  { weight: 1, arbitrary: fc.record({ restartAfter: fc.integer({ min: 0, max: 600 }) }) },
);

/** What the store remembers of the records, as it would be read at the next start. */
class Remembered {
  readonly #labels = new Labels();

  get said(): LabelsState {
    return structuredClone(this.#labels.state);
  }

  commit(records: readonly StreamRecord[]): void {
    for (const step of labelsBy({ records: records.map((record) => ({ record })) })) this.#labels.take(step);
  }
}

test('over any row of jumps, sleeps and restarts every label is accounted for, and none twice with one revision', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 9 }), async (steps) => {
      const clock = new SimulatedClock('2026-11-24T08:00:07.000+08:00');
      const localTime = new LocalTime('Asia/Shanghai');
      const remembered = new Remembered();
      const records: StreamRecord[] = [];
      const newAveraging = (): Averaging => {
        const emit = (made: readonly StreamRecord[]): void => {
          records.push(...made);
          remembered.commit(made);
        };
        const rule = { minimumValid: 12, share: 0.75 };
        const { said } = remembered;
        return new Averaging({ series, rule, clock, localTime, said, emit, observe: () => undefined });
      };
      let averaging = newAveraging();
      averaging.start();
      const pass = async (seconds: number): Promise<void> => {
        for (let left = seconds * 1000; left > 0; left -= 4000) {
          const [at, monotonic] = [clock.wall(), clock.monotonic()];
          const reading = { instrument: 'dust-1', point: 'gate', factor: 'pm2.5', at, monotonic } as const;
          averaging.take([{ ...reading, value: 5, mark: normal, origin: 'measured' }]);
          await clock.advance(Math.min(4000, left));
        }
      };
      for (const one of [...steps, { pass: 180 }]) {
        const before = clock.wall();
        if ('pass' in one) await pass(one.pass);
        else if ('restartAfter' in one) {
          averaging.stop();
          await clock.advance(one.restartAfter * 1000);
          averaging = newAveraging();
          averaging.start();
        } else {
          if ('sleep' in one) clock.suspend(one.sleep * 1000);
          else clock.jumpWall(one.jump);
          const cause = 'sleep' in one ? 'suspended' : 'set';
          averaging.moved({ cause, before, after: clock.wall(), source: 'system' });
        }
      }
      averaging.stop();

      const labels = new Map<number, number[]>();
      const say = (from: number, to: number, revision: number): void => {
        for (let at = from; at < to; at += minute) labels.set(at, [...(labels.get(at) ?? []), revision]);
      };
      for (const record of records) {
        const from = 'from' in record ? (readStamp(record.from) ?? Number.NaN) : Number.NaN;
        if (record.kind === 'minute') {
          say(from, from + minute, record.revision);
          expect(record.count).toBeLessThanOrEqual(16);
        }
        if (record.kind === 'gap') say(from, readStamp(record.to) ?? Number.NaN, record.revision);
      }
      // No hole between the first label and the present, wherever the clock went; what lies ahead may come again.
      const said = [...labels.keys()].filter((at) => at < averaging.from).sort((a, b) => a - b);
      expect(said).toEqual(said.map((_, index) => (said[0] ?? 0) + index * minute));
      expect(said.at(-1)).toBe(averaging.from - minute);
      expect(said.every((at) => at % minute === 0)).toBe(true);
      // What comes later is a higher revision.
      for (const revisions of labels.values()) {
        for (const [index, revision] of revisions.entries()) {
          if (index > 0) expect(revision).toBeGreaterThan(revisions[index - 1] as number);
        }
      }
    }),
    { numRuns: 400 },
  );
});
