import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { linuxMachine } from '../../../gateway/clock/linux-machine.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { type Gateway, startGateway } from '../../../gateway/gateway.ts';
import { Accounts, type Role } from '../../../gateway/http/access/accounts.ts';
import { hashPassword } from '../../../gateway/http/access/password.ts';
import { systemLinks } from '../../../gateway/joining/system-parts.ts';
import { KeyRing } from '../../../gateway/site/key-ring.ts';
import { loadSite } from '../../../gateway/site/load-site.ts';
import { siteDirectory } from '../../../gateway/site/site-directory.ts';
import { jxctDust } from '../../instruments/jxct-jxbs-3001.ts';
import { SimulatedModbusSlave } from '../../instruments/simulated-modbus-slave.ts';
import { join as joined } from '../../links/byte-end.ts';
import { PacedLine } from '../../links/paced-line.ts';
import { TcpListener } from '../../links/tcp-listener.ts';
import { type Browser, desktop, type Looks, startBrowser } from '../../surroundings/chromium-browser.ts';

const password = 'mist cannon 9';
const pageSource = new URL('../../../gateway/page/', import.meta.url).pathname;
/** The narrowest phone in use. */
const phone = { width: 360, height: 780 };

let pageDirectory: string;
let root: string;
let listener: TcpListener;
let second: SimulatedModbusSlave;
let gateway: Gateway;
let browser: Browser;

beforeAll(async () => {
  pageDirectory = await mkdtemp(join(tmpdir(), 'fenceline-built-page-'));
  const outDir = pageDirectory;
  await build({
    root: pageSource,
    configFile: join(pageSource, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir },
  });
});
afterAll(() => rm(pageDirectory, { recursive: true, force: true }));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fenceline-watched-site-'));
  const wires = new PacedLine({ clock: systemClock, baudRate: 9600 });
  const [first, other] = [1, 2].map(
    (address) => new SimulatedModbusSlave({ address, registers: jxctDust(systemClock), turnAround: 20 }),
  ) as [SimulatedModbusSlave, SimulatedModbusSlave];
  first.serveRtu(wires.connect());
  other.serveRtu(wires.connect());
  second = other;
  listener = await TcpListener.listen((end) => void joined(end, wires.connect()));
  await writeFile(join(root, 'site.json'), JSON.stringify(site(listener.port)));
  await setPassword('administrator');
  gateway = await start();
});
afterEach(async () => {
  await browser.close();
  await gateway.stop(0);
  await listener.close();
  await rm(root, { recursive: true, force: true });
});

/** Two dust meters on one RS-485 line behind a device server. */
function site(port: number) {
  const dust = { profile: 'jxct/jxbs-3001-pm', link: 'rs485-1', every: '1s' };
  return {
    gateway: { id: 'zl-0001', area: '320404' },
    source: { name: '一号工地', kind: 'construction-site', creditCode: '91320404MA1XXXXX0X' },
    links: { 'rs485-1': { kind: 'tcp', host: '127.0.0.1', port, framing: 'modbus-rtu', listenFirst: '0s' } },
    points: [{ id: 'north-gate' }, { id: 'south-gate' }],
    instruments: [
      { ...dust, id: 'dust-1', address: 1, point: 'north-gate' },
      { ...dust, id: 'dust-2', address: 2, point: 'south-gate' },
    ],
    page: { listen: '127.0.0.1:0' },
  };
}

async function setPassword(role: Role): Promise<void> {
  await (await Accounts.open(root)).setPassword(password);
  const account = { name: 'administrator', role, password: await hashPassword(password) };
  await writeFile(join(root, 'secrets/accounts.json'), JSON.stringify({ version: 1, accounts: [account] }));
}

