import { expect, test } from 'vitest';
import { SimulatedClock } from '../../../../test-rigs/surroundings/simulated-clock.ts';
import { adlerSum } from './adler-sum.ts';
import { NodeOffers } from './node-offers.ts';
import type { NodeOfferEvent, OfferedFirmware } from './offer-state.ts';

const bytesOf = (name: string): Buffer => Buffer.from(`-- ${name}\n${'x'.repeat(1200)}`);

function firmware(version: string): OfferedFirmware {
  const files = ['node.lua', 'init.lua', 'esp8266.lua', 'esp32.lua'].map((name) => {
    const bytes = bytesOf(`${name} ${version}`);
    return { name, size: bytes.length, sum: adlerSum(bytes), content: bytes.toString('base64') };
  });
  return { version, files };
}

/** A node as its messages are: fetches what it is offered, and starts with it. */
class Node {
  version = '0.1.0';
  boot = 5;
  configuration = 3;
  chip = 'esp8266';
  isThere = true;
  readonly files = new Map<string, Buffer>();
  offered: { version: string; files: [string, number, string][] } | undefined;
  readonly heard: string[] = [];

  want(): string | undefined {
    for (const [name, size] of this.offered?.files ?? []) {
      const has = this.files.get(name)?.length ?? 0;
      if (has < size) return JSON.stringify([this.offered?.version, name, has]);
    }
    return undefined;
  }

  take(kind: string, payload: Buffer): void {
    this.heard.push(kind);
    if (kind === 'update') this.offered = JSON.parse(payload.toString());
    if (kind !== 'chunk') return;
    const [, name = '', at] = /^([^:]+):(\d+):/.exec(payload.toString('latin1')) ?? [];
    const head = `${name}:${at}:`.length;
    expect(payload.length - head).toBeLessThanOrEqual(512);
    this.files.set(name, Buffer.concat([this.files.get(name) ?? Buffer.alloc(0), payload.subarray(head)]));
  }

  hello(): { boot: number; version: string; chip: string; configuration: number } {
    return { boot: this.boot, version: this.version, chip: this.chip, configuration: this.configuration };
  }
}

async function scene(ids: readonly string[] = ['dust-1', 'dust-2'], stored?: string) {
  const clock = new SimulatedClock();
  const nodes = new Map(ids.map((id) => [id, new Node()]));
  const state = { text: stored, fails: false };
  const shown = new Map<string, NodeOfferEvent>();
  const recorded: string[] = [];
  const faults: string[] = [];
  const sent: string[] = [];
  const offers = await NodeOffers.open({
    storage: {
      read: async () => state.text,
      async write(text) {
        if (state.fails) throw new Error('no space left');
        state.text = text;
      },
    },
    clock,
    send(id, kind, payload) {
      const node = nodes.get(id);
      if (!node?.isThere) return false;
      if (kind === 'configuration') sent.push(String(payload));
      node.take(kind, Buffer.from(payload as Uint8Array));
      return true;
    },
    observe: (event) => void shown.set(event.node, event),
    record: (who, action, details) => void recorded.push(`${who} ${action} ${Object.values(details).join(' ')}`),
    fault: (message) => void faults.push(message),
  });
  const node = (id: string): Node => nodes.get(id) as Node;
  const hello = (id: string): void => offers.onHello(id, node(id).hello());
  const wants = (id: string, text: string): void => offers.onWant(id, Buffer.from(text));
  const fetchAll = (id: string): void => {
    for (let want = node(id).want(); want !== undefined; want = node(id).want()) wants(id, want);
  };
  const update = (id: string): string | undefined => shown.get(id)?.update?.state;
  const configuration = (id: string): string | undefined => shown.get(id)?.configuration?.state;
  return { clock, offers, node, hello, wants, fetchAll, update, configuration, shown, recorded, faults, sent, state };
}

test('a node fetches the files of its chip in pieces, never init.lua, and says hello with the new version', async () => {
  const { offers, node, hello, fetchAll, update, shown, recorded } = await scene();
  hello('dust-1');
  await offers.offerFirmware(['dust-1'], firmware('0.2.0'), true, 'cli');
  expect(node('dust-1').offered?.files.map(([name]) => name)).toEqual(['node.lua', 'esp8266.lua']);
  fetchAll('dust-1');
  expect(update('dust-1')).toBe('delivered');
  expect(node('dust-1').files.get('node.lua')).toEqual(bytesOf('node.lua 0.2.0'));
  expect(node('dust-1').files.get('esp8266.lua')).toEqual(bytesOf('esp8266.lua 0.2.0'));
  Object.assign(node('dust-1'), { version: '0.2.0', boot: 6 });
  hello('dust-1');
  expect(update('dust-1')).toBe('runs');
  expect(shown.get('dust-1')?.update).toMatchObject({ done: shown.get('dust-1')?.update?.of, version: '0.2.0' });
  expect(recorded).toEqual(['cli node-update-offered dust-1 0.2.0', 'gateway node-update-runs dust-1 0.2.0']);
});

