import { expect, test } from 'vitest';
import type { Clock, WallTime } from '../../../gateway/clock.ts';
import type { Outcome, Transaction } from '../../../gateway/driver/events.ts';
import { counting, type Registers, rtuFrame } from '../../instruments/simulated-modbus-slave.ts';
import { type Fault, faults } from '../../links/faulty-end.ts';
import { minutesOf, samplesOf } from '../received.ts';
import { seededRandom } from '../seeded-random.ts';
import { SimulatedSite } from '../simulated-site.ts';
import type { StoryInstrument } from '../wiring.ts';

const minute = 60_000;
const timeout = 200;

/** Two registers far apart: two requests of the same shape, whose answers nothing tells apart but their order. */
const profile = `
profile: story/counter
name: { zh: 计数器, en: Counter }
sources: [this story]
confidence: C
protocol: modbus
serial: { default: 9600-8N1 }
address: { default: 1 }
limits: { timeoutMs: ${timeout} }
points:
  - { id: pm2.5, factor: pm2.5, functionCode: 3, register: 0, type: u16 }
  - { id: pm10, factor: pm10, functionCode: 3, register: 101, type: u16 }
`;
const registerOf: Readonly<Record<string, number>> = { 'pm2.5': 0, pm10: 101 };

/** What a register really held, and when it was asked for. */
interface Held {
  readonly at: WallTime;
  readonly register: number;
  readonly value: number;
}

/** Registers that hold another number at each request, and keep an account of it. */
function witnessed(clock: Clock, account: Held[]): Registers {
  const image = counting();
  const registers: Registers = (table, register) => {
    const value = image(table, register);
    if (value !== undefined) account.push({ at: clock.wall(), register, value });
    return value;
  };
  registers.onRequest = () => image.onRequest?.();
  return registers;
}

/** A slave whose answers suffer as `choose` says, beside an honest one on the same line, for so many minutes. */
async function lying(choose: (answer: number) => Fault, minutes: number) {
  const transactions: Transaction[] = [];
  const accounts: Record<string, Held[]> = { liar: [], honest: [] };
  const counter = (id: string, address: number): StoryInstrument => {
    const registers = (clock: Clock): Registers => witnessed(clock, accounts[id] ?? []);
    return { id, profile: 'story/counter', every: '1s', link: 'rs485-1', address, registers };
  };
  const site = await SimulatedSite.start({
    instruments: [counter('liar', 1), counter('honest', 2)],
    profiles: { 'story/counter': profile },
    observe: (event) => event.kind === 'transaction' && transactions.push(event),
  });
  let answers = 0;
  site.wiring.end('liar').choose = () => choose(answers++);
  await site.clock.advance(minutes * minute + 2000);
  await site.drained();
  return { site, accounts, transactions };
}

/** Values at the platform that are not what the slave held when it was asked, and how many are. */
function compared(site: SimulatedSite, instrument: string, account: readonly Held[]) {
  const valid = samplesOf(site.platform, instrument).filter(({ flag }) => flag === 'N');
  const isTrue = (sample: (typeof valid)[number]): boolean => {
    const asked = account.findLast(({ at, register }) => at <= sample.at && register === registerOf[sample.factor]);
    return asked !== undefined && asked.value === sample.value && sample.at - asked.at < timeout + 100;
  };
  return { right: valid.filter(isTrue).length, wrong: valid.filter((sample) => !isTrue(sample)) };
}

/** Minutes whose smallest or largest value the slave never held in that minute. */
function wrongMinutes(site: SimulatedSite, instrument: string, account: readonly Held[]): unknown[] {
  return Object.entries(registerOf).flatMap(([factor, register]) =>
    minutesOf(site.platform, instrument, factor).filter(({ from, minimum, maximum }) => {
      const begin = Date.parse(from);
      // A value belongs to the minute in which its answer was complete, a little after the slave was asked.
      const since = begin - timeout - 100;
      const held = account.filter((one) => one.register === register && one.at >= since && one.at < begin + minute);
      return [minimum, maximum].some((number) => number !== null && !held.some(({ value }) => value === number));
    }),
  );
}

