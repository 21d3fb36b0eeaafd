import { expect, test } from 'vitest';
import type { SimulatedSite } from '../simulated-site.ts';
import { eventsOf, expectOnce, nodeOf, siteOfNodes, words } from './node-site.ts';

const minute = 60_000;

/** The next whole minute, and so much after it. */
async function toMinute(site: SimulatedSite, after: number): Promise<void> {
  await site.clock.advance(minute - (site.clock.wall() % minute) + after);
}

test.each([
  ['between a row and the close of its minute', 5000],
  ['right when the minute is closed', 8050],
  ['between the delivery and the word that it is had', 9100],
  ['in the middle of a minute', 35_000],
])(
  'the power of the gateway fails %s: the node sends again what is not durable, and no row is lost or counted twice',
  async (_, after) => {
    await using site = await siteOfNodes(['esp-1']);
    const node = nodeOf(site, 'esp-1');
    await site.clock.advance(3 * minute);
    for (let cut = 0; cut < 2; cut++) {
      await toMinute(site, after);
      await site.cutPower();
      await site.clock.advance(cut * 2.2 * minute);
      await site.startGateway();
      await site.clock.advance(3 * minute);
    }
    await site.clock.advance(2 * minute);
    node.stop();
    await site.drained();
    expect(node.made.length).toBeGreaterThan(9);
    expect(node.held.length).toBeLessThanOrEqual(1);
    expectOnce(site, node);
  },
);

test('a gateway that does not know the time shows what the node says and takes nothing; when it knows, everything comes', async () => {
  await using site = await siteOfNodes(['esp-1'], {
    from: '1970-01-01T00:00:00.000Z',
    truth: '2026-11-24T00:00:00.000+08:00',
    document: (document) => ({ ...document, clock: { trust: 'ntp' } }),
  });
  const node = nodeOf(site, 'esp-1');
  await site.clock.advance(20.5 * minute);
  expect(node.made.length).toBe(20);
  expect([node.held.length, node.had]).toEqual([20, [0, 0]]);
  const shown = site.gateway.diagnosis.picture().instruments.find(({ id }) => id === 'dust-esp-1');
  expect(shown?.condition).toBe('answering');
  site.machine.ntpHears();
  await site.clock.advance(10 * minute);
  node.stop();
  await site.drained();
  expect(node.held.length).toBeLessThanOrEqual(1);
  const found = [...words(site, 'esp-1').values()].filter(({ count }) => count > 0);
  expect(found.length).toBeGreaterThan(26);
  // The first row of the boot was measured in the first minute of it.
  const origin = Date.parse('2026-11-24T00:00:00.000+08:00');
  expect([...words(site, 'esp-1')].find(([, { average }]) => average === 3)?.[0]).toBe(origin + 2 * minute);
});

test('a node that restarts brings the rows of the start before with the time that it was told then', async () => {
  await using site = await siteOfNodes(['esp-1']);
  const node = nodeOf(site, 'esp-1');
  await site.clock.advance(5.5 * minute);
  node.isReachable = false;
  await site.clock.advance(30 * minute);
  node.reboot();
  await site.clock.advance(10 * minute);
  node.isReachable = true;
  await site.clock.advance(6 * minute);
  node.stop();
  await site.drained();
  expect(node.had?.[0]).toBe(2);
  expectOnce(site, node);
  expect(eventsOf(site, 'node-rows-lost')).toEqual([]);
});

test('rows of a start that never learned the time stand in the records as they came, and are had', async () => {
  await using site = await siteOfNodes(['esp-1']);
  const node = nodeOf(site, 'esp-1');
  await site.clock.advance(3.5 * minute);
  node.isReachable = false;
  node.reboot();
  await site.clock.advance(5.5 * minute);
  const untimed = node.held.filter(({ boot }) => boot === 2).length;
  expect(untimed).toBe(5);
  node.reboot();
  node.isReachable = true;
  await site.clock.advance(4 * minute);
  node.stop();
  await site.drained();
  expect(node.had?.[0]).toBe(3);
  const events = eventsOf(site, 'node-rows-without-time');
  expect(events).toMatchObject([{ node: 'esp-1', boot: 2, columns: ['pm25', 'pm10'] }]);
  expect(events.map(({ rows }) => (rows as unknown[]).length)).toEqual([untimed]);
  const rows = node.made.filter(({ boot }) => boot !== 2).length - node.held.length;
  const counted = [...words(site, 'esp-1').values()].reduce((sum, { count }) => sum + count, 0);
  expect(counted).toBe(rows);
});

test('the clock of the gateway is set back and forth: the age that the node tells puts each row where it belongs', async () => {
  await using site = await siteOfNodes(['esp-1']);
  const node = nodeOf(site, 'esp-1');
  await site.clock.advance(5.5 * minute);
  site.clock.jumpWall(-10 * minute);
  await site.clock.advance(5.2 * minute);
  site.clock.jumpWall(25 * minute);
  await site.clock.advance(12 * minute);
  node.stop();
  await site.drained();
  const held = node.held.length;
  const samples = [...words(site, 'esp-1').values()];
  expect(held).toBeLessThanOrEqual(1);
  expect(samples.every(({ count }) => count <= 2)).toBe(true);
});
