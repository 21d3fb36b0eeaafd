import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../gateway/clock.ts';
import { Accounts } from '../../gateway/http/access/accounts.ts';
import { DemandedReads } from '../../gateway/http/lines/demanded-reads.ts';
import { startHttp } from '../../gateway/http/server.ts';
import { phone, startBrowser } from '../surroundings/chromium-browser.ts';
import { SampleHttpPorts } from '../surroundings/http-ports.ts';
import { boardPicture } from '../surroundings/sample-board.ts';

const password = 'mist cannon 9';
const pageSource = new URL('../../gateway/page/', import.meta.url).pathname;

test('a technician sees contacts as words, and switches only after being told what will happen', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fenceline-board-page-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const pageDirectory = join(directory, 'page');
  const configFile = join(pageSource, 'vite.config.ts');
  await build({ root: pageSource, configFile, logLevel: 'error', build: { outDir: pageDirectory } });
  const accounts = await Accounts.open(directory);
  await accounts.setPassword(password);
  const ports = new SampleHttpPorts();
  ports.now = boardPicture();
  const reads = new DemandedReads({ read: (instrument) => ports.read(instrument), clock: systemClock });
  const listen = { host: '127.0.0.1', port: 0 };
  const more = { accounts, clock: systemClock, observe: () => undefined, pageDirectory };
  const server = await startHttp({ listen, ports, reads, ...more });
  if ('kind' in server) throw new Error(server.message);
  onTestFinished(() => server.close());
  const browser = await startBrowser({ viewport: phone, locale: 'en-GB' });
  onTestFinished(() => browser.close());
  const { page } = browser;
  await page.goto(`http://127.0.0.1:${server.port}/`);
  await page.locator('input[autocomplete=current-password]').fill(password);
  await page.locator('button[type=submit]').click();

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
  if (process.env.SHOTS) await card.screenshot({ path: `${process.env.SHOTS}/board.png` });

  const cannon = card.locator('[data-relay=mist-cannon]');
  await cannon.getByRole('button', { name: 'Switch on …' }).click();
  expect(ports.orders).toEqual([]);
  await cannon.getByLabel('For how long').selectOption('60');
  expect(await cannon.locator('.confirmation').innerText()).toContain(
    'A warning begins at once. After 10 s the mist cannon goes on, for 1 minute',
  );
  if (process.env.SHOTS) await card.screenshot({ path: `${process.env.SHOTS}/confirm.png` });
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
  // The browser itself tells of answers that are refusals.
  expect(browser.complaints.filter((text) => !text.includes('409'))).toEqual([]);
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const faults =
    'axe.run(document.querySelector("#instrument-io")).then(({ violations }) => violations.map(({ id }) => id))';
  expect(await page.evaluate(faults)).toEqual([]);
  if (process.env.SHOTS) {
    await page.locator('button', { hasText: '中文' }).first().click();
    await card.screenshot({ path: `${process.env.SHOTS}/zh.png` });
  }
});
