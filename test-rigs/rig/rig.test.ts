import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Ended {
  readonly code: number | null;
  readonly printed: string;
}

/** A program that runs until it ends by itself or the test does. */
class Running {
  printed = '';
  readonly ended: Promise<Ended>;
  readonly #child;

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(process.execPath, [join(root, program), ...args], { stdio: 'pipe' });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (text: Buffer) => {
        this.printed += text;
      });
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => resolve({ code, printed: this.printed }));
    });
    onTestFinished(() => void this.#child.kill());
  }

  say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  async until(pattern: RegExp): Promise<void> {
    const end = Date.now() + 30_000;
    while (!pattern.test(this.printed)) {
      if (Date.now() > end) throw new Error(`nothing like ${pattern} in: ${this.printed}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const rig = (...args: string[]): Running => new Running('test-rigs/rig/main.ts', args);

/** The site that the rig's own words make. */
function siteOf(printed: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'fenceline-rig-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const { links, points, instruments } = JSON.parse(/^\{[\s\S]*?^\}/m.exec(printed)?.[0] ?? '');
  const document = {
    gateway: { id: 'rig-1', area: '320404' },
    source: { name: 'training', kind: 'other' },
    links: { rig: { ...links.rig, listenFirst: '0s' } },
    points,
    instruments,
  };
  writeFileSync(join(directory, 'site.json'), JSON.stringify(document));
  return directory;
}

const read = (site: string, instrument: string): Promise<Ended> =>
  new Running('gateway/cli/main.ts', ['read', '--site', site, instrument, '--once', '--lang', 'en']).ended;

test('the rig makes a tty, says what to write into the site file, and the gateway reads what it shows', async () => {
  const running = rig(
    '--profile',
    'eastron/sdm120',
    '--profile',
    'jxct/co2',
    '--address',
    '1',
    '--address',
    '2',
    '--link',
    'pty',
  );
  await running.until(/^Type help/m);
  const site = siteOf(running.printed);
  const first = await read(site, 'modbus-1');
  expect(first.printed).toMatch(/^modbus-1 +Voltage +2[23]\d\.\d +V +N$/m);
  expect((await read(site, 'modbus-2')).printed).toMatch(/Carbon dioxide +4\d\d +ppm +N/);
  running.say('off modbus-1');
  await running.until(/^modbus-1: is off$/m);
  expect((await read(site, 'modbus-1')).printed).toMatch(/Voltage +— +V +B/);
  running.say('absent:carbon-dioxide modbus-2');
  await running.until(/^modbus-2: absent:carbon-dioxide$/m);
  expect((await read(site, 'modbus-2')).printed).toMatch(/Carbon dioxide +— +ppm +D/);
  running.say('quit');
  expect((await running.ended).code).toBe(0);
});

test.each<[string, string[], string]>([
  ['a profile that there is not', ['--profile', 'acme/x', '--link', 'pty'], 'there is no profile acme/x'],
  ['no link', ['--profile', 'eastron/sdm120'], '--link is missing; write pty to have a tty made'],
  ['a place that is none', ['--profile', 'eastron/sdm120', '--link', 'nowhere'], 'is no place; write pty'],
  ['a tty that there is not', ['--profile', 'eastron/sdm120', '--link', '/dev/none'], 'there is no such tty'],
  ['a behaviour that is none', ['--profile', 'eastron/sdm120', '--link', 'pty', '--behaviour', 'x'], 'write one of'],
  [
    'a parameter without a number',
    ['--profile', 'eastron/sdm120', '--link', 'pty', '--parameter', 'ct'],
    'write NAME=NUMBER',
  ],
])('%s is refused with what to write instead', async (_, args, words) => {
  const { code, printed } = await rig(...args).ended;
  expect(code).toBe(2);
  expect(printed).toContain(words);
});

test('one that sends by itself, and one with channels, end when they are told to', async () => {
  const running = rig('--profile', 'hj212/dust-station', '--link', 'pty', '--every', '0');
  await running.until(/^Type help/m);
  running.say('quit');
  expect((await running.ended).code).toBe(0);
  const console_ = rig('--profile', 'veeder-root/tls-metric', '--link', 'pty', '--every', '0');
  await console_.until(/^Type help/m);
  const site = siteOf(console_.printed);
  expect((await read(site, 'framed-1')).printed).toMatch(/Fuel level +4\d\d\.\d +mm +N/);
  console_.say('quit');
  expect((await console_.ended).code).toBe(0);
});

test('an empty node and an Uno stand behind ttys, and obey', async () => {
  const node = rig('--node', 'esp8266', '--broker', 'mqtt://127.0.0.1:9');
  const board = rig('--board');
  await Promise.all([node.until(/Type help/m), board.until(/^Type help/m)]);
  node.say('files');
  board.say('volts 9 1');
  await Promise.all([node.until(/^none$/m), board.until(/takes a channel, 0 to 5/)]);
  for (const running of [node, board]) running.say('quit');
  expect([(await node.ended).code, (await board.ended).code]).toEqual([0, 0]);
});
