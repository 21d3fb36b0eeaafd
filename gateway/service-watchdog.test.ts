import { expect, test, vi } from 'vitest';
import { SimulatedClock } from '../test-rigs/surroundings/simulated-clock.ts';
import { feedWatchdog } from './service-watchdog.ts';

const asked = { NOTIFY_SOCKET: '/nowhere/notify', WATCHDOG_USEC: '60000000', PATH: '/nowhere' };

test.each([
  ['outside of a service', { WATCHDOG_USEC: '60000000' }],
  ['without a watchdog', { NOTIFY_SOCKET: '/nowhere/notify' }],
  ['under a watchdog of another process', { ...asked, WATCHDOG_PID: '1' }],
])('%s nothing is told to systemd', (_, environment) => {
  const clock = new SimulatedClock();
  feedWatchdog({ clock, environment, complain: expect.unreachable });
  expect(clock.pending).toBe(0);
});

test('a sign of life is due three times in what systemd allows; that none can be given is told once', async () => {
  const clock = new SimulatedClock();
  const complaints: string[] = [];
  const starve = feedWatchdog({
    ...{ clock, environment: { ...asked, WATCHDOG_PID: String(process.pid) } },
    complain: (message) => complaints.push(message),
  });
  const set = vi.spyOn(clock, 'after');
  for (let round = 0; round < 3; round += 1) await clock.advance(20_000);
  expect(set).toHaveBeenCalledTimes(3);
  await vi.waitFor(() => expect(complaints).toEqual([expect.stringMatching(/systemd-notify.*install it/)]));
  starve();
  expect(clock.pending).toBe(0);
});