async function start(): Promise<Gateway> {
  const catalogue = loadCatalogue({ directories: [] });
  const loaded = await loadSite(siteDirectory(root), { catalogue });
  if (loaded.kind === 'refused') throw new Error(JSON.stringify(loaded.faults));
  const started = await startGateway({
    ...{ directory: root, loaded, catalogue, version: '0.1.0', clock: systemClock },
    machine: linuxMachine(),
    clockMemory: { read: async () => undefined, write: async () => undefined },
    keys: await KeyRing.open(siteDirectory(root)),
    createLink: await systemLinks(loaded.site, systemClock),
    createBroker: () => {
      throw new Error('this site has no uplink');
    },
    page: { accounts: await Accounts.open(root), directory: pageDirectory },
    observe: () => undefined,
  });
  if ('refusal' in started) throw new Error(started.message);
  return started;
}

/** A browser in which somebody has logged in and sees the picture. */
async function openPicture(
  looks: Looks = {},
  before: (page: Browser['page']) => Promise<void> = async () => undefined,
) {
  browser = await startBrowser({ viewport: phone, ...looks });
  const { page } = browser;
  await before(page);
  await page.goto(`http://127.0.0.1:${gateway.pagePort}/`);
  await page.locator('input[autocomplete=current-password]').fill(password);
  await page.locator('button[type=submit]').click();
  await page.locator('.status').waitFor();
  return page;
}

/** How often the page has asked for what went over the line. */
const looks = (): number => browser.requests.filter((url) => url.includes('/trace?')).length;

test('what goes over a line is shown as it happens: bytes, times, and how it ended', async () => {
  const page = await openPicture({ locale: 'en-GB' });
  await page.locator('#link-rs485-1 summary').click();
  const rows = page.locator('#link-rs485-1 .rows li');
  await rows.filter({ hasText: 'dust-2 · slave address 2' }).first().waitFor();
  const text = await rows.filter({ hasText: 'slave address 2' }).first().innerText();
  // PM2.5 at 0x0004 to PM10 at 0x0009: six holding registers, 17 bytes.
  expect(text).toMatch(/02 03 00 04 00 06 84 3A[\s\S]*02 03 0C 00 /);
  expect(text).toMatch(/answered/);
  expect(text).toMatch(/first byte after [\d.]+ ms · last byte after [\d.]+ ms · .*17 of 17 bytes · [\d.]+ ms in all/);
  const newest = await rows.first().innerText();
  await expect.poll(() => rows.first().innerText()).not.toBe(newest);
});

test('one device or all devices: the table shows which slave is silent', async () => {
  const page = await openPicture();
  await page.locator('#link-rs485-1 summary').click();
  const table = page.locator('#link-rs485-1 table');
  await table.getByText('dust-2').waitFor();
  expect(await table.getByText('无应答').count()).toBe(0);
  second.on = false;
  await table.getByText('无应答').waitFor();
  const [head, one, two] = await table.locator('tr').all();
  const cells = async (row: typeof head) => (await row?.locator('th, td').allInnerTexts()) ?? [];
  const silent = (await cells(head)).indexOf('无应答');
  expect([(await cells(one))[silent], Number((await cells(two))[silent]) > 0]).toEqual(['0', true]);
});

test('nothing is asked for while the fold is closed, paused, or the page is hidden', async () => {
  const page = await openPicture({}, (opened) => opened.clock.install());
  // The page's time goes on by itself as well: only where nothing is to be asked is the number known on a busy machine.
  const asksOn = async (): Promise<void> => {
    const before = looks();
    await page.clock.runFor(2000);
    await expect.poll(looks).toBeGreaterThan(before);
  };
  const asksNoMore = async (): Promise<void> => {
    const before = looks();
    await page.clock.runFor(10_000);
    expect(looks()).toBe(before);
  };
  await asksNoMore();
  expect(looks()).toBe(0);
  await page.locator('#link-rs485-1 summary').click();
  await page.locator('#link-rs485-1 .rows li').first().waitFor();
  await asksOn();
  await page.getByRole('button', { name: '暂停' }).click();
  const goOn = page.getByRole('button', { name: '继续' });
  await goOn.waitFor();
  await asksNoMore();
  await goOn.click();
  await asksOn();
  await page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })`);
  await asksNoMore();
  await page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true })`);
  await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
  await asksOn();
  await page.locator('#link-rs485-1 summary').click();
  await page.locator('#link-rs485-1 .rows li').first().waitFor({ state: 'detached' });
  await asksNoMore();
});

