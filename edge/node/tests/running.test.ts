import { expect, test } from 'vitest';
import { minute, NodeScene } from './node-scene.ts';

const kinds = ['esp8266', 'esp32'] as const;

test.each(kinds)(
  'an %s in normal running says hello, sends a row a minute on the wall minute, and writes nothing to flash',
  async (kind) => {
    const scene = (await NodeScene.create(kind)).start();
    console.log(scene.rig.console, scene.rig.panics, scene.hellos, scene.broker.attempts, [
      ...scene.rig.flash.files.keys(),
    ]);
    const written = scene.rig.flash.operations;
    scene.clock.advance(60 * minute);
    console.log(scene.rows.length, scene.messages.slice(0, 3), scene.hellos.length, scene.rig.heap);
    expect(scene.rig.flash.operations).toBe(written);
  },
);
