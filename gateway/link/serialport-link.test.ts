import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TtyAdapter } from '../../test-rigs/links/tty-pair.ts';
import { pause, systemClock } from '../clock.ts';
import type { Arrival, LinkFault } from './link.ts';
import { SerialportLink } from './serialport-link.ts';
import { serialLinkSettings } from './settings.ts';

let adapter: TtyAdapter;
let link: SerialportLink;

const linkAt = (path: string, baudRate = 9600): SerialportLink =>
  new SerialportLink({
    id: 'rs485-1',
    settings: serialLinkSettings.parse({ kind: 'serial', path, baudRate, stopBits: 1 }),
    clock: systemClock,
    observe: () => undefined,
  });

beforeEach(async () => {
  adapter = await TtyAdapter.plugIn();
  link = linkAt(adapter.path);
});

afterEach(async () => {
  await link.close();
  await adapter.remove();
});

test('an adapter that comes back under another name is found through its by-id link', async () => {
  await link.open();
  const before = adapter.device;
  await adapter.unplug();
  await expect.poll(async () => (await link.read(100)) !== 'timeout').toBe(true);
  expect(await link.open()).toMatchObject({ kind: 'absent' });
  await adapter.replug();
  expect(adapter.device).not.toBe(before);
  expect(await link.open()).toBeNull();
  adapter.line.send(Uint8Array.of(5));
  const arrival = await link.read(20_000);
  expect([...(arrival as Arrival).bytes]).toEqual([5]);
});

test('a write to an adapter that was pulled out ends with the line lost, not with a hang', async () => {
  await link.open();
  await adapter.unplug();
  const fault = (await link.write(Uint8Array.of(1, 2, 3))) ?? (await link.read(20_000));
  expect(fault).toMatchObject({ kind: 'lost' });
});

test('an adapter that is pulled out while nobody reads is seen at once, and costs no processor time from then on', async () => {
  await link.open();
  await adapter.unplug();
  await expect.poll(() => link.isOpen).toBe(false);
  const before = process.cpuUsage();
  await pause(systemClock, 500);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(250);
});

