import { expect, test } from 'vitest';
import { joinToLink } from '../../surroundings/lua-machine/far-side/link-far-side.ts';
import { ScriptedBroker } from '../../surroundings/lua-machine/far-side/scripted-broker.ts';
import { samplesOf } from '../received.ts';
import { eventsOf, siteOfNodes, words } from './node-site.ts';
import { RealNode } from './real-firmware.ts';
import { expectWhole, rowsIn, valuesOf } from './real-rows.ts';

const minute = 60_000;
const node = 'esp-1';

test.each(['esp8266', 'esp32'] as const)(
  'the compiled firmware of an %s: its network away, acknowledgements lost, the gateway restarted, and every row is a reading once',
  async (kind) => {
    await using site = await siteOfNodes([node]);
    const broker = new ScriptedBroker(site.clock);
    joinToLink(broker, () => site.nodeLink);
    const real = await RealNode.create({
      kind,
      account: { node, password: 'a-password' },
      clock: site.clock,
      farSide: broker,
    });
    const { rig } = real;
    real.powerOn();
    await site.clock.advance(2 * minute);
    const written = rig.flash.operations;
    await site.clock.advance(3 * minute);
    // In normal running nothing wears the flash out.
    expect(rig.flash.operations).toBe(written);

    rig.air.isUp = false;
    await site.clock.advance(16 * minute);
    expect(rig.flash.operations).toBeGreaterThan(written);
    rig.air.isUp = true;
    let lost = 4;
    broker.losesPuback = ({ topic }) => topic.endsWith('/rows') && lost-- > 0;
    await site.clock.advance(4 * minute);

    broker.isAway = true;
    await site.stopGateway();
    await site.startGateway();
    broker.isAway = false;
    await site.clock.advance(8 * minute);
    real.powerOff();
    await site.clock.advance(2 * minute);
    await site.drained();

    const rows = rowsIn(broker.reached.filter(({ topic }) => topic.endsWith('/rows')).map(({ payload }) => payload));
    expectWhole(rows);
    expect(rows.length).toBeGreaterThan(24);
    expect([rig.boots, rig.panics]).toEqual([['power'], []]);
    const samples = samplesOf(site.platform, `dust-${node}`).filter(
      ({ factor, value }) => factor === 'pm2.5' && value !== null,
    );
    const had = samples.toSorted((a, b) => a.at - b.at).map(({ value }) => value);
    const values = valuesOf(rows);
    expect(had).toEqual(values.slice(0, had.length));
    // The last row may have been on its way when the power went.
    expect(values.length - had.length).toBeLessThanOrEqual(1);
    const counted = [...words(site, node).values()].reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBe(had.length);
    expect(eventsOf(site, 'node-rows-lost')).toEqual([]);
  },
);

test('a node that averages over half a minute hands over the row that ends with the minute before the minute is closed', async () => {
  await using site = await siteOfNodes([node], {}, '30s');
  const broker = new ScriptedBroker(site.clock);
  joinToLink(broker, () => site.nodeLink);
  const account = { node, password: 'a-password' };
  const real = await RealNode.create({ kind: 'esp8266', account, clock: site.clock, farSide: broker, period: 30 });
  real.powerOn();
  await site.clock.advance(5.5 * minute);
  real.powerOff();
  await site.drained();
  expect(eventsOf(site, 'late-readings')).toEqual([]);
  const minutes = [...words(site, node).values()].map(({ count, revision }) => [count, revision]);
  expect(minutes.slice(1)).toEqual([
    [2, 1],
    [2, 1],
    [2, 1],
    [2, 1],
  ]);
  // Each row once, and once more with the one behind it.
  const messages = broker.reached.filter(({ topic }) => topic.endsWith('/rows'));
  expect(messages.length).toBeLessThan(20);
});
