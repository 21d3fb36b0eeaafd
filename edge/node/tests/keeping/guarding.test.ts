import { expect, test } from 'vitest';
import { minute, NodeScene } from '../../../../test-rigs/surroundings/lua-machine/keeping/node-scene.ts';

const kinds = ['esp8266', 'esp32'] as const;

test.each(kinds)(
  'an %s whose measuring stands still restarts, says why, and loses no row that was measured',
  async (kind) => {
    const scene = (await NodeScene.create(kind)).start(5 * minute);
    const had = scene.rows.length;
    scene.rig.lua('stalled = true');
    scene.clock.advance(6 * minute);
    expect(scene.lastHello.b).toBe(2);
    expect(scene.lastHello.reason).toBe('watchdog');
    scene.clock.advance(3 * minute);
    expect(scene.rows.filter(({ boot }) => boot === 1)).toHaveLength(had);
    expect(scene.rows.filter(({ boot }) => boot === 2).length).toBeGreaterThan(2);
  },
);

test('an outage of half a day is no reason to restart', async () => {
  const scene = (await NodeScene.create('esp8266')).start(5 * minute);
  scene.broker.isAway = true;
  scene.clock.advance(6 * 60 * minute);
  scene.rig.air.isUp = false;
  scene.clock.advance(6 * 60 * minute);
  expect(scene.rig.boots).toEqual(['power']);
});

test('a node short of heap keeps its rows and restarts before anything fails, and says why', async () => {
  const scene = await NodeScene.create('esp8266');
  scene.takes = false;
  scene.start(5 * minute);
  scene.rig.heapTaken = (scene.rig.freeHeap as number) - 5000;
  scene.clock.advance(minute);
  scene.rig.heapTaken = 0;
  scene.takes = true;
  scene.clock.advance(5 * minute);
  expect([scene.lastHello.b, scene.lastHello.reason, scene.lastHello.boots]).toEqual([2, 'heap', ['power', 'heap']]);
  const first = scene.rows.filter(({ boot }) => boot === 1).map(({ seq }) => seq);
  expect(first).toEqual(Array.from({ length: first.length }, (_, at) => at + 1));
  expect(first.length).toBeGreaterThanOrEqual(5);
  expect(scene.rig.panics).toEqual([]);
});

test('what hello says of the heap is what is free after a collection, and the lowest is never above it', async () => {
  const scene = (await NodeScene.create('esp8266')).start(21 * minute);
  expect(scene.hellos.length).toBeGreaterThan(3);
  for (const { heap, lowest } of scene.hellos as readonly { heap?: unknown; lowest?: unknown }[]) {
    expect(heap as number).toBeGreaterThan(8000);
    expect(lowest as number).toBeGreaterThan(8000);
    expect(lowest as number).toBeLessThanOrEqual(heap as number);
  }
});
