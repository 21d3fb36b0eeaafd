import { beforeEach, describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { MemoryNodeLink } from '../../../test-rigs/links/memory-node-link.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { WallTime } from '../../clock.ts';
import type { Reading } from '../../reading/reading.ts';
import type { InstrumentCondition } from '../events.ts';
import { instrumentOf } from '../instrument.ts';
import type { InstrumentSettings } from '../settings.ts';
import type { NodeEvent } from './events.ts';
import { NodeHub } from './node-hub.ts';
import type { NodeMark, TakenRow } from './rows/keeping.ts';
import type { NodeInstrument } from './rows/row-readings.ts';

const node = 'esp-1';
const start = Date.parse('2026-11-24T08:00:00.000+08:00');
const catalogue = loadCatalogue({ directories: [] });

function onNode(profile: string, more: Partial<InstrumentSettings> = {}): NodeInstrument {
  const entry = catalogue.find(profile);
  if (entry?.profile.protocol !== 'node') throw new Error(`${profile} hangs on no node`);
  const settings = {
    id: 'dust',
    profile,
    link: 'nodes',
    node,
    every: 60_000,
    point: 'gate',
    simulated: false,
    ...more,
  };
  return { ...instrumentOf(settings, entry), profile: entry.profile };
}

class Bench {
  readonly clock = new SimulatedClock('2026-11-24T08:00:00.000+08:00');
  isKnown = true;
  takes = true;
  judged = 0;
  readonly taken: TakenRow[] = [];
  readonly shown: Reading[] = [];
  readonly missing: Reading[] = [];
  readonly told: [string, unknown][] = [];
  readonly events: (NodeEvent | InstrumentCondition)[] = [];
  readonly asked: string[] = [];
  readonly link: MemoryNodeLink;
  readonly hub: NodeHub;
  #had: (mark: NodeMark) => void = () => undefined;
  #forgotten: (source: string, upTo: NodeMark | null) => void = () => undefined;

  constructor(marks: readonly NodeMark[] = [], instruments = [onNode('fenceline/node-nova')]) {
    const { clock } = this;
    const known = {
      monotonic: () => clock.monotonic(),
      wall: () => clock.wall(),
      after: (delay: number, action: () => void) => clock.after(delay, action),
      isKnown: () => this.isKnown,
    };
    this.link = new MemoryNodeLink({ id: 'nodes', clock, observe: (event) => this.hub.observeLink(event) });
    this.hub = new NodeHub({
      ...{ link: this.link, instruments, clock: known },
      observe: (event) => void this.events.push(event),
      onReadings: (readings) => void this.missing.push(...readings),
      keeping: {
        marks: async () => marks,
        hasRoom: () => this.takes,
        judge: (readings) => {
          this.judged += readings.length;
          return readings;
        },
        take: (_, rows) => {
          this.taken.push(...rows);
          return true;
        },
        listen: ({ had, forgotten }) => {
          this.#had = had;
          this.#forgotten = forgotten;
        },
        show: (readings) => void this.shown.push(...readings),
      },
      offers: {
        onHello: (_, { version }) => void this.asked.push(version),
        onWant: (_, payload) => void this.asked.push(Buffer.from(payload).toString()),
        onRefused: (_, payload) => void this.asked.push(Buffer.from(payload).toString()),
      },
    });
  }

  async begin(): Promise<void> {
    this.hub.start();
    await this.clock.advance(0);
    this.link.connect(
      node,
      (kind, payload) => void this.told.push([kind, JSON.parse(Buffer.from(payload).toString())]),
    );
  }

  say(kind: 'hello' | 'rows' | 'gone' | 'want' | 'refused', payload: unknown): void {
    this.link.say(node, kind, typeof payload === 'string' ? payload : JSON.stringify(payload));
  }

  /** Rows of 60 s each: number, and second of the boot at which it began. */
  rows(boot: number, rows: readonly (readonly [number, number, ...unknown[]])[], more: object = { u: 4000 }): void {
    const whole = rows.map(([seq, at, ...rest]) => [seq, at, ...(rest.length > 0 ? rest : [60, 60, 60, seq, seq * 2])]);
    this.say('rows', { l: 1, b: boot, ...more, f: ['pm25', 'pm10'], r: whole });
  }

  had(boot: number, seq: number): void {
    this.#had({ source: node, boot, seq });
  }

  forgotten(upTo: NodeMark | null): void {
    this.#forgotten(node, upTo);
  }

  get numbers(): number[] {
    return this.taken.map(({ seq }) => seq);
  }

  get haves(): unknown[] {
    return this.told.filter(([kind]) => kind === 'have').map(([, payload]) => payload);
  }

  get troubles(): string[] {
    return this.events.flatMap((event) => (event.kind === 'node-trouble' ? [event.trouble] : []));
  }
}

const hello = {
  ...{ l: 1, b: 17, u: 4012, version: '0.1.0', chip: 'esp8266', reason: 'power', rssi: -67, heap: 21_344 },
  ...{ lowest: 19_800, held: 190, flash: [3, 40], dropped: 0, frames: [3412, 2], silent: 12, configuration: 3 },
  ...{ boots: ['power', 'watchdog'], sensor: 'nova' },
};

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.begin();
});

