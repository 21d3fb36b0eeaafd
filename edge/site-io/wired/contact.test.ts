import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { Contact } from './contact.ts';

const clock = new SimulatedClock();
let changes: { closed: boolean | null; was: boolean | null; at: number }[];
let contact: Contact;
let start: number;

beforeEach(() => {
  changes = [];
  start = clock.monotonic();
  contact = new Contact({
    clock,
    settings: { closedIs: 'low', stable: 50 },
    onChange: (closed, was, at) => changes.push({ closed, was, at: at - start }),
  });
});

/** Levels at these milliseconds from now, the first one first. */
async function levels(...given: readonly [at: number, high: boolean][]): Promise<void> {
  const begin = clock.monotonic();
  for (const [at, high] of given) {
    await clock.advance(begin + at - clock.monotonic());
    contact.level(high, clock.monotonic());
  }
}

const open = true;
const closed = false;

describe('a contact', () => {
  test('is not known until its first level has stood long enough', async () => {
    await levels([0, closed]);
    await clock.advance(49);
    expect([contact.closed, changes]).toEqual([null, []]);
    await clock.advance(2);
    expect([contact.closed, changes]).toEqual([true, [{ closed: true, was: null, at: 0 }]]);
  });

  test('that bounces changes once, at the moment of its first change, and the bounces are counted', async () => {
    await levels([0, open]);
    await clock.advance(100);
    await levels([0, closed], [1, open], [3, closed], [4, open], [9, closed]);
    await clock.advance(100);
    expect(changes.slice(1)).toEqual([{ closed: true, was: false, at: 100 }]);
    expect(contact.bounces).toBe(4);
  });

  test('that goes away for less than its stability does not change', async () => {
    await levels([0, closed]);
    await clock.advance(100);
    await levels([0, open], [30, closed]);
    await clock.advance(200);
    expect(changes).toHaveLength(1);
    expect(contact.bounces).toBe(1);
  });

  test('that chatters without end is unknown rather than what it was, and comes back when it rests', async () => {
    await levels([0, closed]);
    await clock.advance(100);
    await levels(...Array.from({ length: 80 }, (_, index): [number, boolean] => [index * 20, index % 2 === 0]));
    expect(contact.closed).toBeNull();
    expect(changes.slice(1)).toEqual([{ closed: null, was: true, at: 1120 }]);
    await clock.advance(100);
    expect(changes[2]).toEqual({ closed: true, was: null, at: 100 + 79 * 20 });
  });

  test('whose board is lost is unknown, and its next state is no edge', async () => {
    await levels([0, closed]);
    await clock.advance(100);
    contact.lose(clock.monotonic());
    expect(contact.closed).toBeNull();
    await clock.advance(400);
    await levels([0, open]);
    await clock.advance(100);
    expect(changes.slice(1)).toEqual([
      { closed: null, was: true, at: 100 },
      { closed: false, was: null, at: 500 },
    ]);
  });

  test('whose next change comes with the end of its wait, as where the process was held up, is not at rest', async () => {
    await levels([0, closed]);
    await clock.advance(100);
    contact.level(open, clock.monotonic());
    clock.after(50, () => contact.level(closed, clock.monotonic()));
    await clock.advance(200);
    expect(changes).toHaveLength(1);
    expect(contact.closed).toBe(true);
  });

  test('that was lost while it bounced says nothing afterwards', async () => {
    await levels([0, closed]);
    contact.lose(clock.monotonic());
    await clock.advance(500);
    expect(changes).toEqual([]);
  });

  test('that is closed by a high level is so', async () => {
    const other = new Contact({ clock, settings: { closedIs: 'high', stable: 5 }, onChange: () => undefined });
    other.level(true, clock.monotonic());
    await clock.advance(10);
    expect(other.closed).toBe(true);
  });

  test('knows for how long it was closed, open and unknown since it was last asked', async () => {
    await clock.advance(100);
    await levels([0, closed], [900, open]);
    await clock.advance(600);
    const share = contact.takeShare();
    expect(share.unknown).toBe(100);
    expect(share.closed).toBe(900);
    expect(share.open).toBe(600);
    await clock.advance(40);
    expect(contact.takeShare()).toEqual({ unknown: 0, closed: 0, open: 40 });
  });
});