const ofNeighbour = (answer: Uint8Array): Uint8Array => rtuFrame(2, answer.subarray(1, -2));
const junk = Uint8Array.of(0x00, 0xff, 0x7e);

test.each<[string, Fault, Outcome]>([
  ['answers 300 ms late with a timeout of 200 ms', faults.late(300), 'no-bytes'],
  ['breaks off in its answers', faults.truncated(4), 'short'],
  ['corrupts its answers', faults.flipped(3, 5), 'crc'],
  ['answers in the name of its neighbour', faults.replaced(ofNeighbour), 'foreign-slave'],
  ['sends junk before its answers', faults.junkBefore(junk), 'ok'],
])(
  'a slave that %s puts no wrong value on record, and each case is counted as what it is',
  async (_, fault, outcome) => {
    const spoilt = (answer: number): boolean => answer % 3 === 1;
    const { site: story, accounts, transactions } = await lying((answer) => (spoilt(answer) ? fault : faults.none), 5);
    await using site = story;
    const { liar = [], honest = [] } = accounts;
    for (const [id, account] of [['liar', liar] as const, ['honest', honest] as const]) {
      const { right, wrong } = compared(site, id, account);
      expect(wrong).toEqual([]);
      expect(right).toBeGreaterThan(300);
      expect(wrongMinutes(site, id, account)).toEqual([]);
    }

    const [first, second] = site.gateway.diagnosis.picture().instruments;
    const answers = liar.length;
    const suffered = Array.from({ length: answers }, (_, answer) => answer).filter(spoilt).length;
    expect(suffered).toBeGreaterThan(100);
    const counted = first?.counters ?? ({} as Record<Outcome, number>);
    if (outcome === 'ok') expect(counted.ok).toBe(answers);
    else expect([counted.ok, counted[outcome]]).toEqual([answers - suffered, suffered]);
    expect(Object.values(counted).reduce((sum, count) => sum + count, 0)).toBe(answers);
    expect(second?.counters).toMatchObject({ ok: honest.length });
    expect(Object.values(second?.counters ?? {}).reduce((sum, count) => sum + count, 0)).toBe(honest.length);
    if (outcome === 'no-bytes') expect(first?.late).toBeGreaterThan(0);
    if (outcome === 'ok')
      expect(transactions.filter((one) => one.junkBefore + one.junkAfter === junk.length)).toHaveLength(suffered);
  },
);

const kinds: readonly Fault[] = [
  faults.none,
  faults.late(300),
  faults.truncated(4),
  faults.none,
  faults.flipped(3, 5),
  faults.replaced(ofNeighbour),
  faults.late(210),
  faults.junkBefore(junk),
  faults.twice,
  faults.late(390),
  faults.preceded(ofNeighbour),
];

async function tellsNothingWrong(choose: (answer: number) => Fault): Promise<void> {
  const { site: story, accounts } = await lying(choose, 15);
  await using site = story;
  for (const id of ['liar', 'honest']) {
    const { right, wrong } = compared(site, id, accounts[id] ?? []);
    expect(wrong).toEqual([]);
    expect(right).toBeGreaterThan(100);
    expect(wrongMinutes(site, id, accounts[id] ?? [])).toEqual([]);
  }
}

test('a slave that does all of it in turn puts no wrong value on record, and some true ones', () =>
  tellsNothingWrong((answer) => kinds[answer % kinds.length] ?? faults.none));

test.each([1, 2, 3, 4, 5, 6])('nor does one that does all of it at random (seed %i)', (seed) => {
  const random = seededRandom(seed);
  return tellsNothingWrong(() => kinds[Math.floor(random() * kinds.length)] ?? faults.none);
});