describe('what a node is told', () => {
  test('is how far it is had, and the time, at every hello; of nothing it is [0,0]', async () => {
    bench.say('hello', hello);
    expect(bench.told).toEqual([
      ['have', [0, 0]],
      ['time', [start / 1000]],
    ]);
    expect(bench.events).toMatchObject([{ kind: 'node-health', node, hello: { boot: 17, rssi: -67 } }]);
    const known = new Bench([{ source: node, boot: 17, seq: 190 }]);
    await known.begin();
    known.say('hello', hello);
    expect(known.haves).toEqual([[17, 190]]);
  });

  test('is no time while the gateway does not know it, and the time within ten seconds when it does', async () => {
    bench.isKnown = false;
    bench.say('hello', hello);
    expect(bench.told).toEqual([['have', [0, 0]]]);
    bench.isKnown = true;
    await bench.clock.advance(10_000);
    expect(bench.told.at(-1)).toEqual(['time', [start / 1000 + 10]]);
    const before = bench.told.length;
    await bench.clock.advance(610_000);
    expect(bench.told.length).toBe(before + 1);
  });

  test('is the time anew when the clock of the gateway was set, and until then nobody calls its own doubtful', async () => {
    bench.say('hello', hello);
    bench.clock.jumpWall(3_600_000);
    const z = start / 1000 - 4000;
    bench.rows(17, [[1, 3900]], { u: 4000, z });
    await bench.clock.advance(10_000);
    expect(bench.told.at(-1)).toEqual(['time', [start / 1000 + 3610]]);
    expect(bench.troubles).toEqual([]);
    // It has been told, and does not go by it.
    bench.rows(17, [[2, 3960]], { u: 4020, z });
    expect(bench.troubles).toEqual(['clock-doubtful']);
  });

  test('is that a row is had when it is durable, and once more when it comes again', () => {
    bench.rows(17, [[1, 3900]]);
    expect(bench.haves).toEqual([]);
    bench.had(17, 1);
    expect(bench.haves).toEqual([[17, 1]]);
    bench.rows(17, [[1, 3900]]);
    expect(bench.haves).toEqual([
      [17, 1],
      [17, 1],
    ]);
    expect(bench.numbers).toEqual([1]);
  });

  test('and what it wants or refuses of an offer goes to whoever offered it', () => {
    bench.say('want', '["0.2.0","node.lua",1024]');
    bench.say('refused', '{"what":"update","why":"sum"}');
    bench.say('hello', hello);
    expect(bench.asked).toEqual(['["0.2.0","node.lua",1024]', '{"what":"update","why":"sum"}', '0.1.0']);
  });
});

