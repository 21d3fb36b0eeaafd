import { systemClock } from '../../gateway/clock.ts';
import { SimulatedPlantower } from '../instruments/framed/simulated-plantower.ts';
import { TtyAdapter } from '../links/tty-pair.ts';
import { MqttJsFarSide } from '../surroundings/lua-machine/far-side/mqtt-js-far-side.ts';
import { NodeRig } from '../surroundings/lua-machine/node-rig.ts';
import { BenchConsole } from '../surroundings/node-repl/bench-console.ts';
import { SimulatedChip } from '../surroundings/node-repl/simulated-chip.ts';
import { untilTheEnd } from './prompt.ts';

export const kindsOfNodes = ['esp8266', 'esp32'] as const;
type KindOfNode = (typeof kindsOfNodes)[number];

const help = `reset            the RST button: the command that flashes asks for it, since a tty in memory has no reset line
power off|on     pulls its supply
network off|on   its Wi-Fi goes away and comes back
sensor off|on    the particle sensor is unplugged
analogue VOLTS   at the chip's analogue pin
files            what is on its flash
help, quit`;

/** Wi-Fi network of the bench; a node that is told another one reaches nobody, and goes back to what it had. */
const network = 'training';

/** What the command that flashes and the chip say to each other, line by line: nothing to read for anybody. */
const ofTheUpload = /^#\S.*#$/;

/**
 * A whole sensor node to train with: a chip with nothing on it behind a tty, in its own Lua, and a Plantower on its other
 * serial line. What it sends goes to the broker at `url`, whichever gateway its configuration names. Its chip id is of
 * this process, so that several stand side by side.
 */
export async function runNode(kind: KindOfNode, url: string, seconds: number): Promise<void> {
  const adapter = await TtyAdapter.plugIn();
  const farSide = new MqttJsFarSide(url);
  const chipId = 0x700000 + (process.pid % 0x100000);
  const rig = await NodeRig.create({ kind, clock: systemClock, farSide, chipId, uartPiece: 64, seed: process.pid });
  rig.air.network = network;
  const chip = new SimulatedChip({
    ...{ end: adapter.line, clock: systemClock, behaviour: { chip: kind } },
    brain: () => new BenchConsole(rig),
  });
  await chip.reset();
  const sensor = new SimulatedPlantower();
  const silence = sensor.serve({
    send: (bytes) => rig.sensorSends(Buffer.from(bytes).toString('latin1')),
    onBytes: () => () => undefined,
  });
  console.log(`An empty ${kind} on ${adapter.path}, its network at ${url}

  bin/fenceline node flash --port ${adapter.path} --chip ${kind} --wifi ${network} --gateway 127.0.0.1 --sensor plantower

It asks for the password of the network: any of 8 characters will do. Type help for what it can be told to do.
`);
  let shown = rig.console.length;
  const printing = setInterval(() => {
    for (const line of rig.console.slice(shown)) if (!ofTheUpload.test(line)) console.log(`node> ${line}`);
    shown = rig.console.length;
  }, 500);
  await untilTheEnd({ seconds, obey: (line) => obey(line, { rig, chip, farSide, sensor, kind }) });
  clearInterval(printing);
  silence();
  rig.cutPower();
  farSide.isCut = true;
  chip.close();
  await adapter.remove();
}

interface Bench {
  readonly rig: NodeRig;
  readonly chip: SimulatedChip;
  readonly farSide: MqttJsFarSide;
  readonly sensor: SimulatedPlantower;
  readonly kind: KindOfNode;
}

async function obey(line: string, { rig, chip, farSide, sensor, kind }: Bench): Promise<string | null> {
  const [word = '', what = ''] = line.trim().split(/\s+/);
  const on = what === 'on';
  switch (what === '' || word === 'analogue' ? word : `${word} ${what}`) {
    case 'quit':
      return null;
    case 'reset':
      await chip.reset();
      return 'it restarts';
    case 'power off':
      rig.cutPower();
      // Nothing answers at the tty of a chip without power.
      chip.close();
      return 'it is dark';
    case 'power on':
      await chip.reset();
      return 'it starts';
    case 'network off':
    case 'network on':
      rig.air.isUp = on;
      farSide.isCut = !on;
      return on ? 'its network is back' : 'its network is gone';
    case 'sensor off':
    case 'sensor on':
      sensor.on = on;
      return on ? 'the sensor speaks' : 'the sensor is silent';
    case 'analogue': {
      const volts = Number(what);
      if (what === '' || !(volts >= 0)) return 'analogue takes volts, such as 0.4';
      const [counts, fullScale] = kind === 'esp8266' ? [1024, 1] : [4096, 1.1];
      rig.analogue = () => Math.min(counts - 1, Math.floor((volts / fullScale) * counts));
      return `${volts} V at the pin`;
    }
    case 'files':
      return [...rig.flash.files].map(([name, text]) => `${name.padEnd(16)}${text.length} bytes`).join('\n') || 'none';
    default:
      return help;
  }
}
