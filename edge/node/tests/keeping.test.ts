import { expect, test } from 'vitest';
import {
  type Arrived,
  hour,
  minute,
  NodeScene,
} from '../../../test-rigs/surroundings/lua-machine/keeping/node-scene.ts';

const kinds = ['esp8266', 'esp32'] as const;

/** Rows of one boot are all there, once each, and each begins where the one before it ended. */
function expectUnbroken(rows: readonly Arrived[], boot: number, many: number): void {
  const ofBoot = rows.filter((row) => row.boot === boot);
  expect(ofBoot.map(({ seq }) => seq)).toEqual(Array.from({ length: many }, (_, at) => at + 1));
  for (const [at, row] of ofBoot.entries()) {
    const before = ofBoot[at - 1];
    if (before !== undefined) expect(row.s).toBe(before.s + before.d);
  }
}

const blocksIn = (scene: NodeScene): string[] =>
  [...scene.rig.flash.files.keys()].filter((name) => /^r\d+$/.test(name));

test.each(kinds)('an %s in normal running sends each row once and writes nothing to flash', async (kind) => {
  const scene = (await NodeScene.create(kind)).start();
  const operations = scene.rig.flash.operations;
  scene.clock.advance(hour);
  expectUnbroken(scene.rows, 1, 60);
  expect(scene.messages).toHaveLength(60);
  expect(scene.rig.flash.operations).toBe(operations);
  expect(scene.rig.panics).toEqual([]);
});

test.each(kinds)('an %s loses nothing of an outage of 3 h, and writes to flash 15 times for it', async (kind) => {
  const scene = (await NodeScene.create(kind)).start(5 * minute);
  const { operations, written } = scene.rig.flash;
  scene.broker.isAway = true;
  scene.clock.advance(3 * hour);
  const blocks = blocksIn(scene);
  expect(blocks).toHaveLength(3);
  // A block's first segment makes its file, which is an operation of its own.
  expect(scene.rig.flash.operations - operations).toBe(15 + blocks.length);
  expect((scene.rig.flash.written - written) / 180).toBeLessThan(32);
  scene.broker.isAway = false;
  scene.clock.advance(15 * minute);
  const many = scene.rows.length;
  expect(many).toBeGreaterThan(195);
  expectUnbroken(scene.rows, 1, many);
  expect(blocksIn(scene)).toEqual([]);
  expect([scene.lastHello.dropped, scene.lastHello.torn, scene.rig.panics]).toEqual([0, 0, []]);
});
