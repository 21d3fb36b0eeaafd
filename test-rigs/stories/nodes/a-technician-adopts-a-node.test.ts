import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommandLine } from '../../../gateway/cli/command-line.ts';
import { LocalTime, systemClock } from '../../../gateway/clock.ts';
import { NodesState } from '../../../gateway/diagnosis/nodes/nodes-state.ts';
import { DemandedReads } from '../../../gateway/http/lines/demanded-reads.ts';
import { startSocket } from '../../../gateway/http/socket.ts';
import { openAdopting } from '../../../gateway/joining/nodes/adopting.ts';
import type { NodeLink, NodeLinkEvent, NodeMessage } from '../../../gateway/link/nodes/node-link.ts';
import { AedesNodeLink } from '../../../gateway/link/nodes/own-broker/aedes-node-link.ts';
import type { AuditRecord } from '../../../gateway/record/record.ts';
import { NodeAccounts } from '../../../gateway/site/node-accounts.ts';
import { prepareSiteDirectory, siteDirectory } from '../../../gateway/site/site-directory.ts';
import type { SiteInstrument } from '../../../gateway/site/site-schema.ts';
import { AdoptableNode } from '../../links/adoptable-node.ts';
import { freePort } from '../../links/free-port.ts';
import { MqttNode } from '../../links/mqtt-node.ts';
import { troubledPicture } from '../../surroundings/sample-picture.ts';

const localTime = new LocalTime('Asia/Shanghai');

/** The site's accounts, its own broker and the socket of its directory, on real files and ports. */
class Site {
  readonly root = mkdtempSync(join(tmpdir(), 'fenceline-adopt-'));
  readonly events: NodeLinkEvent[] = [];
  readonly heard: NodeMessage[] = [];
  readonly audits: AuditRecord[] = [];
  readonly state = new NodesState();
  readonly nodes: AdoptableNode[] = [];
  /** Nodes that instruments of the site file name. */
  readonly named = ['dust-9'];
  port = 0;
  #link: NodeLink | undefined;
  #socket: { close(): Promise<void> } | undefined;

  async start(): Promise<void> {
    this.port ||= await freePort();
    const directory = siteDirectory(this.root);
    await prepareSiteDirectory(directory);
    const accounts = await NodeAccounts.open(directory);
    const { ports, createNodeLink } = openAdopting({
      site: { points: [{ id: 'north-gate' }], instruments: this.named.map((node) => ({ node }) as SiteInstrument) },
      ...{ accounts, clock: systemClock, localTime },
      record: async (record) => void this.audits.push(record),
      createNodeLink: (id, { listen = { host: '127.0.0.1', port: this.port } }, observe) =>
        new AedesNodeLink({ id, listen, accounts, clock: systemClock, observe }),
    });
    const observe = (event: NodeLinkEvent): void => {
      this.events.push(event);
      this.state.event(event, systemClock.wall());
    };
    this.#link = createNodeLink('nodes', { kind: 'nodes' }, observe);
    this.#link.start((message) => void this.heard.push(message));
    const reads = new DemandedReads({ read: () => Promise.reject(new RangeError('none')), clock: systemClock });
    const socket = await startSocket({
      path: directory.socket,
      picture: () => this.#picture(),
      explore: async () => ({ kind: 'unused' }),
      rotateKey: () => Promise.reject(new RangeError('none')),
      ...{ reads, nodes: ports, clock: systemClock, observe: () => undefined },
    });
    if ('kind' in socket) throw new Error(socket.message);
    this.#socket = socket;
    await expect.poll(() => this.events.some(({ kind }) => kind === 'link-opened')).toBe(true);
  }

  #picture() {
    const picture = troubledPicture();
    const [link] = picture.links;
    if (link === undefined) throw new Error('the sample has a link');
    const nodes = this.state.picture(systemClock.wall(), localTime);
    return { ...picture, links: [{ ...link, id: 'nodes', kind: 'nodes' as const, nodes }] };
  }

  newNode(chip: string, code: string): AdoptableNode {
    const node = new AdoptableNode({ url: `mqtt://127.0.0.1:${this.port}`, chip, code });
    this.nodes.push(node);
    return node;
  }

  async run(...args: string[]) {
    const told: string[] = [];
    const say = (text: string): void => void told.push(text);
    const words = ['node', args[0] ?? '', '--site', this.root, ...args.slice(1)];
    const code = await runCommandLine(words, { language: 'en', input: process.stdin, print: say, complain: say });
    return { code, told: told.join('\n') };
  }

  async stop(): Promise<void> {
    await this.#socket?.close();
    await this.#link?.stop();
  }

  async close(): Promise<void> {
    for (const node of this.nodes) await node.stop().catch(() => undefined);
    await this.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}

let site: Site;
beforeEach(async () => {
  site = new Site();
  await site.start();
});
afterEach(() => site.close());