test('the text to save says which gateway, line and settings, and holds the bytes and nothing that is nobody’s business', async () => {
  const page = await openPicture();
  await page.locator('#link-rs485-1 summary').click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: '保存为文本' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^zl-0001-rs485-1-\d{4}-\d\d-\d\dT\d{6}\.txt$/);
  const text = await readFile(await download.path(), 'utf8');
  expect(text).toMatch(/^Fenceline 线路报文\n采集网关：zl-0001\n软件版本：0\.1\.0\n通讯线路：rs485-1, .*modbus-rtu/);
  expect(text).toContain('时区：Asia/Shanghai');
  expect(text).toMatch(/^从站地址 2 \(dust-2\)\n {2}最近 \d+ 次请求：正常应答 \d+/m);
  expect(text).toMatch(
    /^#\d+ {2}\S+ {2}dust-2, 从站地址 2, .*\n> 02 03 00 04 00 06 84 3A\n< 02 03 0C [^\n]+\n {2}正常应答；/m,
  );
  expect(text).not.toContain('91320404MA1XXXXX0X');
});

test('an instrument is read at once when asked for, and shows its values with the bytes', async () => {
  const page = await openPicture({ locale: 'en-GB' });
  const card = page.locator('#instrument-dust-2');
  await card.getByRole('button', { name: 'Read now' }).click();
  await card.locator('.readings').waitFor();
  expect(await card.locator('.readings').innerText()).toMatch(/PM2\.5\s+\d+\.\d µg\/m³\s+PM10\s+\d+\.\d µg\/m³/);
  await card.getByText(/^\d+ transactions?$/).click();
  expect(await card.locator('.transactions li').first().innerText()).toContain('02 03 00 04 00 06 84 3A');
  await card.getByRole('button', { name: 'Close' }).click();
  expect(await card.locator('.readings').count()).toBe(0);
});

test('a silent instrument that is read now shows no value, why, and what to try', async () => {
  const page = await openPicture();
  second.on = false;
  const card = page.locator('#instrument-dust-2');
  await card.getByRole('button', { name: '立即读取' }).click();
  await card.locator('.readings').waitFor();
  expect(await card.locator('.readings dd').first().innerText()).toMatch(/—[\s\S]*B 通讯中断/);
  const told = await card.locator('.read-now .troubles').innerText();
  expect(told).toContain('仪器没有任何应答');
});

test('who may only look has no button to read', async () => {
  await setPassword('viewer');
  const page = await openPicture({ locale: 'en-GB' });
  await page.locator('#instrument-dust-1').waitFor();
  expect(await page.getByRole('button', { name: 'Read now' }).count()).toBe(0);
  await page.locator('#link-rs485-1 summary').click();
  await page.locator('#link-rs485-1 .rows li').first().waitFor();
});

describe('is usable by everybody', async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

  test.each([
    ['zh-CN', 'light', phone],
    ['en-GB', 'dark', phone],
    ['zh-CN', 'dark', desktop],
  ] as const)('with everything unfolded, in %s, %s', async (locale, colorScheme, viewport) => {
    second.on = false;
    const page = await openPicture({ locale, colorScheme, viewport });
    // By keyboard alone.
    await page.locator('#link-rs485-1 summary').focus();
    await page.keyboard.press('Enter');
    await page.locator('#link-rs485-1 .rows li').first().waitFor();
    await page.locator('#instrument-dust-2 .read-now button').focus();
    await page.keyboard.press('Enter');
    await page.locator('#instrument-dust-2 .readings').waitFor();
    await page.locator('#instrument-dust-2 .transactions summary').click();
    await page.evaluate(axe);
    const violations: { id: string; nodes: { html: string }[] }[] = await page.evaluate(
      'axe.run().then(({ violations }) => violations)',
    );
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
    const [content, window] = await page.evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, innerWidth]',
    );
    expect(content).toBeLessThanOrEqual(window);
    expect(browser.complaints).toEqual([]);
  });
});
