import { expect, test } from 'vitest';
import { pointsOf } from '../../../device-profiles/profile.ts';
import { modbusProfile, rawsIn, registers } from '../../../test-rigs/profiles/written-profile.ts';
import type { Monotonic } from '../../clock.ts';
import { NewSamples } from './new-samples.ts';

const profile = modbusProfile(`points:
  - { id: power, factor: active-power, functionCode: 3, register: 0, type: u16 }
  - { id: import, factor: energy-import, functionCode: 3, register: 1, type: u16, refreshSeconds: 5 }
  - { id: export, factor: energy-export, functionCode: 3, register: 2, type: u16, refreshSeconds: 5 }
`);

/** Which points are repeated at each [second, power, import, export]. */
function course(...polls: [second: number, power: number, imported: number, exported: number][]): string[] {
  const samples = new NewSamples(profile, pointsOf(profile));
  return polls.map(([second, ...values]) => {
    return [...samples.repeated(rawsIn(profile, registers(0, ...values)), (second * 1000) as Monotonic)].join();
  });
}

test('E35: an answer identical in all its registers within the refresh time (PM5320: 5 s) is no new sample', () => {
  expect(course([0, 1, 7, 0], [2, 2, 7, 0], [4, 3, 7, 0], [6, 4, 7, 0])).toEqual([
    '',
    'import,export',
    'import,export',
    '',
  ]);
});

test('E35: one register that changed makes the whole answer new, also for what stayed the same', () => {
  expect(course([0, 1, 7, 0], [2, 1, 8, 0], [4, 1, 8, 0])).toEqual(['', '', 'import,export']);
});

test('E35: the same value after the refresh time is a new sample, even where a poll came a little early', () => {
  expect(course([0, 1, 7, 0], [4.9, 1, 7, 0], [9.8, 1, 7, 0])).toEqual(['', '', '']);
});

const fills = modbusProfile(`points:
  - { id: fuel, factor: fuel-volume, functionCode: 3, register: 1, type: u16, scale: 0.01 }
auxiliaries:
  - { id: vapour, functionCode: 3, register: 2, type: u16, scale: 0.01 }
  - { id: time, functionCode: 3, register: 3, type: time-bytes }
computed:
  - { id: al, factor: vapour-liquid-ratio, ratio: [vapour, fuel] }
events:
  - { id: fill, points: [fuel, al], at: time }
`);
const fill = (minute: number, fuel = 2000, vapour = 2100) =>
  rawsIn(fills, registers(1, fuel, vapour, (26 << 8) | 11, (24 << 8) | 8, minute << 8));

test('D30: an event is told once, by its own time, also when it stood there at the start', () => {
  const samples = new NewSamples(fills, pointsOf(fills));
  const repeated = [fill(1), fill(1), fill(2), fill(2)].map((raws, second) =>
    [...samples.repeated(raws, (second * 1000) as Monotonic)].join(),
  );
  expect(repeated).toEqual(['', 'fuel,al', '', 'fuel,al']);
});

test('D30: while its time is none, nothing has happened', () => {
  const samples = new NewSamples(fills, pointsOf(fills));
  expect([...samples.repeated(rawsIn(fills, registers(1, 0, 0, 0, 0, 0)), 0 as Monotonic)]).toEqual(['fuel', 'al']);
});

test('D30: an event without a time of its own is told by a change, and not at the start', () => {
  const timeless = { ...fills, events: fills.events.map(({ id, points }) => ({ id, points })) };
  const samples = new NewSamples(timeless, pointsOf(timeless));
  const repeated = [fill(0), fill(0), fill(0, 3000, 3100)].map((raws, second) =>
    [...samples.repeated(raws, (second * 1000) as Monotonic)].join(),
  );
  expect(repeated).toEqual(['fuel,al', 'fuel,al', '']);
});
