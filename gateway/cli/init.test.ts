import { expect, test } from 'vitest';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { SimulatedMachine } from '../../test-rigs/surroundings/simulated-machine.ts';
import { clockFor } from './init.ts';

test('a new site waits for NTP where the machine has no battery clock, and leaves the choice where it has one or no NTP', async () => {
  const now = '2026-11-24T08:00:00.000+08:00';
  const machine = new SimulatedMachine(new SimulatedClock(now), now);
  expect(await clockFor(machine)).toEqual({ trust: 'ntp' });
  machine.fitBatteryClock(0);
  expect(await clockFor(machine)).toBeUndefined();
  machine.fitBatteryClock(null);
  machine.hasNtp = false;
  expect(await clockFor(machine)).toBeUndefined();
});
