import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryNodeLink } from '../../../test-rigs/links/memory-node-link.ts';
import { SampleHttpPorts } from '../../../test-rigs/surroundings/http-ports.ts';
import { soundNode } from '../../../test-rigs/surroundings/sample-nodes.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { runCommandLine } from '../../cli/command-line.ts';
import { firmwareDirectory, readFirmware } from '../../cli/node/firmware-files.ts';
import type { Language } from '../../cli/terminal.ts';
import { LocalTime, systemClock } from '../../clock.ts';
import type { NodeEvent } from '../../driver/node/events.ts';
import { DemandedReads } from '../../http/lines/demanded-reads.ts';
import type { NodePicture } from '../../http/picture.ts';
import { startSocket } from '../../http/socket.ts';
import type { AuditRecord } from '../../record/record.ts';
import { siteDirectory } from '../../site/site-directory.ts';
import { type NodeOffering, openNodeOffering } from './node-offering.ts';

let root: string;
let clock: SimulatedClock;
let link: MemoryNodeLink;
let offering: NodeOffering;
let recorded: AuditRecord[];
let told: NodeEvent[];
let served: { close(): Promise<void> };
/** Nodes beside dust-gate. */
let others: NodePicture[];
let ports: SampleHttpPorts;

/** A gateway's socket with a broker of nodes in memory behind it. */
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'fenceline-offering-'));
  recorded = [];
  told = [];
  others = [];
  clock = new SimulatedClock();
  ports = new SampleHttpPorts();
  link = new MemoryNodeLink({ id: 'nodes', clock: systemClock });
  offering = await openNodeOffering({
    ...{ directory: siteDirectory(root), clock, localTime: new LocalTime('Asia/Shanghai') },
    createNodeLink: () => link,
    record: async (audit) => void recorded.push(audit),
    observe: (event) => void told.push(event),
    nodes: () => [soundNode, ...others],
  });
  offering.acquiring.createNodeLink('nodes', {} as never, () => undefined);
  link.start(({ node, kind, payload }) => {
    if (kind === 'want') offering.offers.onWant(node, payload);
  });
  const socket = await startSocket({
    ...{ path: siteDirectory(root).socket, picture: () => ports.now, clock: systemClock, observe: () => undefined },
    reads: new DemandedReads({ read: (instrument) => ports.read(instrument), clock: systemClock }),
    explore: async () => ({ kind: 'unused' }),
    rotateKey: () => Promise.reject(new RangeError('no key')),
    nodeOffers: offering.ports,
  });
  if ('kind' in socket) throw new Error(socket.message);
  served = socket;
});
afterEach(async () => {
  await served.close();
  await offering.offers.close();
  rmSync(root, { recursive: true, force: true });
});

async function node(args: readonly string[], { input = '', language = 'en' as Language } = {}) {
  const said: string[] = [];
  const stdin = new PassThrough();
  stdin.end(input);
  const say = (text: string): void => void said.push(text);
  const [verb = '', ...more] = args;
  const terminal = { language, input: stdin as never, print: say, complain: say };
  const code = await runCommandLine(['node', verb, '--site', root, ...more], terminal);
  return { code, said: said.join('\n') };
}

test('the firmware that was compiled reaches a node piece by piece, and who offered it is recorded', async () => {
  const firmware = readFirmware(firmwareDirectory);
  if ('fault' in firmware) throw new Error(firmware.fault.en);
  const files = new Map<string, Buffer>();
  let offered: { version: string; files: [string, number, string][] } | undefined;
  link.connect('dust-gate', (kind, payload) => {
    const text = Buffer.from(payload).toString('latin1');
    if (kind === 'update') offered = JSON.parse(text);
    if (kind !== 'chunk') return;
    const [head = '', name = ''] = /^([^:]+):\d+:/.exec(text) ?? [];
    files.set(name, Buffer.concat([files.get(name) ?? Buffer.alloc(0), Buffer.from(payload).subarray(head.length)]));
  });
  offering.offers.onHello('dust-gate', { boot: 17, version: '0.0.9', chip: 'esp8266', configuration: 3 });
  expect(await node(['update', 'dust-gate'])).toEqual({
    code: 0,
    said: `firmware ${firmware.version} is on offer to dust-gate`,
  });
  for (const [name, size] of offered?.files ?? []) {
    while ((files.get(name)?.length ?? 0) < size) {
      link.say('dust-gate', 'want', JSON.stringify([offered?.version, name, files.get(name)?.length ?? 0]));
      await clock.advance(150);
    }
    expect(files.get(name)?.equals(firmware.files.find((file) => file.name === name)?.bytes ?? Buffer.alloc(0))).toBe(
      true,
    );
  }
  expect(files.size).toBeGreaterThan(1);
  expect(told.at(-1)).toMatchObject({ kind: 'node-offer', node: 'dust-gate', update: { state: 'delivered' } });
  expect(recorded).toMatchObject([{ who: 'command line', action: 'node-update-offered' }]);
});

