import { beforeEach, describe, expect, test } from 'vitest';
import { troubledPicture } from '../../../test-rigs/surroundings/sample-picture.ts';
import { sampleRead } from '../../../test-rigs/surroundings/sample-trace.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { pause } from '../../clock.ts';
import { DemandedReads, longestWait, mostWaiting } from './demanded-reads.ts';

let clock: SimulatedClock;
let reads: DemandedReads;
/** When each read of the line began, seconds. */
let begun: [string, number][];
/** How long a read takes, milliseconds. */
let takes: number;

beforeEach(() => {
  clock = new SimulatedClock();
  begun = [];
  takes = 400;
  reads = new DemandedReads({
    clock,
    async read(instrument) {
      begun.push([instrument, clock.monotonic()]);
      const took = takes;
      await pause(clock, took);
      return { ...sampleRead(instrument, troubledPicture()), took };
    },
  });
});

const kinds = async (...answers: ReturnType<DemandedReads['ask']>[]): Promise<string[]> =>
  (await Promise.all(answers)).map(({ kind }) => kind);

describe('one who asks', () => {
  test('gets what the instrument said', async () => {
    expect(await clock.during(reads.ask('dust-1', 'rs485-1'))).toMatchObject({ kind: 'read', read: { took: 400 } });
  });

  test('while the instrument is being read gets the same answer, and the line is asked once', async () => {
    const first = reads.ask('dust-1', 'rs485-1');
    await clock.advance(100);
    const second = reads.ask('dust-1', 'rs485-1');
    await clock.advance(300);
    expect((await first) === (await second)).toBe(true);
    expect(begun).toEqual([['dust-1', 0]]);
  });

  test('waits 30 s and no longer; the line’s own answer is still one for whoever asks next', async () => {
    takes = 40_000;
    const first = reads.ask('dust-1', 'rs485-1');
    await clock.advance(longestWait);
    expect(await first).toEqual({ kind: 'no-time' });
    const second = reads.ask('dust-1', 'rs485-1');
    await clock.advance(10_000);
    expect([(await second).kind, begun.length]).toEqual(['read', 1]);
  });

  test('is turned away when as many wait as may, and let in when one of them has left', async () => {
    const waiting = Array.from({ length: mostWaiting }, (_, one) => reads.ask(`dust-${one}`, 'rs485-1'));
    expect(await reads.ask('dust-99', 'rs485-2')).toEqual({ kind: 'too-many' });
    await clock.advance(400);
    const late = reads.ask('dust-99', 'rs485-2');
    await clock.advance(60_000);
    expect((await late).kind).toBe('read');
    expect(new Set(await kinds(...waiting))).toEqual(new Set(['read']));
  });

  test('is told at once when the gateway stops', async () => {
    takes = 20_000;
    const underWay = reads.ask('dust-1', 'rs485-1');
    const queued = reads.ask('dust-2', 'rs485-1');
    await clock.advance(100);
    reads.close();
    expect(await kinds(underWay, queued, reads.ask('dust-3', 'rs485-1'))).toEqual(Array(3).fill('not-running'));
    await clock.advance(60_000);
    expect(begun).toEqual([['dust-1', 0]]);
  });
});

describe('a line', () => {
  test('does one such read at a time and rests after each as long as it took, half a second at least', async () => {
    takes = 2000;
    const long = reads.ask('dust-1', 'rs485-1');
    await clock.advance(1);
    takes = 100;
    const next = reads.ask('dust-2', 'rs485-1');
    const last = reads.ask('dust-3', 'rs485-1');
    await clock.advance(10_000);
    expect(await kinds(long, next, last)).toEqual(['read', 'read', 'read']);
    expect(begun).toEqual([
      ['dust-1', 0],
      ['dust-2', 4000],
      ['dust-3', 4600],
    ]);
  });

  test('does not wait for another line', async () => {
    const both = kinds(reads.ask('dust-1', 'rs485-1'), reads.ask('meter-1', 'cabinet'));
    await clock.advance(400);
    await both;
    expect(begun.map(([, at]) => at)).toEqual([0, 0]);
  });

  test('is spared a read that nobody waits for any longer', async () => {
    takes = 29_900;
    const long = reads.ask('dust-1', 'rs485-1');
    const queued = reads.ask('dust-2', 'rs485-1');
    await clock.advance(60_000);
    expect(await kinds(long, queued)).toEqual(['read', 'no-time']);
    expect(begun.map(([instrument]) => instrument)).toEqual(['dust-1']);
  });

  test('that does not run is told, and asked again by the next who wants it', async () => {
    const failing = new DemandedReads({ clock, read: () => Promise.reject(new RangeError('not running')) });
    expect(await kinds(failing.ask('dust-1', 'rs485-1'))).toEqual(['not-running']);
    const broken = new DemandedReads({ clock, read: () => Promise.reject(new TypeError('our own mistake')) });
    await expect(broken.ask('dust-1', 'rs485-1')).rejects.toThrow('our own mistake');
    await expect(broken.ask('dust-1', 'rs485-1')).rejects.toThrow('our own mistake');
  });
});

test('when all is done, no timer is left', async () => {
  await clock.during(reads.ask('dust-1', 'rs485-1'));
  expect(clock.pending).toBe(0);
});
