import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TtyAdapter } from '../../test-rigs/links/tty-pair.ts';
import { systemClock } from '../clock.ts';
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
  await expect.poll(async () => (await link.read(100)) !== 'timeout', { timeout: 5000 }).toBe(true);
  expect(await link.open()).toMatchObject({ kind: 'absent' });
  await adapter.replug();
  expect(adapter.device).not.toBe(before);
  expect(await link.open()).toBeNull();
  adapter.line.send(Uint8Array.of(5));
  const arrival = await link.read(2000);
  expect([...(arrival as Arrival).bytes]).toEqual([5]);
});

test('a write to an adapter that was pulled out ends with the line lost, not with a hang', async () => {
  await link.open();
  await adapter.unplug();
  const fault = (await link.write(Uint8Array.of(1, 2, 3))) ?? (await link.read(2000));
  expect(fault).toMatchObject({ kind: 'lost' });
});

test('a port that another process has open is refused with its name and pid', async () => {
  // flock(1) holds the same kind of lock as serial programs do, and keeps it while its child runs.
  const holder: ChildProcess = spawn('flock', [adapter.path, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    holder.stdin?.write('locked');
    await new Promise((resolve) => holder.stdout?.once('data', resolve));
    const fault = await link.open();
    expect(fault?.kind).toBe('taken');
    expect(fault?.message).toMatch(/in use by .*(flock|cat) \(pid \d+\)/);
  } finally {
    holder.kill();
    holder.stdin?.end();
  }
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
  for (let count = 0; count < 30; count += 1) {
    await link.open();
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
}, 30_000);

test('a port that is closed while it is being opened is not left open', async () => {
  const opening = link.open();
  await link.close();
  expect(await opening).toMatchObject({ kind: 'lost' });
  expect(link.isOpen).toBe(false);
  expect(await link.open()).toBeNull();
});

test('a path that is not there says so and what to do', async () => {
  const fault = await linkAt('/dev/serial/by-id/usb-nothing').open();
  expect(fault).toEqual({
    kind: 'absent',
    message: 'rs485-1: /dev/serial/by-id/usb-nothing is not there; plug the adapter in, or correct links.rs485-1.path',
  });
});

test('a file that is no serial port is refused', async () => {
  expect(await linkAt('/dev/null').open()).toMatchObject({ kind: 'refused' });
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
