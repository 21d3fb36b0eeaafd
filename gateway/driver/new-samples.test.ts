import { expect, test } from 'vitest';
import { pointsOf } from '../../device-profiles/profile.ts';
import { modbusProfile, rawsIn, registers } from '../../test-rigs/profiles/written-profile.ts';
import type { Monotonic } from '../clock.ts';
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
