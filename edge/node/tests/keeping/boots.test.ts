import { expect, test } from 'vitest';
import {
  configuration,
  minute,
  NodeScene,
  second,
} from '../../../../test-rigs/surroundings/lua-machine/keeping/node-scene.ts';

const kinds = ['esp8266', 'esp32'] as const;

/** Rows come faster, so that fewer minutes make many. */
const often = { 'node.json': JSON.stringify({ ...configuration, period: 10 }) };

test.each(kinds)(
  'a boot file of an %s that the flash no longer gives as it was written is not believed',
  async (kind) => {
    const scene = await NodeScene.create(kind);
    for (let boot = 1; boot <= 3; boot++) {
      scene.start(minute);
      scene.rig.cutPower();
    }
    const { files } = scene.rig.flash;
    const newest = ['boot.1', 'boot.2'].find((name) => files.get(name)?.startsWith('3,3,')) as string;
    files.set(newest, (files.get(newest) as string).replace('3,3,', '3,9,'));
    scene.start(minute);
    // The other file holds the second boot, and no row was kept of the third.
    expect(scene.lastHello.b).toBe(3);
  },
);

test.each(kinds)(
  'why an %s restarted itself is said of that restart alone, and so is the time that it took over',
  async (kind) => {
    const scene = (await NodeScene.create(kind)).start(3 * minute);
    scene.send('configuration', '{"version":4,"period":30}');
    scene.clock.advance(3 * minute);
    scene.broker.isAway = true;
    // Its measuring stands still, its watchdog restarts it, and it measures on, unheard.
    scene.rig.lua('stalled = true');
    scene.clock.advance(12 * minute);
    scene.broker.isAway = false;
    scene.clock.advance(10 * minute);
    expect(scene.lastHello.boots).toEqual(['power', 'configuration', 'watchdog']);
    for (const { begin, boot, s } of scene.rows.filter(({ boot }) => boot === 3)) {
      expect([boot, s, (begin ?? 0) > scene.epoch - 25 * 60]).toEqual([boot, s, true]);
    }
    // Before it was told the time it knew none: not that of the restart before.
    const third = scene.messages.map(({ payload }) => JSON.parse(payload)).find(({ b }) => b === 3);
    expect([third.r[0][0], Math.abs((third.z ?? scene.epoch - third.u) + third.u - scene.epoch) < 600]).toEqual([
      1,
      true,
    ]);
  },
);

test.each(kinds)(
  'a have of a boot that an %s has not come to tells that its counter was lost: what is held gets higher boots',
  async (kind) => {
    const scene = await NodeScene.create(kind, { files: often });
    scene.have = [17, 190];
    scene.broker.isAway = true;
    scene.start(5 * minute);
    scene.rig.reset();
    scene.clock.advance(5 * minute);
    scene.broker.isAway = false;
    scene.clock.advance(10 * minute);
    expect([...new Set(scene.rows.map(({ boot }) => boot))]).toEqual([18, 19]);
    const own = scene.rows.filter(({ boot }) => boot === 19).map(({ seq }) => seq);
    expect(own).toEqual(Array.from({ length: own.length }, (_, at) => at + 1));
    scene.rig.reset();
    scene.clock.advance(2 * minute);
    expect(scene.lastHello.b).toBe(20);
  },
);

test('so does a have of rows that this boot has not made', async () => {
  const scene = await NodeScene.create('esp8266', { files: often });
  scene.have = [1, 500];
  scene.start(5 * minute);
  expect([...new Set(scene.rows.map(({ boot }) => boot))]).toEqual([2]);
  expect(scene.rows[0]?.seq).toBe(1);
});

test.each(kinds)('an %s says how many rows it holds, also of earlier boots', async (kind) => {
  const scene = await NodeScene.create(kind);
  scene.takes = false;
  scene.start(21 * minute);
  const { u, held } = scene.lastHello as unknown as { u: number; held: number };
  expect(held).toBe(Math.floor((u - 5) / 60));
  scene.rig.reset();
  const before = scene.hellos.length;
  scene.clock.advance(30 * second);
  // Up to three were in RAM.
  expect(scene.hellos[before]?.held).toBeGreaterThanOrEqual(20 - 3);
  expect(scene.hellos[before]?.held).toBeLessThanOrEqual(21);
});
