import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GatewayProcess } from '../../../test-rigs/gateway-process/gateway-process.ts';
import { Sdm630 } from '../../../test-rigs/instruments/sdm630.ts';
import { SimulatedModbusSlave } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { TcpListener } from '../../../test-rigs/links/tcp-listener.ts';
import { systemClock } from '../../clock.ts';
import { siteDirectory } from '../../site/site-directory.ts';
import { runCommandLine } from '../command-line.ts';
import type { Language } from '../terminal.ts';

const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'fenceline');

let root: string;
let directory: string;
let slave: SimulatedModbusSlave;
let listener: TcpListener;
let gateway: GatewayProcess;

/** A meter that answers at a slow cadence, one behind a silent address, and one whose profile there is not. */
function site(port: number) {
  const meter = { profile: 'eastron/sdm630', link: 'cabinet', every: '60s', point: 'fan' };
  return {
    gateway: { id: 'zl-0001', area: '320404' },
    source: { name: '一号工地', kind: 'construction-site' },
    links: { cabinet: { kind: 'tcp', host: '127.0.0.1', port, framing: 'modbus-tcp' } },
    points: [{ id: 'fan' }, { id: 'purifier' }, { id: 'pump' }],
    instruments: [
      { ...meter, id: 'meter-1', address: 1 },
      { ...meter, id: 'meter-2', address: 9, point: 'pump' },
      { ...meter, id: 'meter-3', address: 2, point: 'purifier', profile: 'eastron/sdm631' },
    ],
    page: { listen: '127.0.0.1:0' },
  };
}

function newSite(name: string, { port }: { readonly port: number } = listener): string {
  const made = join(root, name);
  mkdirSync(made, { recursive: true });
  writeFileSync(join(made, 'site.json'), JSON.stringify(site(port)));
  return made;
}

async function read(args: readonly string[], language: Language = 'en', of = directory) {
  const printed: string[] = [];
  const complained: string[] = [];
  const code = await runCommandLine(['read', '--site', of, ...args], {
    language,
    input: process.stdin,
    print: (text) => void printed.push(text),
    complain: (text) => void complained.push(text),
  });
  return { code, printed: printed.join('\n'), complained: complained.join('\n') };
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'fenceline-through-'));
  slave = new SimulatedModbusSlave({ address: 1, registers: new Sdm630(systemClock).registers });
  listener = await TcpListener.listen((end) => slave.serveModbusTcp(end));
  directory = newSite('site');
  gateway = await GatewayProcess.start({ directory });
});
afterAll(async () => {
  await gateway.stop();
  await listener.close();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  slave.on = true;
});

