import { expect, test } from 'vitest';
import { MqttUplink } from '../../../gateway/uplink/mqtt-uplink.ts';
import { uplinkSettings } from '../../../gateway/uplink/settings.ts';
import { percentile } from '../../bench/measure/statistics.ts';
import { isClean } from '../../platform/audit.ts';
import { batches } from '../received.ts';
import { WeekHeld } from './week-held.ts';

/**
 * Drains a week over a narrow line while minutes go on closing, every three seconds, and instruments are read. `waits`:
 * milliseconds from the hand-over to the store, its commit window of 1 s included, to the row at the platform.
 */
async function drain(settings: object, bytesPerMillisecond: number, latency: number) {
  const uplink = { id: 'district', kind: 'mqtt', url: 'mqtt://broker.example', spreadBacklog: '1s', ...settings };
  await using week = await WeekHeld.begin((options) => new MqttUplink(options), uplinkSettings.parse(uplink));
  const { clock, broker, platform } = week;
  const backlog = await week.held();
  Object.assign(broker, { bytesPerMillisecond, latency });
  broker.restore();
  while (platform.table.keys === 0) await clock.advance(100);
  const begun = clock.wall();
  const closedAt: number[] = [];
  while ((await week.held()) > 200) {
    const now = clock.wall();
    if ((now - begun) % 4000 < 3000) week.readInstruments();
    for (let records = week.closeMinute(); records > 0; records--) closedAt.push(now);
    await clock.advance(3000);
    if (now - begun > 3_600_000) throw new Error(`after an hour ${await week.held()} records are still held`);
  }
  await clock.advance(30_000);
  const rows = platform.table.rows().filter(({ stream }) => stream === 'records');
  const fresh = rows.slice(-closedAt.length);
  const waits = fresh.map(({ received_at }, index) => received_at - (closedAt[index] ?? 0));
  const sent = batches(broker).filter((batch) => batch.late && batch.stream === 'records');
  return { backlog, fresh, waits, sent, late: rows.filter(({ late }) => late === 1), audit: platform.audit() };
}

test.each([
  ['4 kB/s and 80 ms with a window of 1', { window: 1 }, 4, 80],
  ['4 kB/s', {}, 4, 0],
])('while a week drains over %s, new minutes are at the platform within 3 s', async (_, settings, rate, latency) => {
  const { backlog, fresh, waits, sent, late, audit } = await drain(settings, rate, latency);
  expect(backlog).toBeGreaterThanOrEqual(7 * 24 * 60 * 10);
  expect(fresh.length).toBeGreaterThan(300);
  expect(percentile(waits, 0.99)).toBeLessThan(3000);
  expect(fresh.every((row) => row.late === 0)).toBe(true);
  // All of the backlog is marked late, nothing else is, and it came in its order.
  expect(late.length).toBe(backlog);
  expect(sent.every(({ from }, index) => index === 0 || from === (sent[index - 1]?.to ?? 0) + 1)).toBe(true);
  expect(isClean(audit)).toBe(true);
});
