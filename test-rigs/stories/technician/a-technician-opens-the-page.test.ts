import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { Accounts } from '../../../gateway/http/access/accounts.ts';
import type { Listening } from '../../../gateway/http/hono-node-server.ts';
import { DemandedReads } from '../../../gateway/http/lines/demanded-reads.ts';
import { startHttp } from '../../../gateway/http/server.ts';
import { type Browser, desktop, type Looks, phone, startBrowser } from '../../surroundings/chromium-browser.ts';
import { SampleHttpPorts } from '../../surroundings/http-ports.ts';
import { boardPicture } from '../../surroundings/sample-board.ts';
import { soundNode, troubledNodes } from '../../surroundings/sample-nodes.ts';
import { healthyPicture, troubledPicture } from '../../surroundings/sample-picture.ts';

const password = 'mist cannon 9';
const pageSource = new URL('../../../gateway/page/', import.meta.url).pathname;

let pageDirectory: string;
let site: string;
let accounts: Accounts;
let ports: SampleHttpPorts;
let server: Listening;
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
  site = await mkdtemp(join(tmpdir(), 'fenceline-page-site-'));
  accounts = await Accounts.open(site);
  ports = new SampleHttpPorts();
  server = await serve(0);
});
afterEach(async () => {
  await browser.close();
  await server.close();
  await rm(site, { recursive: true, force: true });
});

async function serve(port: number): Promise<Listening> {
  const listen = { host: '127.0.0.1', port };
  const reads = new DemandedReads({ read: (instrument) => ports.read(instrument), clock: systemClock });
  const observe = (): void => undefined;
  const started = await startHttp({ listen, ports, reads, accounts, clock: systemClock, observe, pageDirectory });
  if ('kind' in started) throw new Error(started.message);
  return started;
}

const origin = (): string => `http://127.0.0.1:${server.port}`;

async function openPage(looks: Looks = {}) {
  browser = await startBrowser(looks);
  await browser.page.goto(`${origin()}/`);
  return browser.page;
}

/** A browser in which somebody has logged in and sees the picture. */
async function openPicture(looks: Looks = {}) {
  await accounts.setPassword(password);
  const page = await openPage(looks);
  await page.locator('input[autocomplete=current-password]').fill(password);
  await page.locator('button[type=submit]').click();
  await page.locator('.status').waitFor();
  return page;
}

test('first use: the set-up code and a new password lead to the picture, with nothing asked from elsewhere', async () => {
  const page = await openPage();
  await page.getByLabel('设置码').fill((await accounts.setUpCode()) ?? '');
  await page.getByLabel('新密码', { exact: true }).fill(password);
  await page.getByLabel('再输入一次', { exact: true }).fill(password);
  await page.getByRole('button', { name: '设置密码并进入' }).click();
  await page.getByText('5 个问题').waitFor();
  expect(await page.locator('#instrument-dust-1 [data-factor=pm10] .number').innerText()).toBe('86.4');
  expect(browser.complaints).toEqual([]);
  expect(browser.requests.filter((url) => !url.startsWith(`${origin()}/`))).toEqual([]);
  expect(browser.requests.length).toBeGreaterThan(3);
});

