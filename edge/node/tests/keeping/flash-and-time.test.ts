import { expect, test } from 'vitest';
import {
  configuration,
  hour,
  minute,
  NodeScene,
  type RowsMessage,
  second,
} from '../../../../test-rigs/surroundings/lua-machine/keeping/node-scene.ts';

const kinds = ['esp8266', 'esp32'] as const;

const often = { 'node.json': JSON.stringify({ ...configuration, period: 10 }) };

test.each(kinds)(
  'a flash that takes nothing for ten minutes costs an %s one block and what RAM could not hold, not what stands in flash',
  async (kind) => {
    const scene = (await NodeScene.create(kind, { files: often })).start(5 * minute);
    scene.broker.isAway = true;
    scene.clock.advance(50 * minute);
    const { flash } = scene.rig;
    const write = flash.write.bind(flash);
    flash.write = () => false;
    scene.clock.advance(30 * minute);
    flash.write = write;
    scene.clock.advance(5 * minute);
    scene.broker.isAway = false;
    scene.clock.advance(15 * minute);
    const seqs = scene.rows.map(({ seq }) => seq);
    const missing = (seqs.at(-1) as number) - seqs.length;
    // 180 rows were made meanwhile, of which twelve found room; a block is 72.
    expect(missing).toBeGreaterThan(150);
    expect(missing).toBeLessThanOrEqual(180 + 72);
    expect([scene.lastHello.dropped, scene.rig.panics]).toEqual([missing, []]);
  },
);

test.each(kinds)('an %s says nothing under one account that it measured under another, and counts it', async (kind) => {
  const scene = (await NodeScene.create(kind, { files: often })).start(2 * minute);
  scene.broker.isAway = true;
  scene.clock.advance(20 * minute);
  scene.rig.cutPower();
  scene.rig.flash.files.set('node.json', JSON.stringify({ ...configuration, period: 10, node: 'south' }));
  const south: string[] = [];
  scene.broker.onMessage = ({ topic, payload }) => {
    south.push(payload);
    if (!topic.startsWith('fenceline-node/v1/south/')) throw new Error(topic);
    const { r } = JSON.parse(payload) as { r?: readonly (readonly [number])[] };
    scene.broker.send('fenceline-node/v1/south/have', JSON.stringify(r === undefined ? [0, 0] : [2, r.at(-1)?.[0]]));
  };
  scene.broker.isAway = false;
  scene.start(10 * minute);
  const rows = south.flatMap((payload) => {
    const { b, r } = JSON.parse(payload) as { b: number; r?: readonly (readonly [number])[] };
    return (r ?? []).map(([seq]) => [b, seq] as const);
  });
  expect(rows.length).toBeGreaterThan(40);
  expect(rows).toEqual(rows.map((_, at) => [2, at + 1]));
  // All that stood in flash: what was measured in the outage in twelves.
  const hello = JSON.parse(south.findLast((payload) => payload.includes('"dropped"')) as string);
  expect([hello.dropped, hello.held]).toEqual([120, expect.toSatisfy((held: number) => held <= 1)]);
});

test.each(kinds)(
  'rows that an %s measured under its account before it was forgotten come once it has the same again',
  async (kind) => {
    const scene = (await NodeScene.create(kind, { files: often })).start(2 * minute);
    scene.broker.refuses = () => 5;
    scene.broker.drop();
    scene.clock.advance(20 * minute);
    scene.rig.cutPower();
    scene.rig.flash.files.set(
      'node.json',
      JSON.stringify({ ...configuration, period: 10, password: 'another-password' }),
    );
    scene.broker.refuses = () => 0;
    scene.start(5 * minute);
    const first = scene.rows.filter(({ boot }) => boot === 1).map(({ seq }) => seq);
    expect(first.length).toBeGreaterThan(120);
    expect(first).toEqual(first.map((_, at) => at + 1));
    expect(scene.lastHello.dropped).toBe(0);
  },
);

test.each(kinds)(
  'a have of rows that an %s did not send is of another life of it: its own rows get higher boots, and none is lost',
  async (kind) => {
    const scene = await NodeScene.create(kind, { files: often });
    // The gateway knows a first boot with five rows; the flash was erased since, and this first boot made 30 unheard.
    scene.have = [1, 5];
    scene.broker.isAway = true;
    scene.start(5 * minute);
    scene.broker.isAway = false;
    scene.clock.advance(10 * minute);
    const seqs = scene.rows.map(({ seq }) => seq);
    expect(seqs.length).toBeGreaterThan(80);
    expect(seqs).toEqual(seqs.map((_, at) => at + 1));
    expect(new Set(scene.rows.map(({ boot }) => boot))).toEqual(new Set([2]));
  },
);

