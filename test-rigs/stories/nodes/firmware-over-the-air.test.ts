import { expect, test } from 'vitest';
import { firmwareDirectory, readFirmware } from '../../../gateway/cli/node/firmware-files.ts';
import { offeredOf } from '../../../gateway/cli/node/update.ts';
import type { Clock } from '../../../gateway/clock.ts';
import { readHello } from '../../../gateway/driver/node/hello.ts';
import { adlerSum } from '../../../gateway/driver/node/offers/adler-sum.ts';
import { NodeOffers } from '../../../gateway/driver/node/offers/node-offers.ts';
import {
  type NodeOfferEvent,
  type OfferedFirmware,
  offeredFirmware,
} from '../../../gateway/driver/node/offers/offer-state.ts';
import type { ChipKind } from '../../surroundings/lua-machine/chip/chip.ts';
import { ScriptedBroker } from '../../surroundings/lua-machine/far-side/scripted-broker.ts';
import { NodeRig } from '../../surroundings/lua-machine/node-rig.ts';
import { SteppedClock } from '../../surroundings/lua-machine/stepped-clock.ts';

const minute = 60_000;
const epoch = Date.parse('2026-11-24T08:00:00.000+08:00');

/** The firmware as it was compiled, and the same under a next version. */
const present = compiled();
const next = nextOf(present, '9.9.9');

function compiled(): OfferedFirmware {
  const firmware = readFirmware(firmwareDirectory);
  if ('fault' in firmware) throw new Error(firmware.fault.en);
  return offeredFirmware.parse(offeredOf(firmware));
}

/** Its own version stands in it as text; one of the same length keeps everything else where it is. */
function nextOf(firmware: OfferedFirmware, version: string): OfferedFirmware {
  const files = firmware.files.map((file) => {
    const text = Buffer.from(file.content, 'base64').toString('latin1');
    return fileOf(file.name, text.replaceAll(firmware.version, version));
  });
  return { version, files };
}

function fileOf(name: string, text: string): OfferedFirmware['files'][number] {
  const bytes = Buffer.from(text, 'latin1');
  return { name, size: bytes.length, sum: adlerSum(bytes), content: bytes.toString('base64') };
}

/** A firmware whose shared file is that text. */
function firmwareWith(version: string, text: string): OfferedFirmware {
  return { version, files: present.files.map((file) => (file.name === 'node.lua' ? fileOf(file.name, text) : file)) };
}

/** A node with the compiled firmware, and a gateway that answers it and offers. */
async function scene(kind: ChipKind) {
  const clock = new SteppedClock();
  const broker = new ScriptedBroker(clock);
  const files = Object.fromEntries(
    present.files.map(({ name, content }) => [name, Buffer.from(content, 'base64').toString('latin1')]),
  );
  delete files[kind === 'esp8266' ? 'esp32.lua' : 'esp8266.lua'];
  const configuration = {
    ...{ version: 3, node: 'dust-gate', password: 'a-password', wifi: ['site', 'quiet-lake'] },
    ...{ gateway: ['10.42.0.1', 1883], tls: false, sensor: 'plantower', adc: 'none', period: 60 },
  };
  const rig = await NodeRig.create({
    ...{ kind, clock, farSide: broker },
    files: { ...files, 'node.json': JSON.stringify(configuration) },
  });
  const states: string[] = [];
  const shown: { offer?: NodeOfferEvent } = {};
  const versions: string[] = [];
  const topic = (word: string): string => `fenceline-node/v1/dust-gate/${word}`;
  const offers = await NodeOffers.open({
    storage: { read: async () => undefined, write: async () => undefined },
    clock: { ...clockOf(clock) },
    send: (_, word, payload) => broker.send(topic(word), Buffer.from(payload as string).toString('latin1')),
    observe(event) {
      shown.offer = event;
      const state = event.update?.state ?? event.configuration?.state ?? '';
      if (states.at(-1) !== state) states.push(state);
    },
    record: () => undefined,
    fault: (message) => expect.unreachable(message),
  });
  broker.onMessage = ({ topic: said, payload }) => {
    const bytes = Buffer.from(payload, 'latin1');
    const word = said.split('/')[3];
    if (word === 'hello') {
      const hello = readHello(bytes);
      if ('fault' in hello) return expect.unreachable(`${hello.fault}: ${payload}`);
      if (versions.at(-1) !== hello.version) versions.push(hello.version);
      broker.send(topic('time'), `[${Math.floor((epoch + clock.monotonic()) / 1000)}]`);
      broker.send(topic('have'), '[0,0]');
      offers.onHello('dust-gate', hello);
    }
    if (word === 'want') offers.onWant('dust-gate', bytes);
    if (word === 'refused') offers.onRefused('dust-gate', bytes);
    if (word === 'rows') {
      const { b, r } = JSON.parse(payload) as { b: number; r: number[][] };
      broker.send(topic('have'), JSON.stringify([b, r.at(-1)?.[0]]));
    }
  };
  rig.powerOn();
  clock.advance(2 * minute);
  expect(versions).toEqual([present.version]);
  return { rig, clock, broker, offers, states, versions, shown };
}

