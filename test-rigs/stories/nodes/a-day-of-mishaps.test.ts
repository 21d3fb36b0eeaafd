import { expect, test } from 'vitest';
import { seededRandom } from '../seeded-random.ts';
import { eventsOf, expectOnce, nodeOf, siteOfNodes } from './node-site.ts';

const second = 1000;

test('nodes away, restarting, not hearing, and a gateway that is stopped and loses its power, in any order: every row counts once', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const upTo = (most: number): number => Math.floor(random() * most) + 1;
  await using site = await siteOfNodes(['esp-1', 'esp-2'], {}, '30s');
  const nodes = ['esp-1', 'esp-2'].map((id) => nodeOf(site, id, { period: 30 }));
  await site.clock.advance(90 * second);
  for (let mishap = 0; mishap < 18; mishap++) {
    const node = nodes[upTo(2) - 1] as (typeof nodes)[number];
    const kind = upTo(6);
    if (kind === 1) {
      await site.cutPower();
      await site.clock.advance(upTo(300) * second);
      await site.startGateway();
    } else if (kind === 2) {
      await site.stopGateway();
      await site.clock.advance(upTo(120) * second);
      await site.startGateway();
    } else if (kind === 3) node.reboot();
    else if (kind === 4) site.nodeLink?.deaf(node.id);
    else node.isReachable = !node.isReachable;
    await site.clock.advance(upTo(200) * second);
    site.nodeLink?.deaf(node.id, false);
  }
  for (const node of nodes) node.isReachable = true;
  await site.clock.advance(500 * second);
  for (const node of nodes) node.stop();
  await site.drained();
  for (const node of nodes) {
    expect([node.id, node.held.length <= 2]).toEqual([node.id, true]);
    expectOnce(site, node);
  }
  // Nothing of it was lost on a node: they had room.
  expect(eventsOf(site, 'node-rows-lost')).toEqual([]);
});
