import { mkdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { LocalTime, systemClock } from '../../../gateway/clock.ts';
import type { Entry } from '../../../gateway/record/record.ts';
import { NodeAccounts } from '../../../gateway/site/node-accounts.ts';
import { siteDirectory } from '../../../gateway/site/site-directory.ts';
import { openStore } from '../../../gateway/store/sqlite-store.ts';
import { freePort } from '../../links/free-port.ts';
import { MqttNode } from '../../links/mqtt-node.ts';
import { fast, ProcessSite, until, wait } from '../process-site.ts';
import { seededRandom } from '../seeded-random.ts';

/** Three rows a minute of the last hours, as a node brings them that was away. */
const [rows, period] = [420, 20];
const [node, chip] = ['esp-1', '7f3a12'];

/** A node that sends what it was not told is had, twelve rows at a time, as long as there is anybody to send to. */
class Sender {
  /** Its last row is some minutes old, so that none of them waits for its minute to be closed. */
  readonly #boot = Math.floor(Date.now() / 1000) - rows * period - 300;
  readonly #options: { url: string; password: string };
  had = 0;
  isDone = false;

  constructor(url: string, password: string) {
    this.#options = { url, password };
  }

  async run(): Promise<void> {
    while (!this.isDone) {
      try {
        await this.#connection();
      } catch {
        await wait(30);
      }
    }
  }

  async #connection(): Promise<void> {
    const one = await MqttNode.listening({ ...this.#options, user: node, chip });
    try {
      const hello = {
        ...{ l: 1, b: 1, u: this.#uptime, version: '0.1.0', chip: 'esp8266', reason: 'power', heap: 21_344 },
        ...{ lowest: 19_800, held: rows - this.had, flash: [3, 40], dropped: 0, frames: [1, 0], configuration: 1 },
        ...{ boots: ['power'], sensor: 'nova' },
      };
      await one.say('hello', JSON.stringify(hello));
      for (let heard = 0; one.isConnected && !this.isDone; ) {
        // As a node does: not faster than its broker allows, and once more where no word comes.
        await wait(100);
        for (let n = 0; n < 40 && one.heard.length === heard; n++) await wait(5);
        for (const { kind, payload } of one.heard.slice(heard)) {
          if (kind === 'have') this.had = (JSON.parse(Buffer.from(payload).toString()) as [number, number])[1];
        }
        heard = one.heard.length;
        if (heard > 0) await one.say('rows', this.#message());
        if (this.had >= rows) this.isDone = true;
      }
    } finally {
      one.vanish();
    }
  }

  get #uptime(): number {
    return Math.floor(Date.now() / 1000) - this.#boot;
  }

  #message(): string {
    const next = Array.from({ length: 12 }, (_, index) => this.had + index + 1).filter((seq) => seq <= rows);
    const r = next.map((seq) => [seq, (seq - 1) * period, period, 60, 60, seq, seq * 10]);
    return JSON.stringify({ l: 1, b: 1, u: this.#uptime, f: ['pm25', 'pm10'], r });
  }
}

async function entriesOf(directory: string): Promise<Entry[]> {
  const store = await openStore({
    ...{ directory, gateway: 'demo-0001', site: 'audit', clock: systemClock, uplinks: ['auditor'], keepSamples: true },
    ...{ localTime: new LocalTime('Asia/Shanghai'), observe: () => undefined },
  });
  if ('refusal' in store) throw new Error(store.message);
  const entries: Entry[] = [];
  for (let span = await store.pending('auditor', 500, []); span; span = await store.pending('auditor', 500, [])) {
    entries.push(...span.entries.map(({ entry }) => entry));
    await store.acknowledge('auditor', span.stream, span.epoch, [[span.from, span.to]]);
  }
  await store.close();
  return entries;
}

test('a node brings hours of rows through a real broker to a gateway that is killed again and again: every row counts once', async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const port = await freePort();
  await using site = await ProcessSite.start('mqtt://127.0.0.1:9', (demo) => {
    const document = fast(demo);
    const onNode = { profile: 'fenceline/node-nova', link: 'nodes', node, every: `${period}s`, point: 'node-gate' };
    return {
      ...document,
      links: { ...document.links, nodes: { kind: 'nodes', listen: `127.0.0.1:${port}` } },
      points: [...document.points, { id: 'node-gate' }],
      instruments: [...document.instruments, { id: 'dust-node', ...onNode }],
    };
  });
  await mkdir(siteDirectory(site.directory).secrets, { recursive: true });
  const accounts = await NodeAccounts.open(siteDirectory(site.directory));
  const password = await accounts.offer({ node, chip, type: 'esp8266', at: '2026-11-24', by: 'test' });
  await accounts.confirm(node, chip);
  const sender = new Sender(`mqtt://127.0.0.1:${port}`, password);
  const sending = sender.run();
  let kills = 0;
  for (; kills < 4 && !sender.isDone; kills++) {
    const gateway = await site.run({ drain: '100ms' });
    const before = sender.had;
    for (let n = 0; n < 100 && sender.had === before; n++) await wait(20);
    await wait(random() * 300);
    await gateway.kill();
  }
  const last = await site.run({ drain: '100ms' });
  await until('every row is had', () => sender.isDone);
  await sending;
  await last.kill();
  expect(kills).toBeGreaterThan(1);

  const entries = await entriesOf(site.directory);
  const sampled = entries.flatMap((one) =>
    one.kind === 'samples' && one.instrument === 'dust-node'
      ? one.series.flatMap(({ factor }, index) => (factor === 'pm2.5' ? (one.values[index] ?? []) : []))
      : [],
  );
  const values = sampled.filter((value) => value !== null).toSorted((a, b) => a - b);
  expect(values).toEqual(Array.from({ length: rows }, (_, index) => index + 1));
  const words = new Map<string, { average: number | null; count: number; revision: number }>();
  let sum = 0;
  for (const one of entries) {
    if (one.kind !== 'minute' || one.point !== 'node-gate' || one.factor !== 'pm2.5') continue;
    const before = words.get(one.from)?.revision ?? 0;
    expect([one.from, one.revision]).toEqual([one.from, Math.max(before + 1, one.revision)]);
    words.set(one.from, one);
  }
  for (const { average, count } of words.values()) sum += (average ?? 0) * count;
  expect([...words.values()].reduce((all, { count }) => all + count, 0)).toBe(rows);
  // The means of the minutes, each rounded, make the sum of all rows.
  expect(Math.abs(sum - (rows * (rows + 1)) / 2)).toBeLessThan(rows * 0.01);
});