test('first use: two different passwords, or a wrong code, set nothing and say so', async () => {
  const page = await openPage({ locale: 'en-GB' });
  await page.getByLabel('Set-up code').fill('AAAA-AAAA');
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByLabel('Once more', { exact: true }).fill('mist cannon 8');
  await page.getByRole('button', { name: 'Set password and enter' }).click();
  expect(await page.getByRole('alert').innerText()).toBe('The two passwords differ.');
  await page.getByLabel('Once more', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Set password and enter' }).click();
  await page.getByText('That set-up code is wrong').waitFor();
  expect(await accounts.condition()).toEqual({ state: 'set-up' });
});

test('a wrong password is refused, and after five of them one has to wait', async () => {
  await accounts.setPassword(password);
  const page = await openPage({ locale: 'en-GB' });
  for (let time = 0; time < 6; time += 1) {
    await page.getByLabel('Password', { exact: true }).fill(`guess ${time}`);
    const answered = page.waitForResponse((answer) => answer.request().method() === 'POST');
    await page.getByRole('button', { name: 'Log in' }).click();
    const status = (await answered).status();
    expect(status).toBe(time < 5 ? 401 : 429);
  }
  await page.getByText(/Too many wrong tries\. Wait \d+ s\./).waitFor();
  expect(await page.getByRole('button', { name: 'Log in' }).isDisabled()).toBe(true);
  expect(await page.locator('.status').count()).toBe(0);
});

test('values, problems and the backlog follow the gateway by themselves', async () => {
  const page = await openPicture();
  expect(await page.locator('.ways').innerText()).toContain('6 小时 12 分钟，372 条记录');
  const next = healthyPicture();
  for (const value of next.instruments[0]?.values ?? []) if (value.factor === 'pm10') value.value = 91.27;
  ports.show(next);
  await page.getByText('一切正常').waitFor();
  expect(await page.locator('[data-factor=pm10] .number').innerText()).toBe('91.3');
  expect(await page.locator('.ways').innerText()).toContain('全部已确认');
});

test('of each uplink it says how long it holds, has room and drains; what is not known is said to be unknown', async () => {
  const page = await openPicture({ locale: 'en-GB' });
  const calm = healthyPicture();
  const [uplink] = calm.uplinks;
  if (uplink === undefined) throw new Error('the sample has no uplink');
  const backlog = { records: 3724, samples: 0, hours: 6.2 };
  const room = { bytes: 2_100_000_000, days: 41 };
  const says = async (text: string, change: Partial<typeof uplink>, days: number | null = 41): Promise<void> => {
    ports.show({ ...calm, store: { ...calm.store, room: { ...room, days } }, uplinks: [{ ...uplink, ...change }] });
    await page.locator('.ways', { hasText: text }).waitFor();
  };
  await says('6 h 12 min, 3,724 records, room for 41 d, drains in 14 min', { backlog: { ...backlog, drainsIn: 840 } });
  await says('room for how long is not known yet, time to drain not known yet', { backlog }, null);
  await says('room for 41 d, drains once connected', { backlog, state: 'waiting', detail: 'refused' });
  await says('room for 41 d, sends from 22:00', { backlog, state: 'scheduled', opensAt: '22:00', detail: 'x' });
  await says('room for 41 d, begins to drain in 2 min', { backlog, backlogWaits: 'spread', backlogTurnIn: 120 });
  await says('room for 41 d, waits for the data plan', { backlog, backlogWaits: 'month' });
  // What is on its way for seconds is no backlog.
  await says('7 s, 3 records', { backlog: { records: 3, samples: 0, hours: 0.002 } });
  expect(await page.locator('.ways').innerText()).not.toContain('drain');
  // A site that waits for its hours, and one that is connected, show no fault.
  await says('sends from 22:00', { backlog, state: 'scheduled', opensAt: '22:00', detail: 'sends from 22:00' });
  expect(await page.locator('#uplink-district .fault').count()).toBe(0);
});

test('a node that is away says since when and what to do; one that never said hello shows no figures', async () => {
  ports.now = { ...healthyPicture(), nodes: [soundNode, ...structuredClone(troubledNodes)] };
  const page = await openPicture({ locale: 'en-GB' });
  await page.getByRole('link', { name: 'Node dust-crane is away for 3 h 25 min' }).click();
  const crane = await page.locator('#node-dust-crane').innerText();
  for (const told of [
    'Away for 3 h 25 min',
    '1,310 rows, 92 % of its flash',
    'went back from firmware 0.2.0',
    'crashed',
  ]) {
    expect(crane).toContain(told);
  }
  expect(await page.locator('#node-dust-pit dl').count()).toBe(0);
  expect(await page.locator('#node-dust-gate').innerText()).toContain('fair (−67 dBm)');
  expect(await page.locator('#node-spare').innerText()).toContain('Firmware 0.3.0 is being fetched: 33 %');
});

test('a missing value is a dash with its flag, its reason and what to try, never 0', async () => {
  const page = await openPicture({ locale: 'en-GB' });
  const card = page.locator('#instrument-meter-1');
  expect(await card.locator('.number').allInnerTexts()).toEqual(['—', '—']);
  const text = await card.innerText();
  for (const told of [
    'Not answering',
    'B no communication',
    'Nothing comes back',
    '2 expected',
    '9600-8N1',
    '0 of 15',
  ]) {
    expect(text).toContain(told);
  }
  expect(await page.locator('#instrument-dust-1 [data-factor=wind-speed]').innerText()).toContain('D instrument fault');
});

test('a value that nobody renews grows old before one’s eyes and turns into a warning', async () => {
  const page = await openPicture({ locale: 'en-GB' });
  const said = '#instrument-dust-1 [data-factor=pm10] .age';
  const aged = troubledPicture();
  // The same picture comes every three seconds; the page looks at its clock every second. Each look lasts a second or more.
  for (const value of aged.instruments[0]?.values ?? []) value.age = 14_020;
  ports.show(aged);
  await page.locator(`${said}[class=age]`, { hasText: '14 s ago' }).waitFor();
  await page.locator(said, { hasText: /^\d+ s ago, old$/ }).waitFor();
});

test('a board’s contacts are words, and its relays are switched only after being told what will happen', async () => {
  ports.now = boardPicture();
  const page = await openPicture({ locale: 'en-GB' });
  const card = page.locator('#instrument-io');
  await card.waitFor();
  const contacts = await card.locator('.contacts > div').allInnerTexts();
  expect(contacts.map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([
    'switch at the mist cannon remote since 2026-11-24 07:12',
    'cabinet door closed since 2026-11-24 11:41',
    'mains not known',
  ]);
  const lamp = card.locator('[data-relay=lamp]');
  expect(await lamp.innerText()).toMatch(/On[\s\S]*goes off by itself at 11:55:32 · asked for on the page by li/);

  const cannon = card.locator('[data-relay=mist-cannon]');
  await cannon.getByRole('button', { name: 'Switch on …' }).click();
  expect(ports.orders).toEqual([]);
  await cannon.getByLabel('For how long').selectOption('60');
  expect(await cannon.locator('.confirmation').innerText()).toContain(
    'A warning begins at once. After 10 s the mist cannon goes on, for 1 minute',
  );
  await cannon.getByRole('button', { name: 'Cancel' }).click();
  expect([await cannon.locator('.confirmation').count(), ports.orders]).toEqual([0, []]);

  ports.switched = { kind: 'refused', reason: 'locked-out', detail: 'open', remedy: 'close it' };
  await cannon.getByRole('button', { name: 'Switch on …' }).click();
  await cannon.getByLabel('For how long').selectOption('60');
  await cannon.getByRole('button', { name: 'Switch the mist cannon on' }).click();
  await cannon.getByText('The switch at the machine is open').waitFor();
  await lamp.getByRole('button', { name: 'Switch off' }).click();
  await expect.poll(() => ports.orders).toEqual(['administrator io mist-cannon on 60', 'administrator io lamp off']);

  ports.show(boardPicture([{ state: 'off', cause: 'time-over', who: null, until: null }, { allowed: false }]));
  await cannon.getByText('The site file does not allow it to be switched.').waitFor();
  expect(await cannon.getByRole('button').count()).toBe(0);
  expect(await lamp.innerText()).toContain('its time was over');
  ports.show(boardPicture([{ state: 'on', cause: 'warning', who: null, until: null }]));
  await lamp.getByText('it warns of something').waitFor();
  ports.show(boardPicture([{ state: 'off', cause: 'warning', who: null, until: null }]));
  await lamp.getByText('it warns of something').waitFor({ state: 'detached' });
  // The browser itself tells of answers that are refusals.
  expect(browser.complaints.filter((text) => !text.includes('409'))).toEqual([]);
});

test('the other language is one touch away and remembered', async () => {
  const page = await openPicture();
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('5 problems').waitFor();
  await page.reload();
  await page.getByText('5 problems').waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  expect(await page.getByRole('button', { name: '中文' }).count()).toBe(1);
});

test('a lost gateway is told, its values are marked stale, and the page comes back by itself', async () => {
  const page = await openPicture({ locale: 'en-GB' });
  const port = server.port;
  await server.close();
  await page.getByText('Lost the gateway').waitFor();
  const marks = await page.locator('.value .age').allInnerTexts();
  expect(new Set(marks)).toEqual(new Set(['Out of date']));
  expect(await page.locator('.flag, .pill.good').count()).toBe(0);
  server = await serve(port);
  // The gateway that came back knows no sessions: it asks for the password again.
  await page.getByRole('button', { name: 'Log in' }).waitFor();
});

test('logging out closes the page, and so does a new password set on the machine', async () => {
  const page = await openPicture({ locale: 'en-GB' });
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('.status').waitFor();
  await accounts.setPassword('another password');
  await page.getByRole('button', { name: 'Log in' }).waitFor();
});

describe('is usable by everybody', async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

  /** Serious faults that axe-core finds on the page as it stands. */
  async function seriousFaults(): Promise<string[]> {
    await browser.page.evaluate(axe);
    const violations: { id: string; impact: string; nodes: { html: string }[] }[] = await browser.page.evaluate(
      'axe.run().then(({ violations }) => violations)',
    );
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }

  test.each([
    ['zh-CN', 'light', phone],
    ['zh-CN', 'dark', desktop],
    ['en-GB', 'light', desktop],
    ['en-GB', 'dark', phone],
  ] as const)('in %s, %s', async (locale, colorScheme, viewport) => {
    const page = await openPage({ locale, colorScheme, viewport });
    await page.locator('form').waitFor();
    expect(await seriousFaults()).toEqual([]);
    await accounts.setPassword(password);
    await page.reload();
    await page.locator('input[autocomplete=current-password]').fill('wrong');
    await page.locator('button[type=submit]').click();
    await page.getByRole('alert').waitFor();
    expect(await seriousFaults()).toEqual([]);
    await page.locator('input[autocomplete=current-password]').fill(password);
    await page.locator('button[type=submit]').click();
    await page.locator('.status.troubled').waitFor();
    expect(await seriousFaults()).toEqual([]);
    ports.show({ ...healthyPicture(), nodes: [soundNode, ...structuredClone(troubledNodes)] });
    await page.locator('#node-dust-crane').waitFor();
    expect(await seriousFaults()).toEqual([]);
    const [wide, room] = await page.evaluate<[number, number]>('[document.documentElement.scrollWidth, innerWidth]');
    expect(wide).toBeLessThanOrEqual(room);
    ports.show(boardPicture());
    await page.locator('#instrument-io').waitFor();
    await page.locator('.status.good').waitFor();
    expect(await seriousFaults()).toEqual([]);
    const [content, window] = await page.evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, innerWidth]',
    );
    expect(content).toBeLessThanOrEqual(window);
  });
});

test('what is kept is downloaded as a table of one factor and some days', async () => {
  const picture = healthyPicture();
  picture.store.leaving = {
    since: '2021-11-20T00:00:00.000+08:00',
    at: '2026-12-20T06:00:00.000+08:00',
    days: 12,
    by: 'age',
  };
  ports.show(picture);
  const page = await openPicture();
  await page.getByText('自 2021-11-20 起 12 天的记录尚未导出或被平台确认').waitFor();
  await page.getByText('下载记录').click();
  await page.getByLabel('内容').selectOption('minute-pm10');
  await page.getByLabel('起始日').fill('2026-11-01');
  await page.getByLabel('截止日').fill('2026-11-20');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('保存为 CSV').click()]);
  expect(download.suggestedFilename()).toBe('zl-0001-2026-11-01-2026-11-20-minute-pm10.csv');
  expect(await readFile(await download.path(), 'utf8')).toBe('start,value\r\n');
  expect(ports.tables).toEqual(['minute-pm10 2026-11-01 2026-11-20 zh']);
});