describe('while a gateway runs on the site', () => {
  test('an instrument is read through it, with what went over the line', async () => {
    const { code, printed, complained } = await read(['meter-1', '--trace']);
    expect(code).toBe(0);
    expect(printed).toMatch(/^fan +Frequency +(?:49|50)\.\d+ +Hz +N$/m);
    expect(complained).toMatch(
      /^#\d+ {2}\S+ {2}meter-1, slave address 1, connection 1\n> 00 .*\n< 00 .*\n {2}answered; /m,
    );
  });

  test('readings come as the same data as without one, with the transactions when asked for', async () => {
    const { code, printed } = await read(['meter-1', '--json', '--trace']);
    const { readings, transactions } = JSON.parse(printed);
    expect(code).toBe(0);
    expect(readings.find(({ factor }: { factor: string }) => factor === 'frequency')).toEqual({
      ...{ instrument: 'meter-1', point: 'fan', factor: 'frequency', value: expect.closeTo(50, 0) },
      ...{ mark: { flag: 'N', reason: null, basis: null }, origin: 'measured' },
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(transactions.at(-1)).toMatchObject({ instrument: 'meter-1', address: 1, outcome: 'ok' });
  });

  test('a silent instrument has no value, a flag and what to try, in Chinese too, and ends with 1', async () => {
    slave.on = false;
    const { code, printed, complained } = await read(['meter-1', '--trace'], 'zh');
    expect(code).toBe(1);
    expect(printed).toMatch(/^fan +频率 +— +Hz +B$/m);
    expect(printed).toMatch(/^! 仪器没有任何应答\n {2}网络连接 cabinet 正常.*单元标识） 1 /m);
    expect(complained).toContain('从站地址 1');
    expect(complained).toMatch(/^< -\n {2}无应答；收到 0 字节，应为 \d+；共 [\d.]+ ms$/m);
  });

  test('it goes on reading until Ctrl-C when told to', async () => {
    const child = spawn(program, ['read', '--site', directory, 'meter-1', '--every', '100ms', '--json']);
    const closed = once(child, 'close');
    const rounds: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      rounds.push(line);
      if (rounds.length === 2) child.kill('SIGINT');
    }
    expect(await closed).toEqual([0, null]);
    expect(rounds.map((round) => JSON.parse(round).readings[0].instrument)).toEqual(['meter-1', 'meter-1']);
  });

  test('one whose profile there is not is told with its fault, one that there is not with those there are', async () => {
    const leftOut = await read(['meter-3']);
    expect([leftOut.code, leftOut.complained]).toEqual([
      2,
      expect.stringMatching(/instruments\[2\]\.profile: there is no profile eastron\/sdm631; write eastron\/sdm630/),
    ]);
    const unknown = await read(['meter-9']);
    expect([unknown.code, unknown.complained]).toEqual([
      2,
      expect.stringContaining('has no instrument meter-9; it has: meter-1, meter-2, meter-3'),
    ]);
  });

  test('a user who may not open its socket is told as whom to come', async () => {
    const run = join(siteDirectory(directory).socket, '..');
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    else chmodSync(run, 0);
    try {
      const { code, complained } = await read(['meter-1']);
      expect(code).toBe(1);
      expect(complained).toContain('is for the owner of the site alone');
      expect(complained).toContain(`sudo -u "$(stat -c %U ${directory})" fenceline read`);
    } finally {
      if (isRoot) process.seteuid?.(0);
      else chmodSync(run, 0o700);
    }
  });
});

test('the socket goes with a gateway that stops; one that was killed leaves it, which stops nobody', async () => {
  let connections = 0;
  const own = await TcpListener.listen((end) => {
    connections += 1;
    slave.serveModbusTcp(end);
  });
  const mine = newSite('other', own);
  const { socket } = siteDirectory(mine);
  const first = await GatewayProcess.start({ directory: mine });
  expect(existsSync(socket)).toBe(true);
  expect(await first.stop()).toBe(0);
  expect(existsSync(socket)).toBe(false);
  await (await GatewayProcess.start({ directory: mine })).kill();
  expect(existsSync(socket)).toBe(true);
  await expect.poll(() => own.connections).toBe(0);
  const before = connections;
  expect([(await read(['meter-1'], 'en', mine)).code, connections]).toEqual([0, before + 1]);
  const again = await GatewayProcess.start({ directory: mine });
  // Through the gateway no connection is made beside its own.
  await expect.poll(() => connections).toBe(before + 2);
  const connected = connections;
  expect([(await read(['meter-1'], 'en', mine)).code, connections]).toEqual([0, connected]);
  await again.stop();
  await own.close();
});

test('a site directory whose path is too long for a socket is run without one, and told so on both sides', async () => {
  const deep = newSite(join('a'.repeat(60), 'b'.repeat(60)));
  const long = await GatewayProcess.start({ directory: deep });
  expect(long.log.join('\n')).toMatch(/a socket's path at most 107; use a shorter site directory/);
  const { code, complained } = await read(['meter-1'], 'en', deep);
  expect(code).toBe(1);
  expect(complained).toContain(`process ${long.pid} runs on this site`);
  expect(complained).toContain("a socket's path has 107 at most: use a shorter site directory");
  await long.stop();
});
