import { expect, test } from 'vitest';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';
import { PacedLine } from './paced-line.ts';

/** What the other end hears of ten bytes, and when. */
async function tenBytes(grain: 'character' | 'burst'): Promise<{ at: number; bytes: number[] }[]> {
  const clock = new SimulatedClock();
  const line = new PacedLine({ clock, baudRate: 9600, grain });
  const heard: { at: number; bytes: number[] }[] = [];
  line.connect().onBytes((bytes) => heard.push({ at: clock.monotonic(), bytes: [...bytes] }));
  const end = line.connect();
  end.send(Uint8Array.of(0, 1, 2, 3, 4));
  end.send(Uint8Array.of(5, 6, 7, 8, 9));
  await clock.advance(100);
  return heard;
}

test('at 9600 8N1 each byte takes 1.04 ms, and what is sent meanwhile goes after it', async () => {
  const heard = await tenBytes('character');
  expect(heard.flatMap(({ bytes }) => bytes)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  heard.forEach(({ at }, index) => {
    expect(at).toBeCloseTo(((index + 1) * 10_000) / 9600);
  });
});

test('a burst is handed over whole when its last byte is there', async () => {
  const heard = await tenBytes('burst');
  expect(heard.map(({ bytes }) => bytes.length)).toEqual([5, 5]);
  expect(heard[1]?.at).toBeCloseTo(100 / 9.6);
});

test('every end but the one that talks hears it', async () => {
  const clock = new SimulatedClock();
  const line = new PacedLine({ clock });
  const heard = [0, 0, 0];
  const ends = heard.map((_, index) => {
    const end = line.connect();
    end.onBytes(({ length }) => {
      heard[index] = (heard[index] ?? 0) + length;
    });
    return end;
  });
  ends[1]?.send(Uint8Array.of(1, 2));
  await clock.advance(1);
  expect(heard).toEqual([2, 0, 2]);
});
