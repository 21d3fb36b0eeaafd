import { expect, test } from 'vitest';
import { seededRandom } from '../../../../test-rigs/stories/seeded-random.ts';
import {
  type Arrived,
  minute,
  NodeScene,
  type RowsMessage,
} from '../../../../test-rigs/surroundings/lua-machine/keeping/node-scene.ts';

/** Rows that may be in RAM when the power goes, and one that was being measured. */
const inRam = 5;

interface Mishaps {
  readonly scene: NodeScene;
  readonly random: () => number;
  /** The power went, or came back by itself, this often. */
  cuts: number;
}

/** Something that happens to nodes, for a while; everything is well again afterwards. */
const mishaps: readonly ((bench: Mishaps) => void)[] = [
  ({ scene, random }) => {
    scene.broker.isAway = true;
    scene.clock.advance(random() * 90 * minute);
    scene.broker.isAway = false;
  },
  ({ scene, random }) => {
    scene.rig.air.isUp = false;
    scene.clock.advance(random() * 40 * minute);
    scene.rig.air.isUp = true;
  },
  ({ scene, random }) => {
    scene.broker.isMute = true;
    scene.clock.advance(random() * 10 * minute);
    scene.broker.isMute = false;
    scene.broker.drop(random() < 0.5);
  },
  ({ scene, random }) => {
    scene.broker.losesPuback = () => random() < 0.5;
    scene.broker.losesPublish = () => random() < 0.3;
    scene.clock.advance(random() * 20 * minute);
    scene.broker.losesPuback = () => false;
    scene.broker.losesPublish = () => false;
  },
  ({ scene, random }) => {
    scene.takes = false;
    scene.clock.advance(random() * 60 * minute);
    scene.takes = true;
  },
  (bench) => {
    const { scene, random } = bench;
    bench.cuts += 1;
    scene.rig.cutPower();
    scene.clock.advance(random() * 5 * minute);
    scene.rig.powerOn();
  },
  (bench) => {
    const { scene, random } = bench;
    bench.cuts += 1;
    scene.rig.reset(random() < 0.5 ? 'external' : 'exception');
  },
  // The power goes in the middle of what it writes in an outage, or while it is about to come back.
  (bench) => {
    const { scene, random } = bench;
    bench.cuts += 1;
    scene.rig.cutPowerAt({ operation: 1 + Math.floor(random() * 6), kept: Math.floor(random() * 400) });
    scene.broker.isAway = true;
    for (let minutes = 0; minutes < 90 && scene.rig.isPowered; minutes++) scene.clock.advance(minute);
    scene.rig.cutPowerAt(null);
    scene.rig.powerOn();
    scene.clock.advance(random() * 3 * minute);
    scene.broker.isAway = false;
  },
];

test.each([
  ['esp8266', 40, 20_261_126],
  ['esp32', 5, 6],
] as const)(
  'an %s through %i mishaps (seed %i): what is missing was in RAM when the power went, nothing comes twice or changed, and it always comes back',
  async (kind, many, seed) => {
    const random = seededRandom(seed);
    const scene = await NodeScene.create(kind, { flashSize: 400_000 });
    const bench: Mishaps = { scene, random, cuts: 0 };
    scene.start(2 * minute);
    for (let n = 0; n < many; n++) {
      mishaps[Math.floor(random() * mishaps.length)]?.(bench);
      scene.clock.advance(random() * 4 * minute);
      if (!scene.rig.isPowered) scene.rig.powerOn();
    }
    // Back-off has grown: all of it has to pass.
    for (let minutes = 0; minutes < 180 && scene.lastHello.held > 0; minutes++) scene.clock.advance(minute);
    scene.clock.advance(10 * minute);

    expect(scene.rig.panics).toEqual([]);
    expect(scene.lastHello).toMatchObject({ held: 0, dropped: 0 });
    expectSame(scene.messages.map(({ payload }) => JSON.parse(payload)));
    const boots = Map.groupBy(scene.rows, ({ boot }) => boot);
    for (const [boot, rows] of boots) {
      expect([boot, rows.map(({ seq }) => seq)]).toEqual([boot, rows.map((_, at) => at + 1)]);
      expectNoOverlap(rows);
    }
    // Every boot is told apart, and what each lost is bounded.
    const powered = scene.rig.boots.length;
    expect(new Set(scene.hellos.map(({ b }) => b)).size).toBeLessThanOrEqual(powered);
    const lived = scene.clock.monotonic() / minute;
    expect(scene.rows.length).toBeGreaterThan(lived - bench.cuts * (inRam + 10) - 30);
  },
);

/** A row that is sent again is the same row. */
function expectSame(messages: readonly RowsMessage[]): void {
  const seen = new Map<string, string>();
  for (const { b, r } of messages) {
    for (const row of r) {
      const key = `${b} ${row[0]}`;
      const text = JSON.stringify(row);
      expect([key, seen.get(key) ?? text]).toEqual([key, text]);
      seen.set(key, text);
    }
  }
}

/** In the time of their boot they follow each other, to the second. */
function expectNoOverlap(rows: readonly Arrived[]): void {
  for (const [at, { s }] of rows.entries()) {
    const before = rows[at - 1];
    if (before !== undefined) expect(s).toBeGreaterThanOrEqual(before.s + before.d);
  }
}
