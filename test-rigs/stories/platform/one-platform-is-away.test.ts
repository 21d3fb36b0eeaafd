import { expect, test } from 'vitest';
import { isClean } from '../../platform/audit.ts';
import { brokerLine } from '../../platform/line.ts';
import { Platform } from '../../platform/platform.ts';
import { MemoryBroker } from '../../surroundings/memory-broker.ts';
import { received } from '../received.ts';
import { SimulatedSite } from '../simulated-site.ts';
import { dustMeter } from '../wiring.ts';

const minute = 60_000;

test('a platform that is away for hours costs the other one nothing, and has everything when it is back', async () => {
  let province: MemoryBroker | undefined;
  await using site = await SimulatedSite.start({
    instruments: [dustMeter('dust-1', 1)],
    document: (as) => ({
      ...as,
      uplinks: [
        ...(as.uplinks ?? []),
        { id: 'province', kind: 'mqtt', url: 'mqtt://province.example', spreadBacklog: '10s' } as const,
      ],
    }),
    broker: (_, clock) => {
      province = new MemoryBroker(clock);
      province.cut();
      return province;
    },
  });
  if (province === undefined) throw new Error('the gateway made no second uplink');
  const second = new Platform({ line: brokerLine(province, site.clock), clock: site.clock });

  await site.clock.advance(180 * minute);
  const near = received(site.platform, 'minute');
  expect(near.length).toBeGreaterThanOrEqual(179 * 2);
  for (const { entry, isLate, at } of near) {
    expect([isLate, at - Date.parse(entry.from) < minute + 5000]).toEqual([false, true]);
  }
  expect(await site.held()).toBeLessThan(10);
  const picture = site.gateway.diagnosis.picture();
  const byId = new Map(picture.uplinks.map((uplink) => [uplink.id, uplink]));
  expect(byId.get('district')).toMatchObject({ state: 'connected', backlog: { hours: null } });
  expect(byId.get('province')?.backlog.hours).toBeGreaterThan(2.9);
  expect(byId.get('province')?.backlog.records).toBeGreaterThan(350);

  province.restore();
  await second.start();
  await site.clock.advance(3 * minute);
  const all = (platform: Platform): string[] =>
    platform.table.rows().map(({ stream, epoch, seq, hash }) => `${stream} ${epoch} ${seq} ${hash}`);
  const [ours, theirs] = [new Set(all(site.platform)), all(second)];
  expect(theirs.length).toBeGreaterThan(near.length);
  expect(theirs.filter((key) => !ours.has(key))).toEqual([]);
  expect(ours.size - theirs.length).toBeLessThan(10);
  expect([isClean(site.platform.audit()), isClean(second.audit())]).toEqual([true, true]);
  const stopped = second.stop();
  await site.clock.advance(5000);
  await stopped;
});
