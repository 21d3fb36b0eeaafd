import { parseArgs } from 'node:util';
import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import { factors } from '../../device-profiles/factors.ts';
import type { Cancel } from '../../gateway/clock.ts';
import { behaviourHelp, behaviourOf } from '../instruments/from-profile/behaviours.ts';
import { simulate } from '../instruments/from-profile/simulated-instrument.ts';
import type { ByteEnd } from '../links/byte-end.ts';
import { runBoard } from './board.ts';
import { commandHelp, type Named, obey } from './commands.ts';
import { kindsOfNodes, runNode } from './node.ts';
import { NoPlace, type Place, placeOf, shareEnd } from './place.ts';
import { untilTheEnd } from './prompt.ts';

const usage = `npm run rig -- --profile PROFILE [--profile PROFILE ...] --link PLACE [options]
npm run rig -- --node esp8266|esp32 [--broker URL] [--seconds N]
npm run rig -- --board [--seconds N]

Simulated instruments to train with: what they send is what the real ones send, as far as their profiles know.

  --profile PROFILE     maker/model or maker/model@variant; several share one line, in the order of --address
  --link PLACE          pty (makes a tty and says its path), tcp://127.0.0.1:1502, tcp://127.0.0.1:1502?framing=modbus-tcp,
                        or the path of a tty whose other end is at the gateway
  --address N           slave address, or twelve digits of a DL/T 645 meter; as delivered without it; one for each profile
  --parameter NAME=N    what the site states, such as ct=40
  --behaviour WHAT      ${behaviourHelp.replaceAll('\n', '\n                        ')}
  --site DIR            profiles of that site come before the catalogue
  --every N             prints the values each N seconds, 5 by default; 0 never
  --seconds N           ends after so many seconds
  --list                lists the profiles
  --node KIND           a whole sensor node instead, with nothing on it, behind a tty: to be flashed and adopted
  --broker URL          where that node's network leads, mqtt://127.0.0.1:1883 without it
  --board               an Uno with StandardFirmata instead, behind a tty

While it runs it obeys:
${commandHelp.replace(/^/gm, '  ')}`;

