import { expect, test } from 'vitest';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { Attempts } from './attempts.ts';

function wrong(attempts: Attempts, address: string, times: number): void {
  for (let time = 0; time < times; time += 1) attempts.begin(address);
}

test('after five wrong tries each further one has to wait twice as long', async () => {
  const clock = new SimulatedClock();
  const attempts = new Attempts(clock);
  wrong(attempts, '192.0.2.1', 5);
  const waits: number[] = [];
  for (let time = 0; time < 4; time += 1) {
    const wait = attempts.begin('192.0.2.1');
    waits.push(wait);
    await clock.advance(wait);
    expect(attempts.begin('192.0.2.1')).toBe(0);
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000]);
});

test('asking while one has to wait makes the wait no longer', () => {
  const attempts = new Attempts(new SimulatedClock());
  wrong(attempts, '192.0.2.1', 5);
  expect([attempts.begin('192.0.2.1'), attempts.begin('192.0.2.1')]).toEqual([1000, 1000]);
});

test('the wait never grows past a quarter of an hour', async () => {
  const clock = new SimulatedClock();
  const attempts = new Attempts(clock);
  let wait = 0;
  for (let time = 0; time < 40; time += 1) {
    wait = attempts.begin('192.0.2.1');
    await clock.advance(wait);
    if (wait > 0) attempts.begin('192.0.2.1');
  }
  expect(wait).toBe(15 * 60_000);
});

test('another address does not wait, however it is written', () => {
  const attempts = new Attempts(new SimulatedClock());
  wrong(attempts, '::ffff:192.0.2.1', 5);
  expect(attempts.begin('192.0.2.1')).toBe(1000);
  expect(attempts.begin('192.0.2.2')).toBe(0);
});

test('the addresses of one IPv6 network count as one', () => {
  const attempts = new Attempts(new SimulatedClock());
  for (let host = 1; host <= 5; host += 1) attempts.begin(`2001:db8:0:7::${host}`);
  expect(attempts.begin('2001:db8:0:7:1:2:3:4')).toBe(1000);
  expect(attempts.begin('2001:db8:0:8::1')).toBe(0);
});

test('a right password makes the address start afresh', () => {
  const attempts = new Attempts(new SimulatedClock());
  wrong(attempts, '192.0.2.1', 5);
  attempts.succeeded('192.0.2.1');
  expect(attempts.begin('192.0.2.1')).toBe(0);
});

test('many addresses together slow everybody down, by half a minute at most', async () => {
  const clock = new SimulatedClock();
  const attempts = new Attempts(clock);
  for (let host = 0; host < 60; host += 1) {
    await clock.advance(attempts.begin(`192.0.2.${host}`));
    attempts.begin(`192.0.2.${host}`);
  }
  expect(attempts.begin('198.51.100.1')).toBe(30_000);
});

test('failures are forgotten after half an hour of quiet', async () => {
  const clock = new SimulatedClock();
  const attempts = new Attempts(clock);
  wrong(attempts, '192.0.2.1', 5);
  await clock.advance(30 * 60_000);
  expect(attempts.begin('192.0.2.1')).toBe(0);
});
