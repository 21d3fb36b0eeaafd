import { expect, test } from 'vitest';
import { isClean } from '../../platform/audit.ts';
import { batches, minutesBetween, minutesOf, received } from '../received.ts';
import { SimulatedSite } from '../simulated-site.ts';
import { dustMeter } from '../wiring.ts';

const minute = 60_000;
const hour = 60 * minute;
/** Wall time of the cut and of the return. */
const cut = Date.parse('2026-11-24T00:10:00.000+08:00');
const back = Date.parse('2026-11-25T00:10:00.000+08:00');

/** Ten minutes with a broker, a day without, and as long as it takes afterwards on a line of 8 kbit/s. */
async function dayWithoutBroker() {
  const site = await SimulatedSite.start({
    instruments: [dustMeter('dust-1', 1), dustMeter('dust-2', 2, { every: '20s' })],
    document: (as) => ({ ...as, samples: { keep: true, commitEvery: '60s' } }),
  });
  await site.clock.advance(10 * minute);
  site.broker.cut();
  await site.clock.advance(24 * hour);
  site.broker.bytesPerMillisecond = 1;
  const taken = site.broker.accepted.length;
  site.broker.restore();
  await site.drained();
  // Fresh data goes on behind the backlog as before.
  await site.clock.advance(2 * minute);
  await site.drained();
  return { site, sent: batches(site.broker, taken).filter(({ stream }) => stream === 'records') };
}

test('after a day without a broker every minute arrives, late, in order, once; fresh minutes do not wait', async () => {
  const { site: story, sent } = await dayWithoutBroker();
  await using site = story;

  // Every minute of every series, none twice.
  const wanted = minutesBetween('2026-11-24T00:00:00.000+08:00', '2026-11-25T00:12:00.000+08:00');
  for (const [point, expected] of [['dust-1', 15] as const, ['dust-2', 3] as const]) {
    for (const factor of ['pm2.5', 'pm10']) {
      const minutes = minutesOf(site.platform, point, factor);
      expect(minutes.slice(0, wanted.length).map(({ from }) => from)).toEqual(wanted);
      expect(new Set(minutes.map(({ from }) => from)).size).toBe(minutes.length);
      expect(minutes.slice(1, wanted.length).every((one) => one.flag === 'N' && one.count === expected)).toBe(true);
    }
  }

  // In order within the backlog.
  const late = sent.filter((batch) => batch.late);
  expect(late.length).toBeGreaterThan(3);
  expect(late.every((batch, index) => index === 0 || batch.from === (late[index - 1]?.to ?? 0) + 1)).toBe(true);

  // Marked late exactly where it waited longer than a minute.
  for (const { entry, isLate, at } of received(site.platform, 'minute')) {
    const closed = Date.parse(entry.from) + minute;
    if (closed < cut) expect(isLate).toBe(false);
    else if (closed < back - minute) expect(isLate).toBe(true);
    else if (closed > back) expect([isLate, at - closed < 5000]).toEqual([false, true]);
  }

  // Fresh ones came while the backlog was still on its way.
  const afterFresh = sent.slice(sent.findIndex((batch) => !batch.late));
  expect(afterFresh.filter((batch) => batch.late).length).toBeGreaterThan(3);

  const account = site.account();
  expect(account).toMatchObject({ missing: 0, conflicts: 0, faults: 0, received: account.committed });
  expect(isClean(site.platform.audit())).toBe(true);
});