const { values } = parseArgs({
  options: {
    profile: { type: 'string', multiple: true, default: [] },
    link: { type: 'string' },
    address: { type: 'string', multiple: true, default: [] },
    parameter: { type: 'string', multiple: true, default: [] },
    behaviour: { type: 'string', multiple: true, default: [] },
    site: { type: 'string' },
    every: { type: 'string', default: '5' },
    seconds: { type: 'string' },
    list: { type: 'boolean', default: false },
    node: { type: 'string' },
    broker: { type: 'string', default: 'mqtt://127.0.0.1:1883' },
    board: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const directories = values.site === undefined ? [] : [`${values.site}/profiles`];

/** Something that was typed wrong. */
class BadInput extends Error {}

function instruments(): Named[] {
  const parameters = Object.fromEntries(values.parameter.map(parameterOf));
  const behaviours = values.behaviour.map((text) => {
    const behaviour = behaviourOf(text);
    if (!behaviour) throw new BadInput(`--behaviour ${text} is none; write one of\n${behaviourHelp}`);
    return behaviour;
  });
  return values.profile.map((id, index): Named => {
    const address = values.address[index];
    const options = { directories, parameters, behaviours, ...(address !== undefined && { address }) };
    const { protocol } = loadCatalogue({ directories }).find(id)?.profile ?? {};
    try {
      return { name: `${protocol ?? 'instrument'}-${index + 1}`, instrument: simulate(id, options) };
    } catch (error) {
      throw new BadInput(`--profile ${id}: ${error instanceof Error ? error.message : error}`);
    }
  });
}

function parameterOf(text: string): [string, number] {
  const [name = '', number = ''] = text.split('=');
  if (number === '' || !Number.isFinite(Number(number))) throw new BadInput(`--parameter ${text}: write NAME=NUMBER`);
  return [name, Number(number)];
}

/** What the technician copies into the site file. */
function siteSnippet(all: readonly Named[], place: Place): string {
  const entries = all.map(({ name, instrument }, index) => {
    const { profile, address, parameters, fitted } = instrument;
    return {
      id: name,
      profile: values.profile[index],
      link: 'rig',
      ...(profile.protocol === 'modbus' && { address: Number(address) }),
      ...(profile.protocol === 'dlt645' && { meterAddress: address }),
      ...(profile.protocol === 'framed' && profile.start.length > 0 && { mayStart: true }),
      every: '4s',
      point: name,
      ...(Object.keys(channelsOf(instrument)).length > 0 && { channels: channelsOf(instrument) }),
      ...(fitted.length > 0 && { fitted }),
      ...(Object.keys(parameters).length > 0 && { parameters }),
      simulated: true,
    };
  });
  const points = all.flatMap(({ name, instrument }) =>
    [name, ...Object.values(channelsOf(instrument))].map((id) => ({ id })),
  );
  return JSON.stringify({ links: { rig: place.link }, points, instruments: entries }, null, 2);
}

/** A point of its own for each channel. */
function channelsOf({ points }: Named['instrument']): Record<string, string> {
  return Object.fromEntries(points.flatMap(({ channel }) => (channel === undefined ? [] : [[channel, channel]])));
}

function shownText({ name, instrument }: Named): string {
  const shown = instrument.points.map((point) => {
    const value = instrument.shown(point);
    const { unit, decimals } = factors[point.factor];
    return `${point.id} ${value === 'none' ? '-' : value.toFixed(decimals)} ${unit}`.trim();
  });
  const state = instrument.on ? instrument.state : 'off';
  return `${name} [${state}] ${shown.slice(0, 12).join(', ')}${shown.length > 12 ? ', …' : ''}`;
}

async function run(): Promise<number> {
  const [every, seconds] = [Number(values.every), Number(values.seconds ?? Number.POSITIVE_INFINITY)];
  if (!(every >= 0) || !(seconds > 0)) throw new BadInput('--every and --seconds take a number of seconds');
  const kind = kindsOfNodes.find((one) => one === values.node);
  if (values.node !== undefined && kind === undefined) throw new BadInput(`--node takes ${kindsOfNodes.join(' or ')}`);
  if (kind !== undefined) return runNode(kind, values.broker, seconds).then(() => 0);
  if (values.board) return runBoard(seconds).then(() => 0);
  if (values.help || (values.profile.length === 0 && !values.list)) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  if (values.list) {
    for (const { id, name } of loadCatalogue({ directories }).list()) console.log(`${id.padEnd(34)}${name?.en ?? ''}`);
    return 0;
  }
  if (values.link === undefined) throw new BadInput('--link is missing; write pty to have a tty made');
  const all = instruments();
  const first = all[0]?.instrument.profile;
  if (!first) throw new BadInput('--profile is missing');
  const place = await placeOf(values.link, first);
  const stops: Cancel[] = [];
  const seats = all.map(
    ({ instrument }) =>
      (own: ByteEnd) =>
        instrument.serve(own, place.framing),
  );
  place.onEnd((end) => {
    const stop = shareEnd(end, seats);
    stops.push(stop);
    return stop;
  });
  console.log(`${values.profile.join(', ')} on ${place.told}\n\nFor the site file:\n${siteSnippet(all, place)}\n`);
  console.log('Type help for what it can be told to do.\n');
  await untilTheEnd({ obey: (line) => obey(line, all), show: () => all.map(shownText).join('\n'), every, seconds });
  for (const stop of stops) stop();
  await place.close();
  return 0;
}

try {
  process.exitCode = await run();
} catch (error) {
  if (!(error instanceof BadInput || error instanceof NoPlace)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
process.stdin.destroy();
