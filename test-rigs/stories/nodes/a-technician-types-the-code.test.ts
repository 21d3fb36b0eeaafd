import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { Accounts } from '../../../gateway/http/access/accounts.ts';
import type { Listening } from '../../../gateway/http/hono-node-server.ts';
import { DemandedReads } from '../../../gateway/http/lines/demanded-reads.ts';
import type { AdoptionBody, AdoptionPicture } from '../../../gateway/http/nodes/node-routes.ts';
import type { LinkPicture } from '../../../gateway/http/picture.ts';
import { startHttp } from '../../../gateway/http/server.ts';
import { type Browser, type Looks, phone, startBrowser } from '../../surroundings/chromium-browser.ts';
import { SampleHttpPorts } from '../../surroundings/http-ports.ts';
import { healthyPicture } from '../../surroundings/sample-picture.ts';

const password = 'mist cannon 9';
const pageSource = new URL('../../../gateway/page/', import.meta.url).pathname;

let pageDirectory: string;
let site: string;
let ports: SampleHttpPorts;
let server: Listening;
let browser: Browser;
/** What the page asked for, and what each is answered in turn. */
let asked: AdoptionBody[];
let answers: AdoptionPicture[];

beforeAll(async () => {
  pageDirectory = await mkdtemp(join(tmpdir(), 'fenceline-built-page-'));
  const configFile = join(pageSource, 'vite.config.ts');
  await build({ root: pageSource, configFile, logLevel: 'error', build: { outDir: pageDirectory } });
});
afterAll(() => rm(pageDirectory, { recursive: true, force: true }));

beforeEach(async () => {
  site = await mkdtemp(join(tmpdir(), 'fenceline-page-site-'));
  const accounts = await Accounts.open(site);
  await accounts.setPassword(password);
  [asked, answers] = [[], []];
  const nodes = {
    accounts: () => [],
    adopt: async (body: AdoptionBody) => {
      asked.push(body);
      return answers.shift() ?? { kind: 'silent' as const };
    },
    forget: async () => false,
  };
  ports = Object.assign(new SampleHttpPorts(), { nodes });
  ports.now = withNodes(['7f3a12']);
  const reads = new DemandedReads({ read: (instrument) => ports.read(instrument), clock: systemClock });
  const listen = { host: '127.0.0.1', port: 0 };
  const observe = (): void => undefined;
  const started = await startHttp({ listen, ports, reads, accounts, clock: systemClock, observe, pageDirectory });
  if ('kind' in started) throw new Error(started.message);
  server = started;
});
afterEach(async () => {
  await browser.close();
  await server.close();
  await rm(site, { recursive: true, force: true });
});

/** A sound site with a broker for nodes, at which these chips wait. */
function withNodes(chips: readonly string[]) {
  const picture = healthyPicture();
  const [line] = picture.links;
  if (line === undefined) throw new Error('the sample has a line');
  const now = picture.gateway.now;
  const nodes: LinkPicture['nodes'] = {
    connected: [{ node: 'dust-gate', chip: 'aaaa01', address: '10.42.0.17', since: now }],
    fresh: chips.map((chip) => ({ chip, type: 'esp8266', version: '0.1.0', address: '10.42.0.23', heardAt: now })),
    turnedAway: [
      { why: 'flood', node: 'dust-crane', chip: 'bbbb01', address: '10.42.0.31', count: 2, last: now },
      { why: 'wrong-password', node: 'dust-gate', chip: 'cccc01', address: '10.42.0.66', count: 1, last: now },
    ],
  };
  const link: LinkPicture = {
    ...line,
    id: 'nodes',
    kind: 'nodes',
    address: '10.42.0.1:1883',
    settings: '',
    slaves: [],
    nodes,
  };
  return { ...picture, links: [...picture.links, link] };
}

async function openPicture(looks: Looks = {}) {
  browser = await startBrowser(looks);
  await browser.page.goto(`http://127.0.0.1:${server.port}/`);
  await browser.page.locator('input[autocomplete=current-password]').fill(password);
  await browser.page.locator('button[type=submit]').click();
  await browser.page.locator('.status').waitFor();
  return browser.page;
}

async function seriousFaults(): Promise<string[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await browser.page.evaluate(axe);
  return browser.page.evaluate<string[]>(
    "axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => id + ' ' + nodes[0].html))",
  );
}

test('on a phone: a wrong code is told, the right one adopts, and what to write stays to be read', async () => {
  const page = await openPicture({ viewport: phone });
  const card = page.locator('#new-node-7f3a12');
  expect(await card.innerText()).toContain('ESP8266 · 0.1.0 · 10.42.0.23');
  answers = [{ kind: 'refused', node: 'dust-2', chip: '7f3a12', why: 'code', wrong: 1 }];
  await card.getByLabel('接入码').fill('492818');
  await card.getByLabel('节点名称').fill('dust-2');
  await card.getByRole('button', { name: '接入节点' }).click();
  await card.getByText('接入码错误（已错 1 次').waitFor();
  expect(await seriousFaults()).toEqual([]);
  const entry = '{ "id": "dust-2", "profile": "fenceline/node-plantower", "link": "nodes", "node": "dust-2" }';
  answers = [{ kind: 'adopted', node: 'dust-2', chip: '7f3a12', entry }];
  await card.getByLabel('接入码').fill('492817');
  await card.getByRole('button', { name: '接入节点' }).click();
  await page.getByText('dust-2 已接入').waitFor();
  ports.show(withNodes([]));
  await page.locator('#new-node-7f3a12').waitFor({ state: 'detached' });
  expect(await page.locator('#adopted-7f3a12 .entry').innerText()).toBe(entry);
  expect(await seriousFaults()).toEqual([]);
  const [wide, room] = await page.evaluate<[number, number]>('[document.documentElement.scrollWidth, innerWidth]');
  expect(wide).toBeLessThanOrEqual(room);
  expect(asked).toEqual([
    { chip: '7f3a12', code: '492818', node: 'dust-2', replace: false },
    { chip: '7f3a12', code: '492817', node: 'dust-2', replace: false },
  ]);
  expect(browser.complaints).toEqual([]);
});

test('a name that another chip has is taken over only when that is asked for; the broker’s card says who is there and who was turned away', async () => {
  const page = await openPicture({ locale: 'en-GB' });
  const text = await page.locator('#link-nodes').innerText();
  for (const told of [
    'Sensor nodes',
    '10.42.0.1:1883',
    'dust-gate (10.42.0.17)',
    'dust-crane · bbbb01 · 10.42.0.31: too many messages · 2 times',
    'It is held off for a growing time.',
    'dust-gate · cccc01 · 10.42.0.66: wrong password',
  ]) {
    expect(text).toContain(told);
  }
  expect(text).not.toContain('Requests');
  const card = page.locator('#new-node-7f3a12');
  answers = [
    { kind: 'taken', node: 'dust-gate', chip: 'aaaa01' },
    { kind: 'adopted', node: 'dust-gate', chip: '7f3a12', entry: '{}' },
  ];
  await card.getByLabel('Code').fill('492817');
  await card.getByLabel('Name of the node').fill('dust-gate');
  await card.getByRole('button', { name: 'Adopt', exact: true }).click();
  await card.getByText('dust-gate is the chip aaaa01.').waitFor();
  await card.getByRole('button', { name: 'Put this chip in the place of aaaa01 as dust-gate' }).click();
  await page.getByText('dust-gate is adopted').waitFor();
  expect(asked.map(({ replace }) => replace)).toEqual([false, true]);
});
