import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rtuFrame } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import type { Monotonic } from '../../clock.ts';
import { BusListener, type Overheard, type OverheardExchange } from './bus-listener.ts';

const request = (address: number, start: number, count: number, functionCode = 3): Uint8Array =>
  rtuFrame(address, [functionCode, start >> 8, start & 0xff, count >> 8, count & 0xff]);
/** An answer whose registers hold their own numbers from `start` on. */
const answer = (address: number, start: number, count: number, functionCode = 3): Uint8Array =>
  rtuFrame(address, [
    functionCode,
    count * 2,
    ...Array.from({ length: count }, (_, place) => [(start + place) >> 8, (start + place) & 0xff]).flat(),
  ]);
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** What is understood of pieces that come 10 ms apart, or at the moments given. */
function hear(pieces: readonly (Uint8Array | [number, Uint8Array])[], listener = new BusListener()): Overheard[] {
  let at = 0;
  const heard: Overheard[] = [];
  for (const piece of pieces) {
    const [moment, bytes] = Array.isArray(piece) ? piece : [at + 10, piece as Uint8Array];
    at = moment;
    heard.push(...listener.hear(bytes, at as Monotonic));
  }
  return [...heard, ...listener.settle((at + 1000) as Monotonic)];
}

const exchanges = (heard: readonly Overheard[]): OverheardExchange[] =>
  heard.filter((what): what is OverheardExchange => what.kind === 'exchange');
const registersOf = ({ data }: OverheardExchange): number[] =>
  Array.from(
    { length: (data?.length ?? 0) / 2 },
    (_, place) => (data?.[place * 2] ?? 0) * 256 + (data?.[place * 2 + 1] ?? 0),
  );

describe('what another master asks and is answered', () => {
  test('is understood as a request and its answer', () => {
    const [asked, exchange] = hear([request(7, 100, 3), answer(7, 100, 3)]);
    expect(asked).toMatchObject({ kind: 'request', read: { address: 7, functionCode: 3, start: 100, count: 3 } });
    expect(exchange).toMatchObject({ kind: 'exchange', exception: null });
    expect(registersOf(exchange as OverheardExchange)).toEqual([100, 101, 102]);
  });

  test('is understood however the adapter cuts it into pieces', () => {
    const traffic = joined(request(1, 0, 2), answer(1, 0, 2), request(2, 500, 4, 4), answer(2, 500, 4, 4));
    for (let size = 1; size <= traffic.length; size += 1) {
      const pieces: Uint8Array[] = [];
      for (let from = 0; from < traffic.length; from += size) pieces.push(traffic.subarray(from, from + size));
      expect(exchanges(hear(pieces)).map(registersOf), `pieces of ${size}`).toEqual([
        [0, 1],
        [500, 501, 502, 503],
      ]);
    }
  });

  test('a refusal is an answer without values', () => {
    expect(exchanges(hear([request(1, 0, 2), rtuFrame(1, [0x83, 2])]))).toMatchObject([{ data: null, exception: 2 }]);
  });

  test('eight bytes after a request for three bytes of bits are its answer, not a request', () => {
    const bits = rtuFrame(1, [1, 3, 0, 0, 5]);
    expect(bits.length).toBe(8);
    expect(exchanges(hear([request(1, 0, 20, 1), bits]))).toHaveLength(1);
    expect(hear([bits]).map(({ kind }) => kind)).toEqual(['request']);
  });

  test('an answer whose first eight bytes have the check sum of a request is an answer', () => {
    const treacherous = rtuFrame(1, [3, 4, 0xc0, 0x07, 0xc7, 0x07]);
    expect(hear([treacherous.subarray(0, 8)]).map(({ kind }) => kind)).toEqual(['request']);
    const bytes = [...treacherous].map((byte) => Uint8Array.of(byte));
    expect(exchanges(hear([request(1, 0, 2), ...bytes]))).toHaveLength(1);
  });

  test('junk before, between and behind is stepped over and counted', () => {
    const listener = new BusListener();
    const heard = hear(
      [Uint8Array.of(0, 0xff), request(1, 0, 2), Uint8Array.of(0xff), answer(1, 0, 2), Uint8Array.of(0, 0, 0)],
      listener,
    );
    expect(exchanges(heard)).toHaveLength(1);
    expect(listener.junk).toBe(6);
  });

  test('writes and their answers are frames and bring no values', () => {
    const heard = hear([
      rtuFrame(1, [6, 0, 1, 0, 9]),
      rtuFrame(1, [6, 0, 1, 0, 9]),
      rtuFrame(1, [16, 0, 1, 0, 2, 4, 1, 2, 3, 4]),
      rtuFrame(1, [16, 0, 1, 0, 2]),
    ]);
    expect(heard.map(({ kind }) => kind)).toEqual(['frame', 'frame', 'frame', 'frame']);
  });

  test('a slave that sends its check sums high byte first is understood where that is known', () => {
    const good = answer(5, 0, 2);
    const swapped = joined(good.subarray(0, -2), Uint8Array.from(good.subarray(-2)).reverse());
    expect(exchanges(hear([request(5, 0, 2), swapped], new BusListener([5])))).toHaveLength(1);
    expect(exchanges(hear([request(5, 0, 2), swapped]))).toHaveLength(0);
  });
});

