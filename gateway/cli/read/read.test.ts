import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Sdm630 } from '../../../test-rigs/instruments/sdm630.ts';
import { SimulatedModbusSlave } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { TcpListener } from '../../../test-rigs/links/tcp-listener.ts';
import { systemClock } from '../../clock.ts';
import { lockSite } from '../../store/site-lock.ts';
import { runCommandLine } from '../command-line.ts';
import type { Language } from '../terminal.ts';

let directory = '';
let listener: TcpListener;
let slave: SimulatedModbusSlave;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fenceline-read-'));
  slave = new SimulatedModbusSlave({ address: 1, registers: new Sdm630(systemClock).registers });
  listener = await TcpListener.listen((end) => slave.serveModbusTcp(end));
  writeFileSync(join(directory, 'site.json'), JSON.stringify(site()));
});
afterEach(async () => {
  await listener.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A meter that answers, and one whose profile there is not. */
function site() {
  const meter = { profile: 'eastron/sdm630', link: 'cabinet', every: '4s', point: 'fan' };
  return {
    gateway: { id: 'zl-0001', area: '320404' },
    source: { name: '一号工地', kind: 'construction-site' },
    links: { cabinet: { kind: 'tcp', host: '127.0.0.1', port: listener.port, framing: 'modbus-tcp' } },
    points: [{ id: 'fan' }, { id: 'purifier' }],
    instruments: [
      { ...meter, id: 'meter-1', address: 1 },
      { ...meter, id: 'meter-2', address: 2, point: 'purifier', profile: 'eastron/sdm631' },
    ],
  };
}

async function read(args: readonly string[], language: Language = 'en') {
  const printed: string[] = [];
  const complained: string[] = [];
  const code = await runCommandLine(['read', '--site', directory, ...args], {
    language,
    input: process.stdin,
    print: (text) => void printed.push(text),
    complain: (text) => void complained.push(text),
  });
  return { code, printed: printed.join('\n'), complained: complained.join('\n') };
}

test('an instrument that answers is shown with values, units and flags', async () => {
  const { code, printed } = await read(['meter-1']);
  expect(printed).toMatch(/^POINT +FACTOR +VALUE +UNIT +FLAG$/m);
  expect(printed).toMatch(/^fan +Frequency +(?:49|50)\.\d+ +Hz +N$/m);
  expect(code).toBe(0);
});

test('the bytes that went over the line are shown when asked for', async () => {
  const { complained } = await read(['meter-1', '--trace']);
  expect(complained).toMatch(/^#1 {2}\S+\+08:00 {2}meter-1, slave address 1, connection 1$/m);
  expect(complained).toMatch(/^> 00 01 00 00 00 06 01 04 /m);
  expect(complained).toMatch(/^< 00 01 [0-9A-F ]+ … and \d+ more bytes$/m);
  const facts =
    /^ {2}answered; first byte after [\d.]+ ms; last byte after [\d.]+ ms; .*(\d+) of \1 bytes; [\d.]+ ms in all$/m;
  expect(complained).toMatch(facts);
});

test('with --json the data hold the transactions when asked for, and nothing is written beside them', async () => {
  const { printed, complained } = await read(['meter-1', '--json', '--trace']);
  const { transactions } = JSON.parse(printed) as { transactions: Record<string, unknown>[] };
  expect(transactions[0]).toMatchObject({ instrument: 'meter-1', address: 1, outcome: 'ok', generation: 1 });
  expect(complained).toBe('');
});

test('readings come as data with --json', async () => {
  const { code, printed } = await read(['meter-1', '--json']);
  const { readings } = JSON.parse(printed) as { readings: Record<string, unknown>[] };
  const frequency = readings.find(({ factor }) => factor === 'frequency');
  expect(frequency).toMatchObject({ instrument: 'meter-1', point: 'fan', mark: { flag: 'N' }, origin: 'measured' });
  expect(Object.keys(frequency ?? {})).not.toContain('monotonic');
  expect(code).toBe(0);
});

test('a silent instrument shows no value, flag B and what to try, and ends with 1', async () => {
  slave.on = false;
  const { code, printed } = await read(['meter-1'], 'zh');
  expect(printed).toMatch(/^fan +频率 +— +Hz +B$/m);
  expect(printed).toMatch(/^! .+\n {2}.*从站地址.*1/m);
  expect(code).toBe(1);
});

test('a device that is not there is named with its address', async () => {
  const { port } = listener;
  await listener.close();
  const { code, printed } = await read(['meter-1']);
  expect(printed).toContain(`127.0.0.1:${port}`);
  expect(code).toBe(1);
  listener = await TcpListener.listen(() => {});
});

test('while a gateway runs on the site, its process is named and how to ask it', async () => {
  const lock = lockSite(directory);
  if ('refusal' in lock) throw new Error(lock.message);
  try {
    const { code, complained } = await read(['meter-1']);
    expect(complained).toContain(`process ${process.pid} runs on this site`);
    expect(complained).toContain('http://127.0.0.1:8080/api/v1/instruments/meter-1');
    expect(code).toBe(1);
    expect(slave.answered).toBe(0);
  } finally {
    lock.release();
  }
});

test('an instrument at fault is not read; its faults are told', async () => {
  const { code, complained } = await read(['meter-2']);
  expect(complained).toContain('instruments[1].profile: there is no profile eastron/sdm631; write eastron/sdm630');
  expect(code).toBe(2);
});

test('an instrument that the site does not have is told with those it has', async () => {
  const { code, complained } = await read(['meter-9']);
  expect([code, complained]).toEqual([2, 'there is no instrument meter-9 at this site; there are: meter-1']);
});
