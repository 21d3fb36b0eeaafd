import { expect, test } from 'vitest';
import type { PeriodRecord } from '../../../gateway/record/record.ts';
import { isClean } from '../../platform/audit.ts';
import { minutesBetween, minutesOf, received } from '../received.ts';
import { SimulatedSite } from '../simulated-site.ts';

const minute = 60_000;
const at = (time: string): string => `2026-11-24T${time}.000+08:00`;

const identity = ({ kind, point, factor, from }: PeriodRecord): string => `${kind} ${point} ${factor} ${from}`;

/** Ten minutes and a half, a stop, three hours without a gateway, ten minutes more. The broker is away around the stop. */
async function threeHoursWithoutGateway(): Promise<SimulatedSite> {
  const site = await SimulatedSite.start();
  await site.clock.advance(8 * minute);
  site.broker.cut();
  await site.clock.advance(2.5 * minute);
  await site.stopGateway();
  await site.clock.advance(180 * minute);
  await site.startGateway();
  site.broker.restore();
  await site.clock.advance(10 * minute);
  await site.drained();
  return site;
}

test('three hours without a gateway are one gap, from the last minute that is accounted for', async () => {
  await using site = await threeHoursWithoutGateway();
  expect(received(site.platform, 'gap').map(({ entry }) => entry)).toMatchObject([
    { from: at('00:10:00'), to: at('03:10:00'), reason: 'gateway-not-running', basis: 'inferred' },
  ]);
  const minutes = [
    ...minutesBetween(at('00:00:00'), at('00:10:00')),
    ...minutesBetween(at('03:10:00'), at('03:20:00')),
  ];
  for (const point of ['dust-1', 'dust-2', 'particles-1']) {
    expect(minutesOf(site.platform, point, 'pm10').map(({ from }) => from)).toEqual(minutes);
  }
  const all = received(site.platform, 'minute').map(({ entry }) => identity(entry));
  expect(new Set(all).size).toBe(all.length);
});

test('epoch and chain go on over a restart, and nothing that was held back is missing', async () => {
  await using site = await threeHoursWithoutGateway();
  const epochs = new Set(site.platform.table.places().map(({ stream, epoch }) => `${stream} ${epoch}`));
  expect(epochs.size).toBe(2);
  const starts = received(site.platform, 'audit').filter(({ entry }) => entry.action === 'gateway-started');
  expect(starts).toHaveLength(2);
  expect(received(site.platform, 'key')).toHaveLength(1);
  const account = site.account();
  expect(account).toMatchObject({ missing: 0, conflicts: 0, faults: 0, received: account.committed });
  expect(isClean(site.platform.audit())).toBe(true);
});

test('a restart within a minute makes no gap: that minute says that the gateway did not run', async () => {
  await using site = await SimulatedSite.start();
  await site.clock.advance(10 * minute + 10_000);
  await site.stopGateway();
  await site.clock.advance(20_000);
  await site.startGateway();
  await site.clock.advance(2 * minute);
  await site.drained();
  expect(received(site.platform, 'gap')).toEqual([]);
  const minutes = minutesOf(site.platform, 'dust-1', 'pm10');
  expect(minutes.map(({ from }) => from)).toEqual(minutesBetween(at('00:00:00'), at('00:12:00')));
  expect(minutes[10]).toMatchObject({ flag: 'B', reason: 'gateway-not-running' });
  expect(minutes[11]).toMatchObject({ flag: 'N' });
});

test('a gateway that is stopped leaves no timer and no thread behind', async () => {
  const threads = (): number => process.getActiveResourcesInfo().filter((one) => one === 'MessagePort').length;
  const before = threads();
  const site = await SimulatedSite.start();
  await site.clock.advance(3 * minute);
  expect(threads()).toBeGreaterThan(before);
  await site.stopGateway();
  site.wiring.finish();
  await site.platform.stop();
  await site.clock.advance(minute);
  expect([site.clock.pending, threads()]).toEqual([0, before]);
});
