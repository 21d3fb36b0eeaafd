import { beforeEach, expect, test } from 'vitest';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import type { Cancel } from '../clock.ts';
import type { Arrival, LinkFault } from './link.ts';
import { ReceiveBuffer } from './receive-buffer.ts';

/** A clock that knows how many timers it was asked for, and how many of them are still running. */
class CountingClock extends SimulatedClock {
  asked = 0;
  running = 0;

  override after(delay: number, action: () => void): Cancel {
    this.asked += 1;
    this.running += 1;
    let isRunning = true;
    const end = (): void => {
      if (isRunning) this.running -= 1;
      isRunning = false;
    };
    const cancel = super.after(delay, () => {
      end();
      action();
    });
    return () => {
      end();
      cancel();
    };
  }
}

const limit = 1000;

let clock: CountingClock;
let dropped: number[];
let buffer: ReceiveBuffer;

beforeEach(() => {
  clock = new CountingClock();
  dropped = [];
  buffer = new ReceiveBuffer(clock, limit, (bytes) => dropped.push(bytes));
});

const bytesOf = (result: Arrival | 'timeout' | LinkFault): number[] => [...(result as Arrival).bytes];

test('bytes that are there already are read without a timer', async () => {
  buffer.push(Uint8Array.of(1, 2));
  expect(bytesOf(await buffer.read(1000))).toEqual([1, 2]);
  expect(await buffer.read(0)).toBe('timeout');
  expect(clock.asked).toBe(0);
});

test('a read that waits takes one timer, and none is left when bytes have come', async () => {
  const reading = buffer.read(1000);
  buffer.push(Uint8Array.of(7));
  expect(bytesOf(await reading)).toEqual([7]);
  expect([clock.asked, clock.running]).toEqual([1, 0]);
});

test('pieces that nobody waited for are read as one, in their order, with the time of the last', async () => {
  const sent = Array.from({ length: 900 }, (_, place) => place % 251);
  for (let start = 0; start < sent.length; start += 7) {
    buffer.push(Uint8Array.from(sent.slice(start, start + 7)));
    await clock.advance(1);
  }
  const last = clock.monotonic() - 1;
  await clock.advance(50);
  const arrival = (await buffer.read(1000)) as Arrival;
  expect([...arrival.bytes]).toEqual(sent);
  expect(arrival.at).toBe(last);
  expect(await buffer.read(0)).toBe('timeout');
});

test('what was read stays as it is when more comes', async () => {
  buffer.push(Uint8Array.of(1));
  const first = (await buffer.read(0)) as Arrival;
  buffer.push(Uint8Array.of(9));
  expect([...first.bytes]).toEqual([1]);
});

test('a piece that goes beyond the limit is dropped whole and counted; what was kept stays, and there is room again once it is read', async () => {
  buffer.push(new Uint8Array(limit - 1));
  buffer.push(Uint8Array.of(1, 2));
  buffer.push(Uint8Array.of(3));
  buffer.push(Uint8Array.of(4));
  expect(dropped).toEqual([2, 1]);
  expect(bytesOf(await buffer.read(0))).toHaveLength(limit);
  buffer.push(Uint8Array.of(5));
  expect(bytesOf(await buffer.read(0))).toEqual([5]);
});

test('discarding tells how many bytes that were', async () => {
  buffer.push(Uint8Array.of(1, 2, 3));
  buffer.push(Uint8Array.of(4));
  expect(buffer.discard()).toBe(4);
  expect(buffer.discard()).toBe(0);
});

test('a line that is gone ends the read that waits, with its fault', async () => {
  const fault: LinkFault = { kind: 'lost', message: 'line: unplugged' };
  const reading = buffer.read(1000);
  buffer.fail(fault);
  expect(await reading).toBe(fault);
  expect(clock.running).toBe(0);
});