test('a node that is away is offered it when it says hello, also after the gateway has restarted', async () => {
  const first = await scene();
  await first.offers.offerFirmware(['dust-1'], firmware('0.2.0'), true, 'cli');
  expect(first.update('dust-1')).toBe('waiting');
  const { node, hello, fetchAll, update } = await scene(undefined, first.state.text);
  node('dust-1').isThere = false;
  hello('dust-1');
  expect(update('dust-1')).toBe('waiting');
  node('dust-1').isThere = true;
  hello('dust-1');
  fetchAll('dust-1');
  expect(update('dust-1')).toBe('delivered');
});

test('a version that was tried and given up is told as rolled back, and the node’s own word decides', async () => {
  const { offers, node, hello, fetchAll, update } = await scene();
  hello('dust-1');
  await offers.offerFirmware(['dust-1'], firmware('0.2.0'), true, 'cli');
  fetchAll('dust-1');
  // Three starts later it is back with the old one.
  node('dust-1').boot = 9;
  hello('dust-1');
  expect(node('dust-1').heard.filter((kind) => kind === 'update')).toHaveLength(2);
  expect(update('dust-1')).toBe('sending');
  offers.onRefused('dust-1', Buffer.from('{"what":"update","why":"rolled-back"}'));
  expect(update('dust-1')).toBe('rolled-back');
  // It is left alone from then on.
  hello('dust-1');
  expect(node('dust-1').heard.filter((kind) => kind === 'update')).toHaveLength(2);
});

test('an update that came to nothing is forgotten when somebody says so, one that is under way is not', async () => {
  const { offers, hello, shown } = await scene();
  hello('dust-1');
  await offers.offerFirmware(['dust-1'], firmware('0.2.0'), true, 'cli');
  offers.dismiss('dust-1');
  expect(shown.get('dust-1')?.update?.state).toBe('sending');
  offers.onRefused('dust-1', Buffer.from('{"what":"update","why":"sum"}'));
  offers.dismiss('dust-1');
  expect(shown.get('dust-1')?.update).toBeNull();
});

test('a firmware that ran and is gone again is told as rolled back', async () => {
  const { offers, node, hello, fetchAll, update } = await scene();
  hello('dust-1');
  await offers.offerFirmware(['dust-1'], firmware('0.2.0'), true, 'cli');
  fetchAll('dust-1');
  node('dust-1').version = '0.2.0';
  hello('dust-1');
  node('dust-1').version = '0.1.0';
  hello('dust-1');
  expect(update('dust-1')).toBe('rolled-back');
});

test('of several nodes one is updated at a time; when one rolls back, the others are left alone', async () => {
  const { offers, node, hello, fetchAll, update } = await scene(['dust-1', 'dust-2', 'dust-3']);
  for (const id of ['dust-1', 'dust-2', 'dust-3']) hello(id);
  await offers.offerFirmware(['dust-1', 'dust-2', 'dust-3'], firmware('0.2.0'), false, 'cli');
  expect([update('dust-1'), update('dust-2'), update('dust-3')]).toEqual(['sending', 'waiting', 'waiting']);
  fetchAll('dust-1');
  hello('dust-2');
  expect(update('dust-2')).toBe('waiting');
  node('dust-1').version = '0.2.0';
  hello('dust-1');
  expect([update('dust-1'), update('dust-2'), update('dust-3')]).toEqual(['runs', 'sending', 'waiting']);
  fetchAll('dust-2');
  offers.onRefused('dust-2', Buffer.from('{"what":"update","why":"rolled-back"}'));
  hello('dust-3');
  expect(update('dust-3')).toBe('held');
  // By its own name it is tried nevertheless.
  await offers.offerFirmware(['dust-3'], firmware('0.2.0'), true, 'cli');
  expect(update('dust-3')).toBe('sending');
});

test('one that does not come back holds the others up for a quarter of an hour at most', async () => {
  const { clock, offers, hello, fetchAll, update } = await scene();
  for (const id of ['dust-1', 'dust-2']) hello(id);
  await offers.offerFirmware(['dust-1', 'dust-2'], firmware('0.2.0'), false, 'cli');
  fetchAll('dust-1');
  await clock.advance(899_000);
  hello('dust-2');
  expect(update('dust-2')).toBe('waiting');
  await clock.advance(2000);
  hello('dust-2');
  expect(update('dust-2')).toBe('sending');
});

