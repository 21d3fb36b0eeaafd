import { expect, test } from 'vitest';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { Contact } from './contact.ts';

function scene(debounce = 50) {
  const clock = new SimulatedClock();
  const told: [boolean, number][] = [];
  const contact = new Contact({ clock, closed: 'low', debounce, onState: (closed, at) => told.push([closed, at]) });
  return { clock, told, contact, level: (high: boolean) => contact.level(high, clock.monotonic()) };
}

test('a contact that bounces changes once, from when the level stood', async () => {
  const { clock, told, contact, level } = scene();
  level(true);
  await clock.advance(1000);
  for (const high of [false, true, false, true, false]) {
    level(high);
    await clock.advance(3);
  }
  await clock.advance(100);
  expect(told).toEqual([
    [false, 0],
    [true, 1012],
  ]);
  expect(contact.state).toEqual({ closed: true, since: 1012 });
});

test('a spike shorter than the debounce is no change', async () => {
  const { clock, told, level } = scene();
  level(true);
  await clock.advance(1000);
  level(false);
  await clock.advance(49);
  level(true);
  await clock.advance(1000);
  expect(told).toEqual([[false, 0]]);
});

test('before the first level has stood there is neither state nor share', async () => {
  const { clock, contact, level } = scene();
  expect([contact.state, contact.share(clock.monotonic())]).toEqual([null, null]);
  level(false);
  await clock.advance(49);
  expect([contact.state, contact.share(clock.monotonic())]).toEqual([null, null]);
  await clock.advance(1);
  expect(contact.share(clock.monotonic())).toBe(1);
});

test('the share is of the time since the last stretch began, to the millisecond', async () => {
  const { clock, contact, level } = scene();
  level(true);
  await clock.advance(500);
  contact.restart(clock.monotonic());
  await clock.advance(1000);
  level(false);
  await clock.advance(1000);
  level(true);
  await clock.advance(2000);
  expect(contact.share(clock.monotonic())).toBe(0.25);
  contact.restart(clock.monotonic());
  await clock.advance(1000);
  expect(contact.share(clock.monotonic())).toBe(0);
});

test('a change at the border of two stretches counts for the second from its beginning', async () => {
  const { clock, contact, level } = scene();
  level(true);
  await clock.advance(500);
  level(false);
  await clock.advance(20);
  expect(contact.share(clock.monotonic())).toBe(0);
  contact.restart(clock.monotonic());
  await clock.advance(100);
  expect(contact.share(clock.monotonic())).toBe(1);
});
