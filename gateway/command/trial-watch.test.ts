import { expect, test } from 'vitest';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { TrialWatch } from './trial-watch.ts';

function watched(fails = 0) {
  const clock = new SimulatedClock();
  const done: string[] = [];
  let left = fails;
  const decide = (what: string) => async (): Promise<void> => {
    if (left-- > 0) throw new Error('ENOSPC');
    done.push(`${what} at ${clock.monotonic()}`);
  };
  const trial = { id: 'c-1', who: 'district', from: 'a', to: 'b', rollsBackAt: '' };
  const observe = (): void => {};
  const watch = new TrialWatch({
    ...{ trial, left: 60_000, clock, observe },
    confirm: decide('confirmed'),
    rollBack: decide('rolled back'),
  });
  return { clock, watch, done };
}

test('a change that the platform was reached with stays, and one that it was not goes back at the end of its time', async () => {
  const first = watched();
  await first.clock.advance(59_000);
  first.watch.reached();
  await first.clock.advance(60_000);
  expect(first.done).toEqual(['confirmed at 59000']);
  const second = watched();
  await second.clock.advance(59_999);
  expect(second.done).toEqual([]);
  await second.clock.advance(1);
  second.watch.reached();
  expect(second.done).toEqual(['rolled back at 60000']);
});

test('a decision that the medium does not take is made again', async () => {
  const { clock, done } = watched(2);
  await clock.advance(80_000);
  expect(done).toEqual(['rolled back at 70000']);
});

test('a gateway that stops decides nothing', async () => {
  const { clock, watch, done } = watched();
  watch.stop();
  watch.reached();
  await clock.advance(120_000);
  expect(done).toEqual([]);
});