describe('a port that another process has', () => {
  let holder: ChildProcess;

  // flock(1) holds the same kind of lock as serial programs do, and keeps it while its child runs.
  beforeEach(async () => {
    holder = spawn('flock', [adapter.path, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    holder.stdin?.write('locked');
    await new Promise((resolve) => holder.stdout?.once('data', resolve));
  });

  afterEach(async () => {
    const ended = once(holder, 'close');
    holder.kill();
    holder.stdin?.end();
    await ended;
  });

  test('is refused with the name and pid of that process', async () => {
    const fault = await link.open();
    expect(fault?.kind).toBe('taken');
    expect(fault?.message).toMatch(/in use by .*(flock|cat) \(pid \d+\)/);
  });

  test('keeps its settings when it is tried', async () => {
    // The library sets one byte as the least that a read waits for.
    spawnSync('stty', ['-F', adapter.path, 'min', '7']);
    expect(await link.open()).toMatchObject({ kind: 'taken' });
    expect(spawnSync('stty', ['-F', adapter.path, '-a'], { encoding: 'utf8' }).stdout).toContain('min = 7');
  });
});

test('nobody else can take the port for as long as it is open', async () => {
  await link.open();
  const other = spawnSync('flock', ['--nonblock', adapter.path, 'true']);
  expect(other.status).toBe(1);
  await link.close();
  expect(spawnSync('flock', ['--nonblock', adapter.path, 'true']).status).toBe(0);
});

test('opening and closing again and again leaves no descriptor behind', async () => {
  const open = (): number => readdirSync('/proc/self/fd').length;
  await link.open();
  await link.close();
  const before = open();
  for (let count = 0; count < 100; count += 1) {
    await link.open();
    await link.write(Uint8Array.of(count));
    await link.close();
  }
  await expect.poll(open).toBeLessThanOrEqual(before);
});

test('a port that takes no more bytes is given up as lost, not waited for without end', async () => {
  link = linkAt(adapter.path, 115_200);
  await link.open();
  adapter.stall();
  const begun = performance.now();
  let fault: LinkFault | null = null;
  while (fault === null && performance.now() - begun < 20_000) fault = await link.write(new Uint8Array(4096));
  adapter.resume();
  expect(fault).toMatchObject({ kind: 'lost' });
  expect(fault?.message).toContain('takes no more bytes');
  expect(link.isOpen).toBe(false);
});

test('a port that is full for a while takes the rest when there is room, in order', async () => {
  link = linkAt(adapter.path, 115_200);
  await link.open();
  const sent = Uint8Array.from({ length: 200_000 }, (_, place) => place % 251);
  let heard = Buffer.alloc(0);
  adapter.line.onBytes((bytes) => {
    heard = Buffer.concat([heard, bytes]);
  });
  adapter.stall();
  const writing = link.write(sent);
  await pause(systemClock, 50);
  adapter.resume();
  expect(await writing).toBeNull();
  await expect.poll(() => heard.length).toBe(sent.length);
  expect(heard.equals(sent)).toBe(true);
});

test('a write to a port that is full ends when the port is closed', async () => {
  link = linkAt(adapter.path, 300);
  await link.open();
  adapter.stall();
  const writing = link.write(new Uint8Array(200_000));
  await pause(systemClock, 20);
  const begun = performance.now();
  await link.close();
  expect(await writing).toMatchObject({ kind: 'lost' });
  // A system that waits for a full port to empty would wait for ever; here it is waited for a second.
  expect(performance.now() - begun).toBeLessThan(10_000);
  adapter.resume();
});

test('a process ends by itself when its port is closed', async () => {
  const script = `
    const { SerialportLink } = await import(${JSON.stringify(join(import.meta.dirname, 'serialport-link.ts'))});
    const { systemClock } = await import(${JSON.stringify(join(import.meta.dirname, '../clock.ts'))});
    const settings = { path: process.argv[1], baudRate: 9600, parity: 'none', dataBits: 8, stopBits: 1 };
    const link = new SerialportLink({ id: 'line', settings, clock: systemClock, observe: () => {} });
    if ((await link.open()) !== null) process.exit(3);
    await link.read(20);
    await link.close();
    process.stdout.write('closed');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, adapter.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 40_000,
  });
  let said = '';
  child.stdout?.on('data', (text: Buffer) => {
    said += text;
  });
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(said).toBe('closed');
});

test('a port that is closed while it is being opened is not left open', async () => {
  const opening = link.open();
  await link.close();
  expect(await opening).toMatchObject({ kind: 'lost' });
  expect(link.isOpen).toBe(false);
  expect(await link.open()).toBeNull();
});

test('a port without reset lines, or that is not open, says so and stays as it is', async () => {
  expect(await link.signal({ dtr: false, rts: true })).toBe(false);
  await link.open();
  // A pty has no modem lines; what an adapter does with them only an adapter can show.
  expect(await link.signal({ dtr: false, rts: true })).toBe(false);
  expect(await link.write(Uint8Array.of(1))).toBeNull();
});

test('a path that is not there says so and what to do', async () => {
  const fault = await linkAt('/dev/serial/by-id/usb-nothing').open();
  expect(fault).toEqual({
    kind: 'absent',
    message: 'rs485-1: /dev/serial/by-id/usb-nothing is not there; plug the adapter in, or correct links.rs485-1.path',
  });
});

describe('what is no serial port is refused with the remedy:', () => {
  const refused = {
    kind: 'refused',
    message: expect.stringMatching(/^rs485-1: \S+ is no serial port; correct links\.rs485-1\.path; ls \/dev\/serial/),
  };

  test('another device', async () => {
    expect(await linkAt('/dev/null').open()).toMatchObject(refused);
  });

  test('a file', async () => {
    expect(await linkAt(import.meta.filename).open()).toMatchObject(refused);
  });

  test('a directory', async () => {
    expect(await linkAt(import.meta.dirname).open()).toMatchObject(refused);
  });

  test('a pipe', async () => {
    const pipe = join(dirname(adapter.path), 'pipe');
    spawnSync('mkfifo', [pipe]);
    expect(await linkAt(pipe).open()).toMatchObject(refused);
  });
});

test('the time of one character follows from speed and frame', () => {
  const settings = { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 9600, stopBits: 1 } as const;
  const at = (more: object): number =>
    new SerialportLink({
      id: 'a',
      settings: serialLinkSettings.parse({ ...settings, ...more }),
      clock: systemClock,
      observe: () => undefined,
    }).characterTime;
  expect(at({})).toBeCloseTo(10_000 / 9600);
  expect(at({ parity: 'even' })).toBeCloseTo(11_000 / 9600);
  expect(at({ stopBits: 2 })).toBeCloseTo(11_000 / 9600);
});