describe('a row', () => {
  test('stands at the middle of its period, by the age that the node tells, whatever its clock says', () => {
    bench.say('hello', { ...hello, u: 4000 });
    bench.rows(17, [[1, 3900]], { u: 4000, z: start / 1000 + 100_000 });
    // It began 100 s ago and took 60.
    expect(bench.taken[0]?.readings.map(({ at }) => at)).toEqual([start - 70_000, start - 70_000]);
    expect(bench.troubles).toEqual(['clock-doubtful']);
  });

  test('that was held up on its way stands where it was measured: no message before it was so slow', async () => {
    bench.say('hello', { ...hello, u: 4012 });
    await bench.clock.advance(100_000);
    // Sent 60 s after the hello, the radio was away for 40.
    bench.rows(17, [[1, 4010]], { u: 4072 });
    await bench.clock.advance(22_000);
    bench.rows(17, [[2, 4070]], { u: 4134 });
    const seconds = bench.taken.map(({ readings: [one] }) => {
      const { at = 0, monotonic = 0 } = one ?? {};
      return [at - start, monotonic].map((time) => Math.round(time / 1000));
    });
    expect(seconds).toEqual([
      [28, 28],
      [88, 88],
    ]);
  });

  test('that was held up stands where it was measured, though a message came before it that was refused', async () => {
    bench.had(17, 5);
    bench.say('hello', { ...hello, u: 4012 });
    await bench.clock.advance(30_000);
    bench.rows(3, [[1, 10]], { u: 100 });
    await bench.clock.advance(70_000);
    bench.rows(17, [[6, 4010]], { u: 4072 });
    expect(bench.troubles).toEqual(['replayed-boot']);
    expect(Math.round(((bench.taken.at(-1)?.readings[0]?.at ?? 0) - start) / 1000)).toBe(28);
  });

  test('stays where it was measured though the clock of the chip loses four seconds a day', async () => {
    bench.say('hello', { ...hello, u: 0 });
    for (let day = 1; day <= 5; day++) {
      await bench.clock.advance(86_400_000);
      const uptime = day * 86_396;
      bench.rows(17, [[day, uptime - 60]], { u: uptime });
      // It ended when it was sent.
      expect(bench.clock.wall() - (bench.taken.at(-1)?.readings[0]?.at ?? 0)).toBeLessThan(32_000);
    }
    expect(bench.numbers).toEqual([1, 2, 3, 4, 5]);
  });

  test.each([
    ['of a connection before, which may have been any, when it connects', 4134, true],
    ['of a clock that was ahead, when it starts anew', 10, false],
  ])('is not placed by what a message told %s', async (_, uptime, isSame) => {
    bench.say('hello', { ...hello, u: 9000 });
    await bench.clock.advance(60_000);
    if (isSame) bench.link.connect(node, (kind, payload) => void bench.told.push([kind, payload]));
    bench.rows(isSame ? 17 : 18, [[1, uptime - 8, 6, 60, 60, 1, 2]], { u: uptime });
    expect(bench.taken[0]?.readings[0]?.at).toBe(start + 55_000);
  });

  test('of an earlier start stands where that start began by what it was told then', () => {
    bench.rows(16, [[1, 60]], { z: start / 1000 - 7200 });
    expect(bench.taken[0]?.readings[0]?.at).toBe(start - 7_200_000 + 90_000);
  });

  test.each([
    ['without any time', {}],
    ['with a time in the future', { z: start / 1000 + 60 }],
    ['with a time that nobody set', { z: start / 1000 - 40 * 86_400 }],
  ])('of an earlier start %s goes into the records as it came, and is had', (_, more) => {
    bench.rows(
      16,
      [
        [1, 0],
        [2, 60],
      ],
      more,
    );
    expect(bench.taken).toMatchObject([
      {
        readings: [],
        records: [
          {
            event: 'node-rows-without-time',
            details: {
              node,
              boot: 16,
              columns: ['pm25', 'pm10'],
              rows: [
                [1, 0, 60, 60, 60, 1, 2],
                [2, 60, 60, 60, 60, 2, 4],
              ],
            },
          },
        ],
      },
      { readings: [], records: [] },
    ]);
  });

  test('is taken once: not again before it is had, not after, and again where it was forgotten', () => {
    bench.rows(17, [
      [1, 3800],
      [2, 3860],
    ]);
    bench.rows(17, [
      [1, 3800],
      [2, 3860],
      [3, 3920],
    ]);
    expect(bench.numbers).toEqual([1, 2, 3]);
    bench.had(17, 1);
    bench.forgotten({ source: node, boot: 17, seq: 2 });
    bench.rows(17, [
      [2, 3860],
      [3, 3920],
    ]);
    expect(bench.numbers).toEqual([1, 2, 3, 3]);
  });

  test('that stands twice in a message is taken once, and so is one that was had in another way', () => {
    bench.rows(17, [
      [1, 3800],
      [1, 3800],
      [2, 3860],
    ]);
    expect(bench.numbers).toEqual([1, 2]);
    bench.had(17, 3);
    bench.rows(17, [
      [3, 3900],
      [4, 3920],
    ]);
    expect(bench.numbers).toEqual([1, 2, 4]);
  });

  test('of an earlier start that was had and comes again is no trouble: the node hears once more that it is had', () => {
    bench.rows(17, [[1, 3900]]);
    bench.had(17, 1);
    bench.rows(16, [[5, 60]], { z: start / 1000 - 7200 });
    expect([bench.numbers, bench.troubles, bench.haves.at(-1)]).toEqual([[1], [], [17, 1]]);
  });

  test('that cannot be taken now is taken when it comes again', () => {
    bench.takes = false;
    bench.rows(17, [[1, 3800]]);
    bench.takes = true;
    bench.isKnown = false;
    bench.rows(17, [[1, 3800]]);
    // What is judged a second time would be judged against itself.
    expect(bench.judged).toBe(0);
    expect([bench.numbers, bench.shown.map(({ value }) => value)]).toEqual([[], [1, 2]]);
    bench.isKnown = true;
    bench.rows(17, [[1, 3800]]);
    expect(bench.numbers).toEqual([1]);
  });

  test('that is missing between two others is told and stands in the records before the next', () => {
    bench.rows(17, [
      [1, 3700],
      [4, 3880],
    ]);
    bench.rows(18, [[3, 10]], { u: 100 });
    const lost = bench.taken.flatMap(({ records }) => records.map(({ details }) => details));
    expect(lost).toEqual([
      { node, boot: 17, first: 2, last: 3 },
      { node, boot: 18, first: 1, last: 2 },
    ]);
    expect(bench.troubles).toEqual(['rows-lost']);
  });

  test('may seem to end some seconds after it was sent, since both count whole ones; it is of no later time than now', () => {
    bench.rows(17, [[1, 3999, 6, 60, 60, 1, 2]], { u: 4000 });
    expect(bench.taken[0]?.readings[0]?.at).toBe(start);
    bench.rows(17, [[2, 4000, 6, 60, 60, 1, 2]], { u: 4000 });
    expect(bench.taken[1]).toMatchObject({ readings: [], records: [{ event: 'node-rows-refused' }] });
  });

  test('that would have ended after it was sent, or is none, goes into the records as it came and holds up nobody', () => {
    bench.rows(17, [
      [1, 3990],
      [2, 3900, 'x'],
      [3, 3900],
    ]);
    expect(bench.numbers).toEqual([1, 2, 3]);
    expect(bench.taken.map(({ records }) => records.map(({ event, details }) => [event, details.rows]))).toEqual([
      [
        [
          'node-rows-refused',
          [
            [1, 3990, 60, 60, 60, 1, 2],
            [2, 3900, 'x'],
          ],
        ],
      ],
      [],
      [],
    ]);
    expect(bench.taken[2]?.readings).toHaveLength(2);
  });

  test('of a start before the known one, said to be the present, is not taken and told, and the node hears where it stands', () => {
    bench.rows(17, [[5, 3900]]);
    bench.had(17, 5);
    bench.rows(3, [[1, 10]], { u: 100 });
    expect(bench.numbers).toEqual([5]);
    expect(bench.troubles).toEqual(['replayed-boot']);
    expect(bench.haves.at(-1)).toEqual([17, 5]);
    // Its counter is put right by that, and it goes on.
    bench.rows(18, [[1, 10]], { u: 100 });
    expect(bench.numbers).toEqual([5, 1]);
  });

  test.each([
    ['a number above its seconds', [17, 3961, 3900]],
    ['a number above its seconds, though it is no row', [17, 4001, 3900, 'x']],
    ['a start out of reach', [2_000_000, 1, 3900]],
  ])('with %s is nonsense: it would cut off all that follows', (_, [boot = 0, seq = 0, at = 0, ...rest]) => {
    bench.rows(17, [[1, 3800]]);
    bench.rows(Number(boot), [[Number(seq), Number(at), ...rest]]);
    bench.rows(17, [[2, 3860]]);
    expect(bench.numbers).toEqual([1, 2]);
    expect(bench.troubles).toEqual(['malformed']);
  });

  test('is nonsense with a number above its seconds also where nothing was had before', () => {
    bench.rows(17, [[3961, 3900]]);
    expect([bench.numbers, bench.troubles]).toEqual([[], ['malformed']]);
  });

  test('is taken after half a year without a gateway, and what was dropped meanwhile is told', () => {
    bench.rows(17, [[1, 3800]]);
    bench.rows(17, [[260_000, 15_600_000]], { u: 15_600_100 });
    expect(bench.numbers).toEqual([1, 260_000]);
    expect(bench.troubles).toEqual(['rows-lost']);
    bench.rows(90_000, [[1, 10]], { u: 100 });
    expect(bench.numbers.at(-1)).toBe(1);
  });
});

