import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { simulate } from '../../../test-rigs/instruments/from-profile/simulated-instrument.ts';
import { TcpListener } from '../../../test-rigs/links/tcp-listener.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { ScanEvent } from '../../scan/report.ts';
import { lockSite } from '../../store/site-lock.ts';
import { runCommandLine } from '../command-line.ts';
import type { Language, Terminal } from '../terminal.ts';
import { ScanProgress } from './words/progress.ts';

let root: string;
let listener: TcpListener;
/** What came in over the network. */
let heard: number;
beforeAll(async () => {
  listener = await TcpListener.listen((end) => {
    end.onBytes((bytes) => (heard += bytes.length));
    simulate('orno/we-516', { address: '5' }).serve(end);
  });
});
afterAll(() => listener.close());
beforeEach(async () => {
  heard = 0;
  root = await mkdtemp(join(tmpdir(), 'fenceline-scan-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function terminal(language: Language = 'en') {
  const [printed, complained]: [string[], string[]] = [[], []];
  const told: Terminal = {
    language,
    input: process.stdin,
    print: (text) => void printed.push(text),
    complain: (text) => void complained.push(text),
  };
  return { told, printed, complained };
}

async function scan(args: readonly string[], language: Language = 'en') {
  const { told, printed, complained } = terminal(language);
  const code = await runCommandLine(['scan', ...args], told);
  return { code, printed: printed.join('\n'), complained: complained.join('\n') };
}

/** A site with a device server, and a port that others connect to. */
async function site(more: object = {}): Promise<string[]> {
  const { port } = listener;
  const document = {
    gateway: { id: 'zl-0001', area: '320404' },
    source: { name: '一号工地', kind: 'construction-site' },
    links: {
      cabinet: { kind: 'tcp', host: '127.0.0.1', port, framing: 'modbus-rtu', listenFirst: '0s', ...more },
      loggers: { kind: 'tcp-server', host: '127.0.0.1', port: 5000 },
    },
    points: [],
    instruments: [],
  };
  await writeFile(join(root, 'site.json'), JSON.stringify(document));
  return ['--site', root];
}

describe('arguments that are wrong are told in one line, with exit code 2', () => {
  test.each([
    [[], 'give one of --site, --serial and --tcp'],
    [['--serial', '/dev/ttyUSB0', '--tcp', 'a:1'], 'give one of --site, --serial and --tcp'],
    [['--serial', 'ttyUSB0'], '--serial: path must be a whole path'],
    [['--serial', '/dev/ttyUSB0', '--speed', '9600'], '--speed takes bits per second'],
    [['--serial', '/dev/ttyUSB0', '--addresses', '0-9'], '--addresses takes numbers from 1 to 255'],
    [['--serial', '/dev/ttyUSB0', '--listen-first', 'long'], '--listen-first takes a number with its unit'],
    [['--serial', '/dev/ttyUSB0', '--add'], '--add needs --site'],
    [['--tcp', '192.0.2.1'], '--tcp takes host:port'],
    [['--tcp', '192.0.2.1:502,rtu'], '--tcp: framing'],
    [['--tcp', '192.0.2.1:502', '--meters'], '--meters needs a serial line'],
    [['--tcp', '192.0.2.1:502,modbus-rtu', '--also-speeds'], '--also-speeds needs a serial port'],
    [['dust-1', '--tcp', '192.0.2.1:502'], 'dust-1 is not understood'],
  ])('%j', async (args, told) => {
    const { code, complained } = await scan(args);
    expect(complained).toContain(`fenceline scan: ${told}`);
    expect(code).toBe(2);
  });

  test('a link that the site does not have, or on which nothing can be asked', async () => {
    const at = await site();
    expect((await scan([...at, '--link', 'rs485-1'])).complained).toContain('it has: cabinet');
    expect((await scan([...at, '--link', 'loggers'])).complained).toContain('the other side connects and sends');
  });
});

test('the only line of a site that can be searched need not be named, and what is found is data with --json', async () => {
  const { code, printed } = await scan([...(await site()), '--addresses', '5', '--json']);
  const { link, ended, instruments } = JSON.parse(printed);
  expect([link, ended, instruments.length, instruments[0].best[0].profile]).toEqual([
    'cabinet',
    'whole',
    1,
    'orno/we-516',
  ]);
  expect(code).toBe(0);
});

test('a line that an instrument of its own protocol has to itself is not searched', async () => {
  const at = await site();
  const document = JSON.parse(await readFile(join(root, 'site.json'), 'utf8'));
  document.points.push({ id: 'gate' });
  const sensor = { id: 'pm-1', profile: 'plantower/pms5003', link: 'cabinet', every: '4s', point: 'gate' };
  await writeFile(join(root, 'site.json'), JSON.stringify({ ...document, instruments: [sensor] }));
  const { code, complained } = await scan([...at, '--addresses', '5']);
  expect(complained).toContain('pm-1 speaks a protocol of its own and has cabinet to itself');
  expect([code, heard]).toEqual([2, 0]);
});

test('a device on the network is searched without a site', async () => {
  const { printed } = await scan([
    '--tcp',
    `127.0.0.1:${listener.port},modbus-rtu,9600-8N1`,
    '--listen-first',
    '0s',
    '--addresses',
    '5',
  ]);
  expect(printed).toMatch(/\(modbus-rtu 9600-8N1\): 1 instrument answered; 1 address asked/);
  expect(printed).toContain('address 5: orno/we-516');
});

test('on a line that the site only listens to nothing is sent', async () => {
  const { code, printed } = await scan([...(await site({ listen: true })), '--addresses', '5'], 'zh');
  expect(printed).toContain('查找中止：站点文件规定本线路只旁听');
  expect([code, heard]).toEqual([1, 0]);
});

test('while another process has the site and cannot be asked, nothing is sent', async () => {
  const at = await site();
  const lock = lockSite(root);
  if ('refusal' in lock) throw new Error(lock.message);
  const { code, complained } = await scan([...at, '--addresses', '5']);
  lock.release();
  expect(complained).toContain(`process ${process.pid} runs on this site and cannot be asked`);
  expect([code, heard]).toEqual([1, 0]);
});

describe('how far it is', () => {
  const asking = (done: number): ScanEvent => ({
    ...{ kind: 'asking', round: 1, address: 40 + done, done, of: 247, left: 80_000, found: 2 },
  });

  test('stands in one line on a terminal', () => {
    const { told } = terminal();
    const shown: string[] = [];
    const progress = new ScanProgress(
      'rs485-1',
      { ...told, status: (text) => void shown.push(text) },
      new SimulatedClock(),
    );
    progress.observe(asking(3));
    progress.end();
    expect(shown).toEqual(['rs485-1: address 43, 3 of 247 asked, 2 found, about 1 min 20 s left', '']);
  });

  test('is said now and then elsewhere, in the language of the reader', async () => {
    const { told, complained } = terminal('zh');
    const clock = new SimulatedClock();
    const progress = new ScanProgress('rs485-1', told, clock);
    for (let done = 0; done < 90; done += 1) {
      progress.observe(asking(done));
      await clock.advance(1000);
    }
    expect(complained).toHaveLength(2);
    expect(complained[0]).toBe('rs485-1：地址 70，已询问 30/247，找到 2 台，约剩 1 分钟 20 秒');
  });
});