test('a node is answered only with what it was offered, whatever it asks for', async () => {
  const { offers, node, hello, wants } = await scene();
  hello('dust-1');
  hello('dust-2');
  await offers.offerFirmware(['dust-1'], firmware('0.2.0'), true, 'cli');
  const chunks = (id: string): number => node(id).heard.filter((kind) => kind === 'chunk').length;
  for (const text of [
    ...['["0.1.0","node.lua",0]', '["0.2.0","init.lua",0]', '["0.2.0","esp32.lua",0]', '["0.2.0","node.lua",99999]'],
    ...['["0.2.0","node.lua",-1]', '["0.2.0","node.lua",0.5]', '["0.2.0","../node.lua",0]', '{}', 'x', '[]', ''],
  ]) {
    wants('dust-1', text);
  }
  wants('dust-2', '["0.2.0","node.lua",0]');
  expect([chunks('dust-1'), chunks('dust-2')]).toEqual([0, 0]);
  wants('dust-1', '["0.2.0","node.lua",512]');
  expect(chunks('dust-1')).toBe(1);
});

test('a node that fetches the same again and again is given up, and another is not kept from its turn', async () => {
  const { offers, node, hello, wants, update } = await scene();
  for (const id of ['dust-1', 'dust-2']) hello(id);
  await offers.offerFirmware(['dust-1', 'dust-2'], firmware('0.2.0'), false, 'cli');
  for (let times = 0; times < 200; times += 1) wants('dust-1', '["0.2.0","node.lua",0]');
  expect(update('dust-1')).toBe('failed');
  expect(node('dust-1').heard.length).toBeLessThan(80);
  hello('dust-2');
  expect(update('dust-2')).toBe('sending');
});

test('a configuration goes out as what it changes, is in force when the node says its number, and its secrets are forgotten then', async () => {
  const { offers, node, hello, configuration, sent, state, recorded } = await scene();
  expect(await offers.offerConfiguration('dust-1', { wifi: ['site', 'quiet-lake'] }, 'cli')).toBe(1);
  hello('dust-1');
  // The node is further than the gateway knew.
  expect(JSON.parse(sent.at(-1) ?? '')).toEqual({ version: 4, wifi: ['site', 'quiet-lake'] });
  expect(state.text).toContain('quiet-lake');
  expect(await offers.offerConfiguration('dust-1', { period: 300 }, 'cli')).toBe(5);
  expect(JSON.parse(sent.at(-1) ?? '')).toEqual({ version: 5, wifi: ['site', 'quiet-lake'], period: 300 });
  expect(configuration('dust-1')).toBe('sent');
  node('dust-1').configuration = 5;
  hello('dust-1');
  await offers.close();
  expect(configuration('dust-1')).toBe('in-force');
  expect(state.text).not.toContain('quiet-lake');
  expect(recorded.join('\n')).not.toContain('quiet-lake');
  expect(recorded.at(-1)).toBe('gateway node-configuration-in-force dust-1 5');
  node('dust-1').configuration = 3;
  hello('dust-1');
  expect(configuration('dust-1')).toBe('rolled-back');
});

test('a number that the node came to by cable is not taken for the gateway’s', async () => {
  const { offers, node, hello, configuration, sent } = await scene();
  hello('dust-1');
  node('dust-1').isThere = false;
  expect(await offers.offerConfiguration('dust-1', { period: 300 }, 'cli')).toBe(4);
  Object.assign(node('dust-1'), { isThere: true, configuration: 4 });
  hello('dust-1');
  expect(configuration('dust-1')).toBe('sent');
  expect(JSON.parse(sent.at(-1) ?? '').version).toBe(5);
});

test('a configuration that the node refuses is told with its word and not sent again', async () => {
  const { offers, hello, configuration, sent, shown } = await scene();
  hello('dust-1');
  await offers.offerConfiguration('dust-1', { tls: true }, 'cli');
  offers.onRefused('dust-1', Buffer.from('{"what":"configuration","why":"field tls"}'));
  hello('dust-1');
  expect([configuration('dust-1'), shown.get('dust-1')?.configuration?.why, sent.length]).toEqual([
    'refused',
    'field tls',
    1,
  ]);
  offers.onRefused('dust-1', Buffer.from('not json'));
});

test('a document that is damaged, or cannot be written, is told', async () => {
  expect((await scene(undefined, '{"version":1,')).faults[0]).toContain('cannot be read, and is forgotten');
  const { offers, state, faults } = await scene();
  state.fails = true;
  await expect(offers.offerConfiguration('dust-1', { period: 300 }, 'cli')).rejects.toThrow('no space left');
  expect(faults[0]).toContain('no space left');
});

test('what was offered to a node that is taken from the site is forgotten', async () => {
  const { offers, state } = await scene();
  await offers.offerConfiguration('dust-1', { wifi: ['site', 'quiet-lake'] }, 'cli');
  offers.forget('dust-1');
  await offers.close();
  expect(JSON.parse(state.text ?? '').nodes).toEqual({});
});
