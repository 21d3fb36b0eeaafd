import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommandLine } from '../../../gateway/cli/command-line.ts';
import type { Language } from '../../../gateway/cli/terminal.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { adlerSum } from '../../../gateway/driver/node/offers/adler-sum.ts';
import { TtyAdapter } from '../../links/tty-pair.ts';
import { type ChipBehaviour, SimulatedChip } from '../../surroundings/node-repl/simulated-chip.ts';

let adapter: TtyAdapter;
let chip: SimulatedChip;
let directory: string;
/** Stands for the firmware: what goes over the line is what counts here. */
const firmware: Readonly<Record<string, string>> = {
  'node.lua': `return { ${'1, '.repeat(400)} }\n`,
  'esp8266.lua': 'return 8266\n',
  'esp32.lua': 'return 32\n',
  'init.lua': 'print("[[#1 ok]]")\n',
};
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fenceline-flash-'));
  adapter = await TtyAdapter.plugIn();
  const files = Object.entries(firmware).map(([name, text]) => {
    const bytes = Buffer.from(text);
    return [name, { size: bytes.length, sum: adlerSum(bytes) }] as const;
  });
  for (const [name, text] of Object.entries(firmware)) await writeFile(join(directory, name), text);
  const manifest = { version: '0.1.0', files: Object.fromEntries(files) };
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
});
afterEach(async () => {
  chip.close();
  await adapter.remove();
  await rm(directory, { recursive: true, force: true });
});

/** A real tty with a chip behind it, on which real Lua runs what is typed. */
async function plugged(behaviour: ChipBehaviour): Promise<void> {
  chip = new SimulatedChip({ end: adapter.line, clock: systemClock, behaviour: { window: 1500, ...behaviour } });
  await chip.reset();
}

async function node(verb: string, more: readonly string[], { input = '', language = 'en' as Language } = {}) {
  const [printed, complained]: [string[], string[]] = [[], []];
  const stdin = new PassThrough();
  stdin.end(input);
  const compiled = verb === 'flash' ? ['--firmware', directory] : [];
  const code = await runCommandLine(['node', verb, '--port', adapter.path, ...compiled, ...more], {
    language,
    input: stdin as never,
    print: (text) => void printed.push(text),
    complain: (text) => {
      complained.push(text);
      // A hand at the button: a pty has no reset line.
      if (/RST/.test(text)) void chip.reset();
    },
  });
  return { code, printed: printed.join('\n'), complained: complained.join('\n') };
}

const configuration = (): unknown => JSON.parse(chip.flash.text('node.json') ?? 'null');

test('a new chip has the firmware and its configuration, says its code, and is changed later without its account being lost', async () => {
  await plugged({ says: 'fenceline: adoption code 492817\n' });
  const asked = await node('flash', ['--wifi', 'site-nodes', '--sensor', 'plantower'], {
    input: 'quiet-lake\n10.42.0.1\n',
  });
  expect(asked).toMatchObject({ code: 0, printed: expect.stringContaining('chip 7f3e12, adoption code: 492817') });
  expect(asked.printed + asked.complained).not.toContain('quiet-lake');
  for (const name of ['init.lua', 'node.lua', 'esp8266.lua']) expect(chip.flash.text(name)).toBe(firmware[name]);
  const settings = { tls: false, sensor: 'plantower', adc: 'none', period: 60 };
  const places = { wifi: ['site-nodes', 'quiet-lake'], gateway: ['10.42.0.1', 1883] };
  expect(configuration()).toEqual({ version: 1, ...places, ...settings });
  expect([...chip.flash.files.keys()].sort()).toEqual(['esp8266.lua', 'init.lua', 'node.json', 'node.lua']);

  // Adopted meanwhile.
  const account = { node: 'dust-2', password: 'xyzzy-12' };
  chip.flash.put('node.new', JSON.stringify({ version: 1, ...account, ...places, ...settings }));
  const changed = await node('configure', ['--period', '300'], { language: 'zh' });
  expect(changed).toMatchObject({ code: 0, printed: expect.stringContaining('配置（第 2 版）') });
  expect(configuration()).toEqual({ version: 2, ...account, ...places, ...settings, period: 300 });
  expect([...chip.flash.files.keys()].sort()).toEqual(['esp8266.lua', 'init.lua', 'node.json', 'node.lua']);

  const anew = await node('flash', ['--forget-account']);
  expect(anew).toMatchObject({ code: 0, printed: expect.stringContaining('adoption code: 492817') });
  expect(configuration()).toEqual({ version: 2, ...places, ...settings, period: 300 });
});

test('a chip whose image lacks modules, or is the other one, is left as it is', async () => {
  await plugged({ modulesMissing: 'mqtt sjson' });
  const lacking = await node('flash', []);
  expect([lacking.code, lacking.complained]).toEqual([1, expect.stringContaining('lacks the modules mqtt, sjson')]);
  const other = await node('flash', ['--chip', 'esp32'], { language: 'zh' });
  expect([other.code, other.complained]).toEqual([1, expect.stringContaining('芯片是 ESP8266，而非 ESP32')]);
  expect(chip.flash.files.size).toBe(0);
});

test('the password comes from a file, and JSON tells what a script needs', async () => {
  await plugged({ chip: 'esp32', window: 300, says: 'fenceline: adoption code 000017\n' });
  const file = join(directory, 'wifi');
  await writeFile(file, 'quiet-lake\n');
  const wifi = ['--wifi', 'site-nodes', '--wifi-password-file', file, '--gateway', 'gw.local:8883', '--tls', 'yes'];
  const { code, printed, complained } = await node('flash', [...wifi, '--adc', 'loop', '--json']);
  expect(code, complained).toBe(0);
  expect(JSON.parse(printed)).toMatchObject({
    ...{ chip: 'esp32', chipId: '1818fe346a88', adoptionCode: '000017', configuration: 1, node: null, restarts: 0 },
    files: { 'esp32.lua': 'written', 'node.lua': 'written', 'node.json': 'written', 'init.lua': 'written' },
  });
});

test('what a node says on its console is shown as it comes, its adoption code too', async () => {
  await plugged({ says: 'fenceline: adoption code 000018\n', window: 300 });
  chip.flash.put('init.lua', '--');
  const listening = node('console', ['--seconds', '2']);
  await chip.reset();
  const { code, printed } = await listening;
  expect([code, printed]).toEqual([0, expect.stringContaining('fenceline: adoption code 000018')]);
  expect(chip.lines).toBe(0);
});