describe('no value is taken from', () => {
  test.each<[string, readonly (Uint8Array | [number, Uint8Array])[]]>([
    ['an answer whose request was not heard', [answer(1, 0, 2)]],
    ['an answer behind a damaged frame', [request(1, 0, 2), answer(1, 0, 2).subarray(0, 6), answer(1, 0, 2)]],
    [
      'an answer with something else between it and its request',
      [request(1, 0, 2), rtuFrame(2, [6, 0, 0, 0, 1]), answer(1, 0, 2)],
    ],
    ['an answer of another length than was asked for', [request(1, 0, 2), answer(1, 0, 3)]],
    ['an answer of another slave', [request(1, 0, 2), answer(2, 0, 2)]],
    [
      'an answer with a wrong check sum',
      [request(1, 0, 2), Uint8Array.from(answer(1, 0, 2), (byte, at) => (at === 4 ? byte ^ 1 : byte))],
    ],
    [
      'an answer that comes long after its request',
      [
        [0, request(1, 0, 2)],
        [6000, answer(1, 0, 2)],
      ],
    ],
    [
      'an answer that may be the late one to the request before',
      [
        [0, request(1, 0, 2)],
        [1000, request(1, 100, 2)],
        [1010, answer(1, 0, 2)],
      ],
    ],
  ])('%s', (_, pieces) => {
    expect(exchanges(hear(pieces))).toEqual([]);
  });

  test('the second of two answers', () => {
    expect(exchanges(hear([request(1, 0, 2), answer(1, 0, 2), answer(1, 0, 2)]))).toHaveLength(1);
  });
});

test('random bytes never make it throw, loop, or hold more than a frame', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 8 }), (pieces) => {
      const listener = new BusListener([1, 2, 3]);
      const heard = hear(pieces, listener);
      const inFrames = heard.reduce((sum, what) => sum + (what.kind === 'request' ? what.bytes.length : 0), 0);
      expect(listener.junk + inFrames).toBeLessThanOrEqual(pieces.reduce((sum, { length }) => sum + length, 0));
      expect(listener.isWaiting).toBe(false);
    }),
  );
});

test('whatever is lost, cut, repeated, damaged or thrown in, no register gets the value of another', () => {
  // Nobody who hears the line misses a request without a trace: it is there, or something damaged is.
  const heardSomehow = fc.constantFrom('whole', 'whole', 'whole', 'cut', 'twice', 'flipped', 'junk');
  const anything = fc.constantFrom('whole', 'whole', 'whole', 'lost', 'cut', 'twice', 'flipped', 'junk');
  const transfer = fc.record({
    address: fc.constantFrom(1, 2),
    start: fc.constantFrom(0, 100, 200),
    count: fc.constantFrom(2, 2, 5),
    asked: heardSomehow,
    answered: anything,
    chunk: fc.integer({ min: 1, max: 40 }),
  });
  const suffer = (frame: Uint8Array, what: string): Uint8Array => {
    if (what === 'lost') return new Uint8Array(0);
    if (what === 'cut') return frame.subarray(0, 5);
    if (what === 'twice') return joined(frame, frame);
    if (what === 'flipped') return Uint8Array.from(frame, (byte, at) => (at === 3 ? byte ^ 0x10 : byte));
    return what === 'junk' ? joined(Uint8Array.of(0, 0xff, 1, 3), frame) : frame;
  };
  fc.assert(
    fc.property(fc.array(transfer, { minLength: 5, maxLength: 25 }), (transfers) => {
      const pieces: [number, Uint8Array][] = [];
      let at = 0;
      for (const { address, start, count, asked, answered, chunk } of transfers) {
        at += 300;
        for (const frame of [
          suffer(request(address, start, count), asked),
          suffer(answer(address, start, count), answered),
        ]) {
          for (let from = 0; from < frame.length; from += chunk) {
            at += 3;
            pieces.push([at, frame.subarray(from, from + chunk)]);
          }
          at += 15;
        }
      }
      for (const exchange of exchanges(hear(pieces))) {
        const { start, count } = exchange.request.read;
        expect(registersOf(exchange)).toEqual(Array.from({ length: count }, (_, place) => start + place));
      }
    }),
    { seed: 20_261_125, numRuns: 300 },
  );
});