test('two rows of one length that is not what the site says are told: the node has another period', () => {
  bench.rows(17, [
    [1, 3700, 40, 60, 60, 1, 2],
    [2, 3740, 60, 60, 60, 1, 2],
    [3, 3800, 20, 60, 60, 1, 2],
  ]);
  expect(bench.troubles).toEqual([]);
  bench.rows(17, [
    [4, 3820, 30, 60, 60, 1, 2],
    [5, 3850, 30, 60, 60, 1, 2],
  ]);
  expect(bench.troubles).toEqual(['other-period']);
});

test('a part of a period that comes again, or has the length of the one before a restart, is no other period', () => {
  bench.rows(17, [[1, 3700, 4, 4, 4, 1, 2]]);
  bench.rows(17, [
    [1, 3700, 4, 4, 4, 1, 2],
    [2, 3704, 60, 60, 60, 1, 2],
  ]);
  bench.rows(17, [[3, 3764, 7, 7, 7, 1, 2]]);
  bench.rows(18, [[1, 0, 7, 7, 7, 1, 2]], { u: 10 });
  expect(bench.troubles).toEqual([]);
});

describe('the readings of a row', () => {
  const flags = () =>
    bench.taken.flatMap(({ readings }) => readings.map(({ value, mark }) => [value, mark.flag, mark.reason]));

  test('are in the unit of the factor, and normal', () => {
    bench.rows(17, [[1, 3900]]);
    expect(bench.taken[0]?.readings).toMatchObject([
      { instrument: 'dust', point: 'gate', factor: 'pm2.5', value: 1, mark: { flag: 'N' }, origin: 'measured' },
      { factor: 'pm10', value: 2, mark: { flag: 'N' } },
    ]);
  });

  test('made of too few frames, or of a part of the period, keep their value under a mark', () => {
    bench.rows(17, [
      [1, 3800, 60, 11, 60, 7, 8],
      [2, 3860, 40, 40, 40, 7, 8],
      [3, 3900, 60, 12, 0, 7, 8],
    ]);
    expect(flags().map((one) => one.slice(1))).toEqual([
      ['B', 'too-few-samples'],
      ['B', 'too-few-samples'],
      ['B', 'too-few-samples'],
      ['B', 'too-few-samples'],
      ['N', null],
      ['N', null],
    ]);
    expect(flags()[0]?.[0]).toBe(7);
  });

  test('say that the sensor is silent, or that the node has no such column', () => {
    bench.rows(17, [[1, 3800, 60, 0, 60, null, null]]);
    bench.say('rows', { l: 1, b: 17, u: 4000, f: ['adc'], r: [[2, 3860, 60, 60, 60, 500]] });
    expect(flags()).toEqual([
      [null, 'B', 'no-answer'],
      [null, 'B', 'no-answer'],
      [null, 'B', 'not-sent'],
      [null, 'B', 'not-sent'],
    ]);
  });

  test('of a current loop are its value, a broken loop, or over range', async () => {
    const parameters = { shunt: 47, 'at-4-ma': 0, 'at-20-ma': 100 };
    bench = new Bench([], [onNode('fenceline/node-loop', { fitted: ['flue-dust'], parameters })]);
    await bench.begin();
    const values = [564, 160, 990, null].map((mv, index) => [index + 1, 3700 + 60 * index, 60, 0, 60, mv]);
    bench.say('rows', { l: 1, b: 17, u: 4000, f: ['adc'], r: values });
    expect(flags()).toEqual([
      [50, 'N', null],
      [null, 'D', 'broken-loop'],
      [null, 'D', 'over-range'],
      // The pin went beyond what the input can tell.
      [null, 'D', 'over-range'],
    ]);
  });

  test('of two instruments on one node come of the same row', async () => {
    const loop = onNode('fenceline/node-loop', {
      ...{ id: 'loop', point: 'fan', fitted: ['noise'], parameters: { 'at-4-ma': 30, 'at-20-ma': 130 } },
    });
    bench = new Bench([], [onNode('fenceline/node-nova'), loop]);
    await bench.begin();
    bench.say('rows', { l: 1, b: 17, u: 4000, f: ['pm25', 'pm10', 'adc'], r: [[1, 3900, 60, 60, 60, 35, 70, 376]] });
    expect(bench.taken[0]?.readings.map(({ instrument, value }) => [instrument, value])).toEqual([
      ['dust', 35],
      ['dust', 70],
      ['loop', 55],
    ]);
  });
});

