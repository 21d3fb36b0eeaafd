import { describe, expect, test } from 'vitest';
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

/** Seqs that came, in order, from 1 on without a gap. */
function expectEachOnce(scene: NodeScene, atLeast: number): void {
  const seqs = scene.rows.map(({ seq }) => seq);
  expect(seqs.length).toBeGreaterThanOrEqual(atLeast);
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, at) => at + 1));
  expect(scene.rig.panics).toEqual([]);
}

test.each(kinds)('an %s says hello at once and every 5 min, and who it is', async (kind) => {
  const scene = (await NodeScene.create(kind)).start(20 * minute);
  expect(scene.hellos).toHaveLength(4);
  expect(scene.hellos[0]).toMatchObject({
    l: 1,
    b: 1,
    version: '0.0.0',
    chip: kind,
    reason: 'power',
    held: 0,
    flash: [0, 64],
    dropped: 0,
    torn: 0,
    frames: [0, 0],
    configuration: 3,
    boots: ['power'],
    sensor: 'plantower',
  });
  expect(scene.hellos[0]?.rssi).toBe(kind === 'esp8266' ? -67 : undefined);
});

test('a gateway that does not answer gets nothing but hellos, and is not asked without end', async () => {
  const scene = await NodeScene.create('esp8266', { files: often });
  scene.answers = false;
  scene.start(20 * minute);
  expect(scene.messages).toEqual([]);
  expect(scene.hellos.length).toBeLessThan(6);
  scene.answers = true;
  scene.clock.advance(10 * minute);
  expectEachOnce(scene, 150);
});

test('rows that no have covers go again after 20 s, from the oldest on, with the present time since boot', async () => {
  const scene = await NodeScene.create('esp8266');
  scene.takes = false;
  scene.start(4 * minute);
  const said = scene.messages.map(({ payload, at }) => ({ ...(JSON.parse(payload) as RowsMessage), at }));
  for (const [index, message] of said.entries()) {
    expect(message.r[0]?.[0]).toBe(1);
    const before = said[index - 1];
    if (before === undefined) continue;
    const passed = (message.at - before.at) / second;
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(passed).toBeLessThanOrEqual(26);
    expect(Math.abs((message.u ?? 0) - (before.u ?? 0) - passed)).toBeLessThanOrEqual(1);
  }
  expect(said.length).toBeGreaterThan(6);
});

test('after an outage rows come in messages of at most 12 rows and 1,024 bytes, oldest first', async () => {
  const scene = (await NodeScene.create('esp8266', { files: often })).start();
  scene.broker.isAway = true;
  scene.clock.advance(30 * minute);
  scene.broker.isAway = false;
  scene.clock.advance(10 * minute);
  for (const { payload } of scene.messages) {
    expect(payload.length).toBeLessThanOrEqual(1024);
    expect((JSON.parse(payload) as RowsMessage).r.length).toBeLessThanOrEqual(12);
  }
  expect(scene.messages.some(({ payload }) => (JSON.parse(payload) as RowsMessage).r.length === 12)).toBe(true);
  expectEachOnce(scene, 190);
});

