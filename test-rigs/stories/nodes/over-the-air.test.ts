import { expect, test } from 'vitest';
import { sumOf } from '../../../edge/node/building/manifest.ts';
import { NodeOffers } from '../../../gateway/driver/node/offers/node-offers.ts';
import type { OfferedFirmware } from '../../../gateway/driver/node/offers/offer-state.ts';
import type { ChipKind } from '../../surroundings/lua-machine/chip/chip.ts';
import { ScriptedBroker } from '../../surroundings/lua-machine/far-side/scripted-broker.ts';
import { firmwareFiles } from '../../surroundings/lua-machine/firmware-part.ts';
import { SimulatedClock } from '../../surroundings/simulated-clock.ts';
import { RealNode } from './real-firmware.ts';

const minute = 60_000;
const node = 'esp-1';

/** The real firmware on a node, and the real offers of a gateway with as much of the rest as answers a node. */
async function scene(kind: ChipKind) {
  const clock = new SimulatedClock();
  const broker = new ScriptedBroker(clock);
  const states: string[] = [];
  const say = (what: string, payload: string): boolean => broker.send(`fenceline-node/v1/${node}/${what}`, payload);
  const offers = await NodeOffers.open({
    storage: { read: async () => undefined, write: async () => undefined },
    clock,
    send: (_node, what, payload) =>
      say(what, typeof payload === 'string' ? payload : Buffer.from(payload).toString('latin1')),
    observe: (event) => void ('update' in event && event.update && states.push(event.update.state)),
    record: () => undefined,
    fault: (message) => {
      throw new Error(message);
    },
  });
  const hellos: { b: number; version: string; configuration: number; u: number }[] = [];
  broker.onMessage = ({ topic, payload }) => {
    const bytes = Buffer.from(payload, 'latin1');
    switch (topic.split('/').at(-1)) {
      case 'hello': {
        const hello = JSON.parse(payload);
        hellos.push(hello);
        say('have', '[0,0]');
        say('time', `[${Math.floor(clock.wall() / 1000)}]`);
        offers.onHello(node, {
          boot: hello.b,
          version: hello.version,
          chip: hello.chip,
          configuration: hello.configuration,
        });
        break;
      }
      case 'want':
        offers.onWant(node, bytes);
        break;
      case 'refused':
        offers.onRefused(node, bytes);
        break;
    }
  };
  const real = await RealNode.create({ kind, account: { node, password: 'a-password' }, clock, farSide: broker });
  real.powerOn();
  await clock.advance(2 * minute);
  expect(hellos.at(-1)?.version).toBe('0.0.0');
  return { clock, broker, offers, states, hellos, rig: real.rig };
}

function firmware(
  kind: ChipKind,
  version: string,
  change: (files: Record<string, string>) => void = () => undefined,
): OfferedFirmware {
  const files = firmwareFiles(kind, version);
  change(files);
  return {
    version,
    files: Object.entries(files).map(([name, text]) => {
      const bytes = Buffer.from(text, 'latin1');
      return { name, size: bytes.length, sum: sumOf(bytes), content: bytes.toString('base64') };
    }),
  };
}

test.each<ChipKind>(['esp8266', 'esp32'])(
  'an %s fetches a new firmware over cut connections and a loss of power, and runs it',
  async (kind) => {
    const { clock, broker, offers, states, hellos, rig } = await scene(kind);
    await offers.offerFirmware([node], firmware(kind, '0.1.7'), true, 'test');
    await clock.advance(3000);
    broker.drop(false);
    await clock.advance(minute);
    rig.cutPower();
    rig.powerOn();
    for (let minutes = 0; minutes < 20 && hellos.at(-1)?.version !== '0.1.7'; minutes++) await clock.advance(minute);
    expect(hellos.at(-1)?.version).toBe('0.1.7');
    await clock.advance(10 * minute);
    expect(states.at(-1)).toBe('runs');
    expect([...rig.flash.files.keys()].filter((name) => name.endsWith('.new'))).toEqual([]);
  },
);

test.each<[string, (files: Record<string, string>) => void]>([
  [
    'cannot be read by Lua',
    (files) => Object.assign(files, { 'node.lua': `${files['node.lua']?.slice(0, 2000)}\nthis is no Lua` }),
  ],
  [
    'stops with an error when it starts',
    (files) => Object.assign(files, { 'node.lua': 'return { start = function() error("no") end }' }),
  ],
  [
    'runs but never reaches the gateway',
    (files) => Object.assign(files, { 'node.lua': 'return { start = function() end }' }),
  ],
])('a firmware that %s is left for the one before it', async (_, change) => {
  const { clock, offers, states, hellos, rig } = await scene('esp8266');
  await offers.offerFirmware([node], firmware('esp8266', '0.1.8', change), true, 'test');
  await clock.advance(20 * minute);
  for (let resets = 0; resets < 4; resets++) {
    if (hellos.at(-1)?.version === '0.0.0' && rig.boots.length > 3 && states.at(-1) === 'rolled-back') break;
    rig.reset();
    await clock.advance(3 * minute);
  }
  expect(hellos.at(-1)?.version).toBe('0.0.0');
  expect(states.at(-1)).toBe('rolled-back');
});