describe('an instrument on a node', () => {
  test('answers while rows come, and says why each period is empty while they do not', async () => {
    await bench.clock.advance(60_000);
    bench.rows(17, [[1, 3940]]);
    await bench.clock.advance(60_000);
    bench.link.disconnect(node);
    await bench.clock.advance(120_000);
    const conditions = bench.events.flatMap((event) =>
      event.kind === 'instrument-condition' ? [`${event.condition} ${event.outcome}`] : [],
    );
    expect(conditions).toEqual(['answering ok', 'not-answering line-lost']);
    const told = bench.missing
      .filter(({ factor }) => factor === 'pm10')
      .map(({ at, mark }) => [at - start, mark.reason]);
    // At the middle of the period that it stands for; of the first nobody could have told.
    expect(told).toEqual([
      [90_000, 'line-lost'],
      [150_000, 'line-lost'],
    ]);
  });

  test('says why each period is empty also when the clock was set back behind what came', async () => {
    await bench.clock.advance(60_000);
    bench.rows(17, [[1, 3940]]);
    bench.clock.jumpWall(-7_200_000);
    bench.link.disconnect(node);
    await bench.clock.advance(180_000);
    expect(bench.events.at(-1)).toMatchObject({ condition: 'not-answering', outcome: 'line-lost' });
    const told = bench.missing.filter(({ factor }) => factor === 'pm10').map(({ at }) => at - start + 7_200_000);
    expect(told).toEqual([90_000, 150_000]);
  });

  test('whose node is there and sends nothing does not answer either, and each period says so', async () => {
    await bench.clock.advance(60_000);
    bench.rows(17, [[1, 3940]]);
    await bench.clock.advance(180_000);
    expect(bench.events.at(-1)).toMatchObject({ condition: 'not-answering', outcome: 'no-bytes' });
    expect(new Set(bench.missing.map(({ mark }) => mark.reason))).toEqual(new Set(['not-sent']));
  });

  test('says nothing of its periods while the time is not known: all of them come when it is', async () => {
    bench.isKnown = false;
    await bench.clock.advance(300_000);
    expect(bench.missing).toEqual([]);
  });

  test('does not answer while its sensor is silent though the node is there', () => {
    bench.rows(17, [[1, 3940, 60, 0, 60, null, null]]);
    expect(bench.events).toMatchObject([{ condition: 'not-answering', outcome: 'no-bytes' }]);
  });

  test('is read by its newest row, or says that there is none', async () => {
    expect((await bench.hub.read('dust')).map(({ mark }) => mark.reason)).toEqual(['not-sent', 'not-sent']);
    bench.rows(17, [
      [1, 3880],
      [2, 3940],
    ]);
    expect((await bench.hub.read('dust')).map(({ value }) => value)).toEqual([2, 4]);
    await bench.clock.advance(300_000);
    expect((await bench.hub.read('dust'))[0]?.at).toBe((start + 300_000) as WallTime);
    await expect(bench.hub.read('other')).rejects.toThrow('no instrument other hangs on a node');
  });
});

