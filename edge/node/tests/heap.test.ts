import { expect, test } from 'vitest';
import { plantowerFrame } from '../../../test-rigs/stories/nodes/real-firmware.ts';
import { ScriptedBroker } from '../../../test-rigs/surroundings/lua-machine/far-side/scripted-broker.ts';
import { firmwareFiles } from '../../../test-rigs/surroundings/lua-machine/firmware-part.ts';
import { NodeRig } from '../../../test-rigs/surroundings/lua-machine/node-rig.ts';
import { SteppedClock } from '../../../test-rigs/surroundings/lua-machine/stepped-clock.ts';
import { sumOf } from '../building/manifest.ts';

/*
 * An ESP8266 with NodeMCU and nothing else leaves 44,000 bytes of heap, which has to do for what is counted here and for the
 * network's own buffers. Values are 16 bytes here and 12 there, so a chip needs about nine tenths of these figures; code that
 * is being compiled, before it drops what only its compiler needs, is not in them.
 */
const atRest = 31_000;
const atMost = 41_500;

const minute = 60_000;
const node = 'esp-1';
const configuration = {
  ...{
    version: 1,
    node,
    password: 'a-password',
    wifi: ['site', 'a password'],
    gateway: ['10.42.0.1', 1883],
    tls: false,
  },
  ...{ sensor: 'plantower', adc: 'none', period: 60 },
};

test('the heap of an ESP8266 does for its start, a connection, an outage and what it kept, a configuration, and an update', async () => {
  const clock = new SteppedClock();
  const broker = new ScriptedBroker(clock);
  const files = { ...firmwareFiles('esp8266'), 'node.json': JSON.stringify(configuration) };
  const rig = await NodeRig.create({
    kind: 'esp8266',
    clock,
    farSide: broker,
    uartPiece: 32,
    watchesHeap: true,
    files,
  });
  const say = (kind: string, payload: string): void => void broker.send(`fenceline-node/v1/${node}/${kind}`, payload);
  const heard = answering(broker, clock, say);
  let frames = 0;
  const pass = (milliseconds: number): void => {
    for (const end = clock.monotonic() + milliseconds; clock.monotonic() < end; ) {
      clock.advance(10_000);
      rig.sensorSends(plantowerFrame(frames++));
    }
  };
  const told: Record<string, readonly [rest: number, most: number]> = {};
  const look = (what: string): void => {
    told[what] = [rig.heap ?? 0, rig.peakHeap];
  };

  rig.powerOn();
  pass(30_000);
  look('started');
  pass(6 * minute);
  look('connected, and past a hello');
  rig.air.isUp = false;
  pass(13 * minute);
  look('in an outage');
  rig.air.isUp = true;
  pass(8 * minute);
  look('what it kept is sent');
  say('configuration', '{"version":2,"period":30}');
  pass(2 * minute);
  look('after a new configuration');
  const fresh = firmwareFiles('esp8266', '0.2.0');
  const offered = ['node.lua', 'esp8266.lua'].map((name) => {
    const bytes = Buffer.from(fresh[name] ?? '', 'latin1');
    return [name, bytes.length, sumOf(bytes)] as const;
  });
  heard.firmware = fresh;
  say('update', JSON.stringify({ version: '0.2.0', files: offered }));
  pass(4 * minute);
  look('after an update');

  expect(heard.hellos.at(-1)).toMatchObject({ version: '0.2.0', configuration: 2 });
  // Never for want of heap.
  expect([rig.panics, heard.hellos.at(-1)?.boots]).toEqual([[], ['power', 'configuration', 'update', 'update']]);
  for (const [what, [rest, most]] of Object.entries(told)) {
    expect([what, rest, most]).toEqual([what, Math.min(rest, atRest), Math.min(most, atMost)]);
  }
});

interface Heard {
  readonly hellos: Readonly<Record<string, unknown>>[];
  firmware: Readonly<Record<string, string>>;
}

/** As much of a gateway as a node needs. */
function answering(broker: ScriptedBroker, clock: SteppedClock, say: (kind: string, payload: string) => void): Heard {
  const heard: Heard = { hellos: [], firmware: {} };
  let had = '[0,0]';
  broker.onMessage = ({ topic, payload }) => {
    const kind = topic.split('/').at(-1);
    if (kind === 'hello') {
      heard.hellos.push(JSON.parse(payload));
      say('time', `[${1_764_131_580 + Math.floor(clock.monotonic() / 1000)}]`);
    }
    if (kind === 'rows') {
      const { b, r } = JSON.parse(payload);
      had = JSON.stringify([b, r.at(-1)[0]]);
    }
    if (kind === 'hello' || kind === 'rows') say('have', had);
    if (kind === 'want') {
      const [, name, offset] = JSON.parse(payload);
      say('chunk', `${name}:${offset}:${heard.firmware[name]?.slice(offset, offset + 512)}`);
    }
  };
  return heard;
}
