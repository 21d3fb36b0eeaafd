import { expect, test } from 'vitest';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../../clock.ts';
import { readHello } from '../../driver/node/hello.ts';
import { pictureSchema } from '../../http/picture.ts';
import { Diagnosis } from '../diagnosis.ts';

function rig() {
  const clock = new SimulatedClock('2026-11-24T08:00:00.000+08:00');
  const name = { zh: '颗粒物节点', en: 'Particle node' };
  const instrument = {
    ...{ id: 'dust-2', profile: 'fenceline/node-plantower', name, local: false, simulated: false, link: 'nodes' },
    ...{ node: 'dust-gate', address: null, every: 60_000, leftOut: false, faults: [], series: [] },
  };
  const diagnosis = new Diagnosis(clock, new LocalTime('Asia/Shanghai'), {
    ...{ id: 'zl-0001', area: '320404', version: '0.1.0', site: '0123456789abcdef', siteFaults: [] },
    instruments: [instrument, { ...instrument, id: 'noise-2' }],
    ...{ links: [], uplinks: [] },
  });
  const about = { link: 'nodes', node: 'dust-gate' };
  const hello = (fields: object = {}): void => {
    const said = {
      ...{ l: 1, b: 17, u: 4012, version: '0.1.0', chip: 'esp8266', reason: 'power', rssi: -67 },
      ...{ heap: 21_344, lowest: 19_800, held: 190, flash: [3, 40], dropped: 5, frames: [3412, 2] },
      ...{ silent: 12, configuration: 3, boots: ['power'], sensor: 'plantower', ...fields },
    };
    const read = readHello(Buffer.from(JSON.stringify(said)));
    if ('fault' in read) throw new Error(read.fault);
    diagnosis.observe({ kind: 'node-health', ...about, at: clock.monotonic(), hello: read });
  };
  const node = (id = 'dust-gate') => diagnosis.picture().nodes.find((one) => one.id === id);
  return { clock, diagnosis, about, hello, node };
}

test('a node of the site is in the picture before it was ever seen, with its instruments', () => {
  const { diagnosis, node } = rig();
  expect(node()).toMatchObject({ instruments: ['dust-2', 'noise-2'], connected: false, since: null, health: null });
  expect(pictureSchema.safeParse(diagnosis.picture()).error).toBeUndefined();
  expect(diagnosis.health()).toEqual({ ok: true, faults: expect.arrayContaining(['node dust-gate is not connected']) });
});

test('since when it is there or away is told, and why it went', async () => {
  const { clock, diagnosis, about, node } = rig();
  await clock.advance(60_000);
  diagnosis.observe({ kind: 'node-connected', ...about, chip: '7f3a12', address: '10.42.0.17' });
  await clock.advance(30_000);
  // Its own connection taken over by itself.
  diagnosis.observe({ kind: 'node-connected', ...about, chip: '7f3a12', address: '10.42.0.17' });
  expect(node()).toMatchObject({ connected: true, since: '2026-11-24T08:01:00.000+08:00', chipId: '7f3a12' });
  await clock.advance(30_000);
  diagnosis.observe({ kind: 'node-disconnected', ...about, why: 'keep-alive timed out' });
  expect(node()).toMatchObject({
    connected: false,
    since: '2026-11-24T08:02:00.000+08:00',
    why: 'keep-alive timed out',
  });
});

test('what it dropped is counted from the first hello on, and its start is dated by its uptime', async () => {
  const { clock, hello, node, diagnosis } = rig();
  hello();
  expect(node()).toMatchObject({ droppedSince: 0, health: { dropped: 5, startedAt: '2026-11-24T06:53:08.000+08:00' } });
  await clock.advance(300_000);
  hello({ dropped: 29, u: 4312 });
  expect(node()).toMatchObject({ droppedSince: 24, health: { at: '2026-11-24T08:05:00.000+08:00' } });
  expect(node()?.health?.startedAt).toBe('2026-11-24T06:53:08.000+08:00');
  expect(pictureSchema.safeParse(diagnosis.picture()).error).toBeUndefined();
});

test('what is wrong with what it sends is counted by kind, with the last words, and shown for a day', async () => {
  const { clock, diagnosis, about, node } = rig();
  for (const count of [3, 4]) {
    diagnosis.observe({ kind: 'node-trouble', ...about, trouble: 'rows-lost', message: `after row ${count}`, count });
  }
  expect(node()?.troubles).toEqual([
    { trouble: 'rows-lost', count: 7, at: '2026-11-24T08:00:00.000+08:00', message: 'after row 4' },
  ]);
  await clock.advance(86_400_000);
  expect(node()?.troubles).toEqual([]);
  diagnosis.observe({ kind: 'node-trouble', ...about, trouble: 'rows-lost', message: 'after row 9', count: 1 });
  expect(node()?.troubles).toMatchObject([{ count: 1 }]);
});

test('what it was offered is shown without secrets', () => {
  const { clock, diagnosis, node } = rig();
  const update = { version: '0.2.0', state: 'sending', why: null, done: 512, of: 9021, at: clock.wall() } as const;
  diagnosis.observe({ kind: 'node-offer', node: 'dust-gate', update, configuration: null });
  expect(node()?.update).toEqual({ ...update, at: '2026-11-24T08:00:00.000+08:00' });
});

test('when the gateway’s own side is down, nobody is connected by it', () => {
  const { diagnosis, about, node } = rig();
  diagnosis.observe({ kind: 'node-connected', ...about, chip: '7f3a12', address: '10.42.0.17' });
  diagnosis.observe({ kind: 'link-closed', link: 'nodes', fault: null });
  expect(node()).toMatchObject({ connected: false, why: expect.stringContaining('own side') });
});

test('nodes beside those of the site are shown up to a bound', () => {
  const { diagnosis, node } = rig();
  for (let number = 0; number < 300; number += 1) {
    diagnosis.observe({ kind: 'node-connected', link: 'nodes', node: `n-${number}`, chip: null, address: null });
  }
  expect(diagnosis.picture().nodes).toHaveLength(200);
  expect(node()).toMatchObject({ instruments: ['dust-2', 'noise-2'] });
});
