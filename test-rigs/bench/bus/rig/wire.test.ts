import { describe, expect, test } from 'vitest';
import { registerValue, slaves } from './slaves.ts';
import { Wire, type WireOptions } from './wire.ts';

/** 9600 bit/s, 8N1. */
const characterTime = 10 / 9.6;
const silence = 3.5 * characterTime;
/** Two registers from 0 on of slave 1, and of slave 2, with their check sums. */
const askOne = Uint8Array.of(1, 3, 0, 0, 0, 2, 0xc4, 0x0b);
const askTwo = Uint8Array.of(2, 3, 0, 0, 0, 2, 0xc4, 0x38);
const answerLength = 9;

function scene(more: Partial<WireOptions> = {}): Wire {
  const wire = new Wire({ characterTime, turnAround: 5, answer: slaves([1], 20), ...more });
  wire.begin();
  return wire;
}

/** Hears the request at that moment and takes the answer; returns the moment of the answer's end. */
function transact(wire: Wire, at: number): number {
  wire.heard(askOne, at);
  let end = at;
  while (wire.nextDue < Number.POSITIVE_INFINITY) {
    end = wire.nextDue;
    expect(wire.take(end)).not.toBeNull();
  }
  return end;
}

describe('an answer', () => {
  test('comes a turn-around after the eighth character, each character at the end of its time', () => {
    const wire = scene();
    wire.heard(askOne, 100);
    const begins = 100 + 8 * characterTime + 5;
    for (let number = 1; number <= answerLength; number++) {
      expect(wire.nextDue).toBeCloseTo(begins + number * characterTime, 9);
      expect(wire.take(wire.nextDue - 0.001)).toBeNull();
      expect(wire.take(wire.nextDue)?.bytes).toHaveLength(1);
    }
    expect(wire.nextDue).toBe(Number.POSITIVE_INFINITY);
  });

  test('never comes before 3.5 characters of silence', () => {
    const wire = scene({ turnAround: 1 });
    wire.heard(askOne, 0);
    expect(wire.nextDue).toBeCloseTo(9 * characterTime + silence, 9);
  });

  test('holds what the registers hold', () => {
    const wire = scene();
    wire.heard(askOne, 0);
    const piece = wire.take(1000);
    expect([...(piece?.bytes ?? [])].slice(0, 7)).toEqual([1, 3, 4, 1, 0, 1, 1]);
    expect(registerValue(1, 1)).toBe(0x0101);
  });

  test('comes in pieces where an adapter gathers characters, the last one as long as it is', () => {
    const wire = scene({ piece: 4 });
    wire.heard(askOne, 0);
    const pieces: (number | undefined)[] = [];
    while (wire.nextDue < Number.POSITIVE_INFINITY) pieces.push(wire.take(wire.nextDue)?.bytes.length);
    expect(pieces).toEqual([4, 4, 1]);
  });

  test('comes from nobody at an address without a slave, or to a damaged request', () => {
    const wire = scene();
    wire.heard(askTwo, 0);
    expect(wire.nextDue).toBe(Number.POSITIVE_INFINITY);
    wire.heard(
      askOne.map((byte, place) => (place === 7 ? byte ^ 1 : byte)),
      100,
    );
    expect(wire.nextDue).toBe(Number.POSITIVE_INFINITY);
  });

  test('is there at once on a line without a speed', () => {
    const wire = scene({ characterTime: 0, turnAround: 0 });
    wire.heard(askOne.subarray(0, 3), 7);
    wire.heard(askOne.subarray(3), 9);
    expect(wire.take(9)?.bytes).toHaveLength(answerLength);
    expect(wire.figures().broken).toBe(0);
  });
});

describe('a gap', () => {
  test('of 3.5 characters behind an answer is long enough, a shorter one is counted', () => {
    const wire = scene();
    const first = transact(wire, 0);
    const second = transact(wire, first + silence);
    transact(wire, second + silence - 0.001);
    const { gaps } = wire.figures();
    expect(gaps.count).toBe(2);
    expect(gaps.tooShort).toBe(1);
    expect(gaps.shortest).toBeCloseTo(silence - 0.001, 9);
  });

  test('that is too short is doubtful where the rig itself was late with the end of the answer', () => {
    const wire = scene();
    wire.heard(askOne, 0);
    wire.take(200);
    wire.handedOver(200);
    wire.heard(askOne, (8 + answerLength) * characterTime + 5 + 1);
    expect(wire.figures().gaps).toMatchObject({ count: 1, tooShort: 0, doubtful: 1 });
  });

  test('is measured from the end of our own request where nobody answered', () => {
    const wire = scene();
    wire.heard(askTwo, 0);
    wire.heard(askOne, 8 * characterTime + 1);
    expect(wire.figures().gaps).toMatchObject({ count: 1, tooShort: 1 });
  });

  test('is none between the pieces of a request that comes without a break', () => {
    const wire = scene();
    wire.heard(askOne.subarray(0, 2), 0);
    wire.heard(askOne.subarray(2), 1.5 * characterTime);
    expect(wire.figures()).toMatchObject({ requests: 1, broken: 0 });
    expect(wire.nextDue).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});

test('a request that breaks off for more than 1.5 characters is none', () => {
  const wire = scene();
  wire.heard(askOne.subarray(0, 4), 0);
  wire.heard(askOne.subarray(4), 5.6 * characterTime);
  expect(wire.nextDue).toBe(Number.POSITIVE_INFINITY);
  expect(wire.figures()).toMatchObject({ requests: 2, broken: 1 });
});

test('a request while an answer is due or under way is counted, is not answered, and spoils the answer', () => {
  const wire = scene();
  wire.heard(askOne, 0);
  const whole = scene();
  whole.heard(askOne, 0);
  wire.heard(askOne, 10);
  const [spoilt, sound] = [wire.take(1000)?.bytes, whole.take(1000)?.bytes];
  expect(spoilt).not.toEqual(sound);
  expect(wire.nextDue).toBe(Number.POSITIVE_INFINITY);
  expect(wire.figures()).toMatchObject({ whileBusy: 1, requests: 2 });
});

test('what is counted lies between the ends of the first and the last transaction', () => {
  const wire = scene();
  const first = transact(wire, 0);
  const second = transact(wire, first + 10);
  const third = transact(wire, second + 20);
  wire.heard(askOne, third + 10);
  const figures = wire.figures();
  expect(figures).toMatchObject({ transactions: 2, registers: 4 });
  expect(figures.span).toBeCloseTo(third - first, 9);
  expect(figures.busy).toBeCloseTo(2 * (8 + answerLength) * characterTime, 9);
});
