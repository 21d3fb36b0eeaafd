import { expect, test } from 'vitest';
import { firmwareLua } from '../../../test-rigs/surroundings/lua-machine/firmware-part.ts';
import {
  configuration,
  minute,
  NodeScene,
  second,
} from '../../../test-rigs/surroundings/lua-machine/keeping/node-scene.ts';
import { joinSections, sectionsOf } from '../building/sections.ts';

/**
 * Bytes of Lua heap at most, at any moment, of the 44,000 that NodeMCU leaves on an ESP8266. The figures are a 32-bit
 * machine's with constants of 16 bytes; a chip packs them into 12, so that it takes about a tenth less.
 */
const MOST = 40_000;

test('whatever an ESP8266 does, its heap suffices: starting, an outage, hello, a configuration, an update', async () => {
  const core = firmwareLua('main.ts');
  const scene = await NodeScene.create('esp8266', {
    watchesHeap: true,
    files: {
      'node.lua': joinSections(
        core,
        sectionsOf(core, (name) => firmwareLua(`${name}.ts`)),
      ),
      'node.json': JSON.stringify({ ...configuration, adc: 'none', period: 10 }),
    },
  });
  const peaks: Record<string, number> = {};
  const reach = (moment: string, milliseconds: number): void => {
    scene.clock.advance(milliseconds);
    peaks[moment] = scene.rig.peakHeap;
    expect([moment, scene.rig.panics, scene.rig.peakHeap < MOST]).toEqual([moment, [], true]);
  };
  scene.broker.isAway = true;
  scene.start(6 * second);
  reach('start', 20 * second);
  reach('rows to flash', 3 * minute);
  expect([...scene.rig.flash.files.keys()]).toContain('r0');
  scene.broker.isAway = false;
  reach('rows from flash', 8 * minute);
  expect(scene.rows.length).toBeGreaterThan(24);
  reach('hello', 6 * minute);
  scene.send('configuration', '{"version":9,"period":7}');
  reach('configuration', 2 * second);
  expect(scene.refused.at(-1)?.why).toBe('field period');
  scene.send('update', JSON.stringify({ version: '9.9.9', files: [['esp8266.lua', 1200, '1.1']] }));
  reach('offer', 2 * second);
  scene.send('chunk', `esp8266.lua:0:${'x'.repeat(512)}`);
  reach('update', 2 * second);
  expect(scene.wants.at(-1)).toEqual(['9.9.9', 'esp8266.lua', 512]);
  console.log('heap at its highest, bytes', peaks);
}, 30_000);