function clockOf(stepped: SteppedClock): Clock {
  return {
    monotonic: () => stepped.monotonic() as never,
    wall: () => (epoch + stepped.monotonic()) as never,
    after: (delay, action) => stepped.after(delay, action),
  };
}

test.each(['esp8266', 'esp32'] as const)('an %s fetches the firmware, tries it and keeps it', async (kind) => {
  const { rig, clock, offers, states, versions } = await scene(kind);
  await offers.offerFirmware(['dust-gate'], next, true, 'command line');
  clock.advance(10 * minute);
  expect(states).toEqual(['waiting', 'sending', 'delivered', 'runs']);
  expect(versions).toEqual([present.version, next.version]);
  // It stays, whatever comes.
  rig.reset();
  clock.advance(2 * minute);
  expect(versions).toEqual([present.version, next.version]);
  const whole = next.files.find(({ name }) => name === 'node.lua')?.content ?? '';
  expect(rig.flash.files.get('node.lua')).toBe(Buffer.from(whole, 'base64').toString('latin1'));
});

test('a firmware that does not start is given up after three boots, and told', async () => {
  const { clock, offers, states, versions } = await scene('esp8266');
  const broken = firmwareWith('9.9.8', 'return { start = function() error("broken") end }');
  await offers.offerFirmware(['dust-gate'], broken, true, 'command line');
  clock.advance(20 * minute);
  expect(states.at(-1)).toBe('rolled-back');
  expect(versions).toEqual([present.version]);
});

test('power that goes in the middle of the fetching costs nothing but time', async () => {
  const { rig, clock, broker, offers, states, versions } = await scene('esp8266');
  await offers.offerFirmware(['dust-gate'], next, true, 'command line');
  clock.advance(5000);
  rig.cutPower();
  broker.drop(false);
  clock.advance(minute);
  rig.powerOn();
  clock.advance(15 * minute);
  expect([states.at(-1), versions]).toEqual(['runs', [present.version, next.version]]);
});

test('a network that there is not is given up, and the node is back with the one before', async () => {
  const { rig, clock, broker, offers, shown } = await scene('esp8266');
  await offers.offerConfiguration('dust-gate', { gateway: ['10.99.0.1', 1883] }, 'command line');
  clock.advance(5000);
  broker.isAway = true;
  clock.advance(90 * minute);
  broker.isAway = false;
  clock.advance(30 * minute);
  expect(JSON.parse(rig.flash.files.get('node.json') ?? '').gateway).toEqual(['10.42.0.1', 1883]);
  expect(shown.offer?.configuration?.state).toBe('rolled-back');
});