test.each(kinds)(
  'a time that is corrected once rows in flash had the first one holds for all that an %s writes later',
  async (kind) => {
    const scene = await NodeScene.create(kind);
    scene.takes = false;
    scene.tellsTime = false;
    scene.start(15 * minute);
    // An hour wrong, while rows are in flash; then those are taken, and the time is put right.
    scene.send('time', `[${scene.epoch - 3600}]`);
    scene.takes = true;
    scene.clock.advance(4 * minute);
    scene.send('time', `[${scene.epoch}]`);
    scene.clock.advance(minute);
    const had = scene.rows.length;
    scene.broker.isAway = true;
    scene.clock.advance(30 * minute);
    scene.rig.cutPower();
    scene.broker.isAway = false;
    scene.start(5 * minute);
    const late = scene.rows.slice(had).filter(({ boot }) => boot === 1);
    expect(late.length).toBeGreaterThanOrEqual(24);
    for (const { begin, s } of late) expect(Math.abs((begin ?? 0) - s - 1_764_131_500)).toBeLessThanOrEqual(1);
  },
);

test.each(kinds)(
  'what an %s measured in an outage is in flash two minutes later, also where a period is an hour',
  async (kind) => {
    const files = { 'node.json': JSON.stringify({ ...configuration, period: 3600 }) };
    const scene = (await NodeScene.create(kind, { files })).start(minute);
    scene.broker.isAway = true;
    scene.clock.advance(2 * hour + 2 * minute);
    scene.rig.cutPower();
    scene.broker.isAway = false;
    scene.start(minute);
    expect(scene.rows.map(({ boot, seq, d }) => [boot, seq, d])).toEqual([
      [1, 1, 3600],
      [1, 2, 3600],
    ]);
  },
);

test('rows that are had late, but had, are not written to flash', async () => {
  const scene = (await NodeScene.create('esp8266', { files: often })).start(minute);
  // A gateway has a row once its minute is over.
  scene.commits = 70_000;
  const { operations } = scene.rig.flash;
  scene.clock.advance(20 * minute);
  expect(scene.rig.flash.operations).toBe(operations);
  expect(scene.rows.length).toBeGreaterThan(110);
});

test('rows that went to flash by threes come by twelves, but none with a time that is not theirs', async () => {
  const scene = await NodeScene.create('esp8266');
  scene.tellsTime = false;
  scene.takes = false;
  scene.start(9 * minute);
  scene.send('time', `[${scene.epoch}]`);
  scene.clock.advance(second);
  scene.broker.isAway = true;
  scene.clock.advance(30 * minute);
  // Without the boot files what is known of a time is what stands with the rows.
  scene.rig.cutPower();
  for (const name of ['boot.1', 'boot.2']) scene.rig.flash.files.delete(name);
  scene.broker.isAway = false;
  scene.takes = true;
  const before = scene.messages.length;
  scene.start(minute);
  const sent = scene.messages.slice(before).map(({ payload }) => JSON.parse(payload) as RowsMessage);
  const early = sent.filter(({ b, z }) => b === 1 && z === undefined).flatMap(({ r }) => r.map(([seq]) => seq));
  // Those that were in RAM at that moment went to flash with it.
  expect(early).toEqual(Array.from({ length: 6 }, (_, at) => at + 1));
  expect(sent.map(({ r }) => r.length).filter((many) => many > 9).length).toBeGreaterThanOrEqual(2);
  // The boot files are gone; the blocks know of a first boot.
  expect(scene.lastHello.b).toBe(2);
  expect(scene.rows.map(({ seq }) => seq).slice(0, 36)).toEqual(Array.from({ length: 36 }, (_, at) => at + 1));
});

test('of rows in flash of which a part was had the rest alone is sent', async () => {
  const scene = await NodeScene.create('esp8266');
  scene.takes = false;
  scene.start(9 * minute);
  const first = (): number => JSON.parse(scene.messages.at(-1)?.payload ?? '{}').r[0][0];
  expect(first()).toBe(1);
  scene.have = [1, 2];
  scene.sayHave();
  scene.clock.advance(30 * second);
  expect(first()).toBe(3);
});

test.each(kinds)(
  'rows of an %s that the gateway takes and cannot make durable go to its flash: being told the same again does not keep them in RAM',
  async (kind) => {
    const scene = (await NodeScene.create(kind)).start(5 * minute);
    // A full disk: each message is answered with what was had before.
    scene.takes = false;
    for (let passed = 0; passed < 10 * minute; passed += 20 * second) {
      scene.sayHave();
      scene.clock.advance(20 * second);
    }
    scene.rig.cutPower();
    scene.takes = true;
    scene.rig.powerOn();
    scene.clock.advance(5 * minute);
    const before = scene.rows.filter(({ boot }) => boot === 1);
    const until = Math.max(...before.map(({ s, d }) => s + d));
    expect(15 * 60 - until).toBeLessThanOrEqual(4 * 60);
    expect(before.map(({ seq }) => seq)).toEqual(before.map((_, index) => index + 1));
  },
);