test('from the code on the console to a node that is heard, and what to write into the site file', async () => {
  const node = site.newNode('7f3a12', '492817');
  await node.start();
  await expect
    .poll(async () => (await site.run('list')).told)
    .toMatch(/7f3a12 +esp8266 +- +127\.0\.0\.1 +waits for its code/);
  const { code, told } = await site.run('adopt', '7f3a12', '--code', '492817', '--as', 'dust-north');
  expect(told).toContain(
    '{ "id": "dust-north", "profile": "fenceline/node-plantower", "link": "nodes", "node": "dust-north", "every": "60s", "point": "north-gate" }',
  );
  expect(code).toBe(0);
  await expect.poll(() => site.heard.map(({ node, kind }) => `${node} ${kind}`)).toContain('dust-north hello');
  expect((await site.run('list')).told).toMatch(
    /dust-north +7f3a12 +esp8266 +\d{4}-\d\d-\d\d +127\.0\.0\.1 +connected$/m,
  );
  const text = readFileSync(join(site.root, 'secrets', 'nodes.json'), 'utf8');
  expect(text).not.toContain(node.account?.password);
  expect(site.audits).toMatchObject([
    {
      who: 'command line',
      action: 'node-adopted',
      details: { chip: '7f3a12', outcome: 'adopted', node: 'dust-north' },
    },
  ]);
});

test('a node that the site file names has nothing to be written; it waits no more as soon as it is adopted', async () => {
  const node = site.newNode('7f3a12', '492817');
  await node.start();
  await expect.poll(() => site.events.some(({ kind }) => kind === 'new-node')).toBe(true);
  const { told } = await site.run('adopt', '7f3a12', '--code', '492817', '--as', 'dust-9');
  expect(told).toBe('dust-9 is adopted; the site file names it already, so its readings come as soon as it connects');
  expect(site.state.picture(systemClock.wall(), localTime).fresh).toEqual([]);
  expect((await site.run('list')).told).not.toContain('waits for its code');
});

test('a wrong code is told with what to do, and the right one works after it', async () => {
  await site.newNode('7f3a12', '492817').start();
  await expect.poll(() => site.events.some(({ kind }) => kind === 'new-node')).toBe(true);
  const wrong = await site.run('adopt', '7f3a12', '--code', '492818');
  expect(wrong).toEqual({
    code: 1,
    told: expect.stringContaining('the code is wrong (1 so far; after 5 it takes none'),
  });
  const right = await site.run('adopt', '7f3a12', '--code', '492817', '--json');
  expect(JSON.parse(right.told)).toMatchObject({ kind: 'adopted', node: 'esp-7f3a12' });
  expect(site.audits.map(({ details }) => (details as { outcome: string }).outcome)).toEqual(['refused', 'adopted']);
});

test('a chip that nobody has heard is told with what to look at', async () => {
  const { code, told } = await site.run('adopt', 'abcd', '--code', '123456');
  expect([code, told]).toEqual([1, expect.stringContaining('no new node abcd was heard in the last two minutes')]);
});

test('a node goes on after the gateway was stopped and started; forgotten, it is cut off and let in no more', async () => {
  const node = site.newNode('7f3a12', '492817');
  await node.start();
  await expect.poll(() => site.events.some(({ kind }) => kind === 'new-node')).toBe(true);
  expect((await site.run('adopt', '7f3a12', '--code', '492817')).code).toBe(0);
  await site.stop();
  site.events.length = 0;
  await site.start();
  await node.start();
  await expect.poll(() => site.events.some(({ kind }) => kind === 'node-connected')).toBe(true);
  expect((await site.run('forget', 'esp-7f3a12')).code).toBe(0);
  await expect.poll(() => node.isConnected).toBe(false);
  await expect(node.start()).rejects.toMatchObject({ code: 4 });
  expect(await site.run('forget', 'esp-7f3a12')).toEqual({
    code: 1,
    told: 'there is no node esp-7f3a12; no node has an account here',
  });
  expect(site.audits.map(({ action }) => action)).toEqual(['node-adopted', 'node-forgotten']);
});

test('a chip in the place of a broken one is let in under its name, and the broken one is not any more', async () => {
  const broken = site.newNode('aaaa01', '111111');
  await broken.start();
  await expect.poll(() => site.events.some(({ kind }) => kind === 'new-node')).toBe(true);
  await site.run('adopt', 'aaaa01', '--code', '111111', '--as', 'dust-2');
  const whole = site.newNode('bbbb01', '222222');
  await whole.start();
  await expect.poll(() => site.events.filter(({ kind }) => kind === 'new-node').length).toBe(2);
  const refused = await site.run('adopt', 'bbbb01', '--code', '222222', '--as', 'dust-2');
  expect(refused.told).toContain('dust-2 is the chip aaaa01');
  expect((await site.run('adopt', 'bbbb01', '--code', '222222', '--as', 'dust-2', '--replace')).code).toBe(0);
  await expect.poll(() => broken.isConnected).toBe(false);
  await expect.poll(() => whole.isConnected).toBe(true);
  await expect(broken.start()).rejects.toMatchObject({ code: 4 });
});

test('somebody who has seen a chip id gains nothing from it', async () => {
  const node = site.newNode('7f3a12', '492817');
  await node.start();
  await expect.poll(() => site.events.some(({ kind }) => kind === 'new-node')).toBe(true);
  await site.run('adopt', '7f3a12', '--code', '492817');
  await expect.poll(() => site.events.some(({ kind }) => kind === 'node-connected')).toBe(true);
  const url = `mqtt://127.0.0.1:${site.port}`;
  const guess = MqttNode.connect({ url, user: 'esp-7f3a12', chip: '7f3a12', password: 'a'.repeat(24) });
  await expect(guess).rejects.toMatchObject({ code: 4 });
  expect(node.isConnected).toBe(true);
});
