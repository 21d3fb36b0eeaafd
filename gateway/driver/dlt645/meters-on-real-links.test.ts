import { afterEach, expect, test } from 'vitest';
import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { SimulatedDlt645Meter } from '../../../test-rigs/instruments/simulated-dlt645-meter.ts';
import { SimulatedHj212Logger } from '../../../test-rigs/instruments/simulated-hj212-logger.ts';
import { freePort } from '../../../test-rigs/links/free-port.ts';
import { TcpCaller } from '../../../test-rigs/links/tcp-caller.ts';
import { TcpListener } from '../../../test-rigs/links/tcp-listener.ts';
import { TtyAdapter } from '../../../test-rigs/links/tty-pair.ts';
import { systemClock as clock } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import { SerialportLink } from '../../link/serialport-link.ts';
import { TcpLink } from '../../link/tcp-link.ts';
import { TcpServerLink } from '../../link/tcp-server-link.ts';
import type { Reading } from '../../reading/reading.ts';
import type { Instrument } from '../instrument.ts';
import { Line } from '../line/line.ts';
import { instrumentSettings } from '../settings.ts';

const catalogue = loadCatalogue({ directories: [] });
const cleanUp: (() => Promise<void>)[] = [];
const observe = (): void => undefined;

afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

function instrument(profile: string, more: object): Instrument {
  const settings = instrumentSettings.parse({ id: 'one', profile, link: 'line', every: '1s', point: 'here', ...more });
  return { settings, profile: catalogue.find(profile)?.profile as Instrument['profile'], origin: 'measured' };
}

function run(link: Link, ...instruments: Instrument[]): Reading[] {
  const readings: Reading[] = [];
  const onReadings = (more: readonly Reading[]): void => void readings.push(...more);
  const line = new Line({ link, framing: 'modbus-rtu', instruments, clock, observe, onReadings });
  cleanUp.push(() => line.stop());
  line.start();
  return readings;
}

async function plugIn(parity: 'none' | 'even'): Promise<{ adapter: TtyAdapter; link: Link }> {
  const adapter = await TtyAdapter.plugIn({ baudRate: 9600 });
  cleanUp.push(() => adapter.remove());
  const settings = { kind: 'serial', path: adapter.path, baudRate: 9600, parity, dataBits: 8, stopBits: 1 } as const;
  return { adapter, link: new SerialportLink({ id: 'line', settings, clock, observe }) };
}

const latest = (readings: Reading[], factor: string): number | null | undefined =>
  readings.findLast((reading) => reading.factor === factor)?.value;

const meterAddress = '000000000161';
const meter = instrument('dlt645/meter-2007', { meterAddress });
const station = instrument('hj212/dust-station', { fitted: ['noise'], acknowledge: true });

test('a DL/T 645 meter on a tty is read, also after the adapter was pulled out', async () => {
  const { adapter, link } = await plugIn('even');
  new SimulatedDlt645Meter({ address: meterAddress }).serve(adapter.line);
  const readings = run(link, meter);
  await expect.poll(() => latest(readings, 'active-power')).toBe(3600);
  await adapter.unplug();
  await expect.poll(() => readings.at(-1)?.mark.reason).toBe('line-lost');
  await adapter.replug();
  await expect.poll(() => readings.at(-1)?.mark.flag).toBe('N');
});

test('a DL/T 645 meter behind a device server is read, whoever it is', async () => {
  const listener = await TcpListener.listen((end) => new SimulatedDlt645Meter({ address: '202107300049' }).serve(end));
  cleanUp.push(() => listener.close());
  const settings = { host: '127.0.0.1', port: listener.port };
  const link = new TcpLink({ id: 'line', settings, clock, observe });
  const readings = run(link, instrument('dlt645/meter-2007', { meterAddress: 'any' }));
  await expect.poll(() => latest(readings, 'voltage-c')).toBe(233);
});

test('a source of HJ 212 on a tty is heard', async () => {
  const { adapter, link } = await plugIn('none');
  const stop = new SimulatedHj212Logger({ interval: 1000 }).serve(adapter.line);
  cleanUp.push(async () => stop());
  const readings = run(link, station);
  await expect.poll(() => latest(readings, 'noise')).toBe(56.3);
});

test('a source of HJ 212 that connects to the gateway is heard, also after its connection was cut', async () => {
  const port = await freePort();
  const link = new TcpServerLink({ id: 'line', settings: { host: '127.0.0.1', port }, clock, observe });
  const readings = run(link, station);
  const caller = new TcpCaller(port);
  cleanUp.push(() => caller.stop());
  const stop = new SimulatedHj212Logger({ interval: 300 }).serve(caller);
  cleanUp.push(async () => stop());
  await expect.poll(() => latest(readings, 'pm2.5')).toBe(35);
  await caller.stop();
  await expect.poll(() => readings.at(-1)?.mark.reason).toBe('line-lost');
  caller.start();
  await expect.poll(() => readings.at(-1)?.mark.flag).toBe('N');
});
