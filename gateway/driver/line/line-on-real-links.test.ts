import { afterEach, describe, expect, test } from 'vitest';
import { builtInProfiles, loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { SimulatedPlantower } from '../../../test-rigs/instruments/framed/simulated-plantower.ts';
import { jxctDust } from '../../../test-rigs/instruments/jxct-jxbs-3001.ts';
import { Sdm630 } from '../../../test-rigs/instruments/sdm630.ts';
import { rtuFrame, SimulatedModbusSlave } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { join } from '../../../test-rigs/links/byte-end.ts';
import { PacedLine } from '../../../test-rigs/links/paced-line.ts';
import { TcpListener } from '../../../test-rigs/links/tcp-listener.ts';
import { TtyAdapter } from '../../../test-rigs/links/tty-pair.ts';
import { systemClock } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import { SerialportLink } from '../../link/serialport-link.ts';
import { TcpLink } from '../../link/tcp-link.ts';
import type { Reading } from '../../reading/reading.ts';
import type { Instrument } from '../instrument.ts';
import { instrumentSettings } from '../settings.ts';
import { Line, type LineOptions } from './line.ts';

const clock = systemClock;
const catalogue = loadCatalogue({ directories: [builtInProfiles] });
const cleanUp: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

function instrument(id: string, profile: string, address?: number): Instrument {
  const settings = instrumentSettings.parse({ id, profile, link: 'line', address, every: '200ms', point: id });
  return { settings, profile: catalogue.find(profile)?.profile as Instrument['profile'], origin: 'simulated' };
}

async function plugIn(baudRate?: number): Promise<{ adapter: TtyAdapter; link: Link }> {
  const adapter = await TtyAdapter.plugIn(baudRate === undefined ? {} : { baudRate });
  cleanUp.push(() => adapter.remove());
  const settings = {
    kind: 'serial',
    path: adapter.path,
    baudRate: 9600,
    parity: 'none',
    dataBits: 8,
    stopBits: 1,
  } as const;
  return { adapter, link: new SerialportLink({ id: 'line', settings, clock, observe: () => undefined }) };
}

function run(
  link: Link,
  instruments: Instrument[],
  framing: 'modbus-rtu' | 'modbus-tcp' = 'modbus-rtu',
  more: Partial<LineOptions> = {},
): Reading[] {
  const readings: Reading[] = [];
  const onReadings = (more: readonly Reading[]): void => void readings.push(...more);
  const line = new Line({ link, framing, instruments, clock, observe: () => undefined, onReadings, ...more });
  cleanUp.push(() => line.stop());
  line.start();
  return readings;
}

const answering = (readings: Reading[], id: string): boolean =>
  readings.some(({ instrument, mark }) => instrument === id && mark.flag === 'N');

describe('a serial adapter that vanishes and comes back under another name', () => {
  test('is polled again by itself, and the time between is empty', async () => {
    const { adapter, link } = await plugIn(9600);
    new SimulatedModbusSlave({ address: 1, registers: jxctDust(clock) }).serveRtu(adapter.line);
    const readings = run(link, [instrument('dust', 'jxct/jxbs-3001-pm', 1)]);
    await expect.poll(() => answering(readings, 'dust')).toBe(true);
    await adapter.unplug();
    await expect.poll(() => readings.at(-1)?.mark.reason).toBe('line-lost');
    expect(readings.at(-1)?.value).toBeNull();
    await adapter.replug();
    await expect.poll(() => readings.at(-1)?.mark.flag).toBe('N');
  });

  test('is heard again by itself where a sensor talks unasked', async () => {
    const { adapter, link } = await plugIn(9600);
    cleanUp.push(async () => stop());
    const stop = new SimulatedPlantower({ interval: 200 }).serve(adapter.line);
    const readings = run(link, [instrument('pms', 'plantower/pms5003')]);
    await expect.poll(() => answering(readings, 'pms')).toBe(true);
    await adapter.unplug();
    await expect.poll(() => readings.at(-1)?.mark.reason).toBe('line-lost');
    await adapter.replug();
    await expect.poll(() => readings.at(-1)?.mark.flag).toBe('N');
  });
});

test("another master's questions and answers on a real tty become readings, and we send nothing", async () => {
  const { adapter, link } = await plugIn();
  const wires = new PacedLine({ clock, baudRate: 9600, grain: 'character' });
  const heard: number[] = [];
  join(adapter.line, wires.connect());
  adapter.line.onBytes((bytes) => heard.push(...bytes));
  new SimulatedModbusSlave({ address: 1, registers: jxctDust(clock), turnAround: 5 }).serveRtu(wires.connect());
  const master = wires.connect();
  const timer = setInterval(() => master.send(rtuFrame(1, [3, 0, 4, 0, 6])), 150);
  cleanUp.push(async () => clearInterval(timer));
  const readings = run(link, [instrument('dust', 'jxct/jxbs-3001-pm', 1)], 'modbus-rtu', { listenOnly: true });
  await expect.poll(() => answering(readings, 'dust')).toBe(true);
  expect(heard).toEqual([]);
});

test.each(['modbus-tcp', 'modbus-rtu'] as const)(
  'two instruments behind one endpoint share one connection (%s)',
  async (framing) => {
    const meters = [1, 2].map(
      (address) => new SimulatedModbusSlave({ address, registers: new Sdm630(clock).registers }),
    );
    const listener = await TcpListener.listen((end) => {
      for (const meter of meters) framing === 'modbus-tcp' ? meter.serveModbusTcp(end) : meter.serveRtu(end);
    });
    cleanUp.push(() => listener.close());
    const settings = { host: '127.0.0.1', port: listener.port };
    const link = new TcpLink({ id: 'line', settings, clock, observe: () => undefined });
    const readings = run(
      link,
      [instrument('one', 'eastron/sdm630', 1), instrument('two', 'eastron/sdm630', 2)],
      framing,
    );
    await expect.poll(() => answering(readings, 'one') && answering(readings, 'two')).toBe(true);
    expect(listener.connections).toBe(1);
    const voltage = readings.find(({ factor }) => factor === 'voltage-a')?.value ?? 0;
    expect(Math.abs(voltage - 231)).toBeLessThan(2);
    listener.cut();
    readings.length = 0;
    await expect.poll(() => answering(readings, 'two')).toBe(true);
  },
);