describe('nothing is lost and nothing is taken twice where', () => {
  test.each(kinds)('PUBACKs get lost on the way to an %s', async (kind) => {
    const scene = await NodeScene.create(kind, { files: often });
    let count = 0;
    scene.broker.losesPuback = ({ topic }) => topic.endsWith('rows') && count++ % 3 === 0;
    scene.start(10 * minute);
    expectEachOnce(scene, 50);
  });

  test.each(kinds)('messages of an %s get lost', async (kind) => {
    const scene = await NodeScene.create(kind, { files: often });
    let count = 0;
    scene.broker.losesPublish = () => count++ % 4 === 1;
    scene.start(10 * minute);
    expectEachOnce(scene, 40);
  });

  test.each(kinds)('the broker ends the connection of an %s in the middle of rows', async (kind) => {
    const scene = await NodeScene.create(kind, { files: often });
    let count = 0;
    scene.broker.kills = ({ topic }) => topic.endsWith('rows') && count++ % 5 === 2;
    scene.start(12 * minute);
    expect(scene.broker.attempts).toBeGreaterThan(2);
    expectEachOnce(scene, 50);
  });

  test.each(kinds)('the radio of an %s refuses to send', async (kind) => {
    const scene = await NodeScene.create(kind, { files: often });
    let isFull = false;
    scene.rig.refusesToSend = () => isFull;
    scene.start(2 * minute);
    for (let times = 0; times < 4; times++) {
      isFull = !isFull;
      scene.clock.advance(3 * minute);
    }
    scene.clock.advance(10 * minute);
    expectEachOnce(scene, 140);
  });

  test.each(kinds)('the network of an %s goes and comes', async (kind) => {
    const scene = (await NodeScene.create(kind, { files: often })).start();
    for (let times = 0; times < 5; times++) {
      scene.rig.air.isUp = false;
      scene.clock.advance(100 * second);
      scene.rig.air.isUp = true;
      scene.clock.advance(100 * second);
    }
    scene.clock.advance(5 * minute);
    expectEachOnce(scene, 110);
  });

  test.each(kinds)('nothing passes between an %s and its broker for a while and nobody notices', async (kind) => {
    const scene = (await NodeScene.create(kind, { files: often })).start();
    scene.broker.isMute = true;
    scene.clock.advance(10 * minute);
    scene.broker.isMute = false;
    scene.clock.advance(15 * minute);
    expectEachOnce(scene, 140);
  });

  test('the gateway goes away between taking rows and saying so', async () => {
    const scene = (await NodeScene.create('esp8266', { files: often })).start();
    scene.commits = 40 * second;
    scene.clock.advance(10 * minute);
    expectEachOnce(scene, 40);
  });
});

const troubles: readonly (readonly [string, (scene: NodeScene) => void])[] = [
  [
    'is away',
    (scene) => {
      scene.broker.isAway = true;
    },
  ],
  [
    'takes connections and says nothing',
    (scene) => {
      scene.broker.isSilent = true;
    },
  ],
  [
    'refuses the account',
    (scene) => {
      scene.broker.refuses = () => 5;
    },
  ],
];

describe.each([
  ['esp8266', 6],
  ['esp32', 2],
] as const)('an %s asks again, for %i hours,', (kind, hours) => {
  test.each(troubles)(
    "a broker that %s, at growing distances, at most 7 min 30 s (and the client's own minute) apart",
    async (_, make) => {
      const scene = await NodeScene.create(kind);
      make(scene);
      const attempts: number[] = [];
      const connect = scene.broker.connect.bind(scene.broker);
      scene.broker.connect = (options, events) => {
        attempts.push(scene.clock.monotonic() / second);
        return connect(options, events);
      };
      scene.start(hours * hour);
      const waits = attempts.slice(1).map((at, index) => at - (attempts[index] as number));
      expect(waits[0]).toBeLessThan(20 + 75);
      expect(Math.max(...waits)).toBeLessThanOrEqual(450 + 80);
      expect(attempts.length).toBeGreaterThan(hours * 6.6);
      expect(attempts.length).toBeLessThan(hours * 20);
      expect(scene.rig.boots).toEqual(['power']);
    },
  );
});

test('two nodes do not come back at the same moment', async () => {
  const returns = await Promise.all(
    [1, 2, 3, 4].map(async (seed) => {
      const scene = (await NodeScene.create('esp8266', { seed })).start();
      scene.broker.isAway = true;
      scene.clock.advance(hour);
      scene.broker.isAway = false;
      const hellos = scene.hellos.length;
      while (scene.hellos.length === hellos) scene.clock.advance(second);
      return scene.clock.monotonic();
    }),
  );
  expect(new Set(returns).size).toBe(4);
});