test('a new Wi-Fi password goes to the node, and is neither shown nor recorded, and kept where nobody else reads', async () => {
  let heard = '';
  link.connect('dust-gate', (kind, payload) => {
    if (kind === 'configuration') heard = Buffer.from(payload).toString();
  });
  offering.offers.onHello('dust-gate', { boot: 17, version: '0.1.0', chip: 'esp8266', configuration: 3 });
  const { code, said } = await node(['configure', 'dust-gate', '--wifi', '工地', '--period', '300'], {
    ...{ input: 'quiet-lake\n', language: 'zh' },
  });
  expect([code, said]).toEqual([0, expect.stringContaining('配置（第 4 版）已下发给 dust-gate')]);
  expect(JSON.parse(heard)).toEqual({ version: 4, wifi: ['工地', 'quiet-lake'], period: 300 });
  await offering.offers.close();
  const kept = siteDirectory(root).nodeOffers;
  expect(readFileSync(kept, 'utf8')).toContain('quiet-lake');
  expect(statSync(kept).mode & 0o777).toBe(0o600);
  expect(said + JSON.stringify(recorded) + JSON.stringify(told)).not.toContain('quiet-lake');
});

test('a new period is told together with the "every" of the site file that it no longer fits', async () => {
  const [first] = ports.now.instruments;
  if (first === undefined) throw new Error('the sample has an instrument');
  const served = { ...soundNode, id: 'dust-gate', instruments: [first.id] };
  ports.now = { ...ports.now, nodes: [served], instruments: [{ ...first, every: 60_000 }] };
  const { code, said } = await node(['configure', 'dust-gate', '--period', '300']);
  expect(code).toBe(0);
  expect(said).toContain(
    `the site file says "every": "60s" of ${first.id}; once the node has the period, write "300s"`,
  );
  expect((await node(['configure', 'dust-gate', '--period', '60'])).said).not.toContain('every');
});

test('a node that there is not, and what cannot be, are refused with the remedy', async () => {
  expect(await node(['update', 'dust-pit'])).toEqual({
    code: 1,
    said: 'there is no node dust-pit; it has: dust-gate',
  });
  const tls = await node(['configure', 'dust-gate', '--tls', 'yes']);
  expect(tls).toEqual({ code: 1, said: 'dust-gate is an ESP8266: TLS does not fit; leave it out' });
  expect(recorded).toEqual([]);
});

test('what comes over the socket is checked as what it is', async () => {
  const { ports } = offering;
  expect(await ports.offerUpdate(undefined, { version: '0.2.0', files: [] })).toMatchObject({ status: 400 });
  expect(await ports.offerUpdate(undefined, { version: '../x', files: [] })).toMatchObject({
    refused: { field: 'firmware.version' },
  });
  expect(await ports.offerConfiguration('dust-gate', { password: 'x' })).toMatchObject({ status: 400 });
  expect(await ports.offerConfiguration('dust-gate', { period: 7 })).toMatchObject({
    refused: { field: 'configuration.period' },
  });
});

test('a node that runs that version already is left alone, and that is said with what to do', async () => {
  const firmware = readFirmware(firmwareDirectory);
  if ('fault' in firmware) throw new Error(firmware.fault.en);
  const { version } = firmware;
  const { health } = soundNode;
  if (health === null) throw new Error('the sample has no health');
  others = [{ ...soundNode, id: 'dust-pit', health: { ...health, version } }];
  const alone = await node(['update', 'dust-pit']);
  expect([alone.code, alone.said]).toEqual([
    1,
    expect.stringContaining(`dust-pit runs firmware ${version} already; raise`),
  ]);
  const all = await node(['update', '--all'], { language: 'zh' });
  expect([all.code, all.said]).toEqual([0, `固件 ${version} 已下发给 dust-gate\ndust-pit 已运行该版本`]);
});