test('a node that the site names nothing on keeps its rows, and that is told', () => {
  bench.link.connect(
    'esp-2',
    (kind, payload) => void bench.told.push([kind, JSON.parse(Buffer.from(payload).toString())]),
  );
  bench.link.say('esp-2', 'hello', JSON.stringify(hello));
  bench.link.say('esp-2', 'rows', JSON.stringify({ l: 1, b: 17, u: 4000, f: ['pm25'], r: [[1, 3900, 60, 60, 60, 3]] }));
  expect([bench.taken, bench.haves, bench.troubles]).toEqual([[], [[0, 0]], ['no-instrument']]);
});

test('of nodes that the site names nothing on no more than 64 are heard', () => {
  for (let number = 0; number < 80; number++) {
    bench.link.connect(`other-${number}`, () => void bench.told.push(['to-other', number]));
    bench.link.say(`other-${number}`, 'hello', JSON.stringify(hello));
  }
  expect(new Set(bench.told.map(([, number]) => number)).size).toBe(65);
  bench.rows(17, [[1, 3900]]);
  expect(bench.numbers).toEqual([1]);
});

test.each([
  'x'.repeat(2048),
  '',
  'null',
  '{"l":2,"b":1,"f":["pm25"],"r":[]}',
  '{"l":1,"b":0,"f":["pm25"],"r":[]}',
  '{"l":1,"b":1,"u":-1,"f":["pm25"],"r":[]}',
  '{"l":1,"b":1,"f":["pm25","pm25"],"r":[]}',
  `{"l":1,"b":1,"f":["pm25"],"r":[${Array.from({ length: 25 }, (_, n) => `[${n + 1},0,60,9,9,1]`).join()}]}`,
])('%j is no message: nothing is taken, and the node hears how far it is had', (payload) => {
  bench.say('rows', payload);
  expect([bench.taken, bench.troubles, bench.haves]).toEqual([[], ['malformed'], [[0, 0]]]);
});

test('the same trouble is told once in ten seconds, with how often it was', async () => {
  for (let n = 0; n < 500; n++) bench.say('rows', 'nonsense');
  await bench.clock.advance(10_000);
  bench.say('rows', 'nonsense');
  expect(bench.events.flatMap((event) => (event.kind === 'node-trouble' ? [event.count] : []))).toEqual([1, 500]);
});

test('while the store does not say how far nodes are heard, none is heard', async () => {
  let answers = false;
  const late = new Bench();
  const { link, clock } = late;
  const hub = new NodeHub({
    ...{ link, clock, instruments: [], observe: () => undefined, onReadings: () => undefined },
    keeping: {
      marks: async () => (answers ? [] : null),
      ...{ hasRoom: () => true, judge: (readings) => readings, take: () => true },
      ...{ listen: () => undefined, show: () => undefined },
    },
  });
  hub.start();
  await clock.advance(4000);
  expect(() => link.connect(node)).toThrow('not started');
  answers = true;
  await clock.advance(1500);
  expect(() => link.connect(node)).not.toThrow();
});
