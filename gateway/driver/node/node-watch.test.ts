import { expect, test } from 'vitest';
import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { Clock } from '../../clock.ts';
import type { Reading } from '../../reading/reading.ts';
import { NodeWatch } from './node-watch.ts';
import type { NodeInstrument } from './rows/row-readings.ts';

function watched(clock: SimulatedClock, after: Clock['after']) {
  const profile = loadCatalogue({ directories: [] }).find('fenceline/node-sds198')?.profile;
  const settings = {
    id: 'dust',
    profile: 'fenceline/node-sds198',
    link: 'nodes',
    node: 'dust',
    every: 60_000,
    point: 'gate',
  };
  const told: string[] = [];
  const watch = new NodeWatch({
    instrument: { settings, profile } as unknown as NodeInstrument,
    clock: { wall: () => clock.wall(), monotonic: () => clock.monotonic(), after } as Clock,
    observe: () => undefined,
    onMissing: (readings: readonly Reading[]) => {
      for (const { at } of readings) told.push(new Date(at).toISOString().slice(11, 19));
    },
    isThere: () => false,
  });
  watch.start();
  return told;
}

test.each([0, 1, 20])(
  'each period of a node that is away is told once, with timers that fire %i ms early',
  async (early) => {
    const clock = new SimulatedClock('2026-11-24T00:00:30.000Z');
    const told = watched(clock, (ms, then) => clock.after(Math.max(ms - early, 0), then));
    await clock.advance(5 * 60_000);
    expect(told).toEqual(['00:01:30', '00:02:30', '00:03:30', '00:04:30']);
  },
);
