import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counting, rtuFrame, SimulatedModbusSlave } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { EchoingEnd, type Fault, FaultyEnd, faults } from '../../../test-rigs/links/faulty-end.ts';
import { MemoryLink } from '../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { Outcome, Transaction } from '../events.ts';
import type { ModbusResult } from './modbus-exchange.ts';
import { ModbusRtuConversation } from './modbus-rtu-conversation.ts';

const timeout = 200;

/** Two slaves on a line at 19200 8N1 whose every register names itself, its table and the request it is read by. */
class Line {
  readonly clock = new SimulatedClock();
  readonly told: Transaction[] = [];
  readonly conversation: ModbusRtuConversation;
  readonly link: MemoryLink;
  readonly images = [counting(), counting()];
  readonly ends: FaultyEnd[];
  wrong = 0;
  right = 0;

  constructor(echo = false) {
    const line = new PacedLine({ clock: this.clock, baudRate: 19_200, grain: 'character' });
    this.ends = this.images.map((registers, index) => {
      const end = new FaultyEnd(line.connect(), this.clock);
      new SimulatedModbusSlave({ address: index + 1, registers, clock: this.clock, turnAround: 5 }).serveRtu(end);
      return end;
    });
    const end = echo ? new EchoingEnd(line.connect()) : line.connect();
    this.link = new MemoryLink({ id: 'line', clock: this.clock, end, characterTime: line.characterTime });
    const observe = (event: Transaction): void => void this.told.push(event);
    this.conversation = new ModbusRtuConversation({ link: this.link, clock: this.clock, observe });
    void this.link.open();
  }

  /** Reads, and compares every value with what the slave held for this very request. */
  async read(slave: 0 | 1, functionCode: 1 | 2 | 3 | 4, start: number, count: number): Promise<ModbusResult> {
    const read = { instrument: `slave-${slave}`, address: slave + 1, functionCode, start, count, timeout, gap: 0 };
    const result = await this.clock.during(this.conversation.ask(read));
    const image = this.images[slave];
    if (!result.data || !image) return result;
    const values = Array.from({ length: count }, (_, index) => image(functionCode, start + index) ?? 0);
    const expected =
      functionCode > 2
        ? values.flatMap((value) => [value >> 8, value & 0xff])
        : Array.from({ length: Math.ceil(count / 8) }, (_, byte) =>
            values.slice(byte * 8, byte * 8 + 8).reduce((bits, value, bit) => bits | (value << bit), 0),
          );
    if (expected.join() === [...result.data].join()) this.right += 1;
    else this.wrong += 1;
    return result;
  }
}

const otherSlave = (answer: Uint8Array): Uint8Array => rtuFrame(77, answer.subarray(1, -2));
const otherFunction = (answer: Uint8Array): Uint8Array =>
  rtuFrame(answer[0] ?? 0, [(answer[1] ?? 0) ^ 7, ...answer.subarray(2, -2)]);

const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constant<Fault>(faults.none),
  fc.constant<Fault>(faults.silent),
  fc.constant<Fault>(faults.twice),
  fc.constantFrom(50, 150, 210, 250, 300, 340).map(faults.late),
  fc.nat(30).map(faults.truncated),
  fc.tuple(fc.nat(60), fc.nat(7)).map(([at, bit]) => faults.flipped(at, bit)),
  bytes.map(faults.junkBefore),
  bytes.map(faults.junkAfter),
  fc.constantFrom(otherSlave, otherFunction).map(faults.replaced),
  fc.constantFrom(otherSlave, otherFunction).map(faults.preceded),
  fc.tuple(fc.nat(20), fc.nat(150)).map(([at, pause]) => faults.split(at, pause)),
);
const anyRead = fc.record({
  slave: fc.constantFrom<0 | 1>(0, 1),
  functionCode: fc.constantFrom<1 | 2 | 3 | 4>(1, 2, 3, 4),
  start: fc.constantFrom(0, 10, 20, 30),
  count: fc.constantFrom(2, 2, 2, 5),
  fault: anyFault,
});

describe('whatever happens to the answers', () => {
  test.each([false, true])(
    'no value is ever one of another request or register (adapter hears itself: %s)',
    async (echo) => {
      const outcomes = new Set<Outcome>();
      await fc.assert(
        fc.asyncProperty(fc.array(anyRead, { minLength: 20, maxLength: 40 }), async (reads) => {
          const line = new Line(echo);
          for (const { slave, functionCode, start, count, fault } of reads) {
            for (const end of line.ends) end.choose = () => fault;
            outcomes.add((await line.read(slave, functionCode, start, count)).outcome);
          }
          expect(line.wrong).toBe(0);
        }),
        { seed: 20_261_124, numRuns: 25 },
      );
      // The faults did happen: each class of outcome was met, and true answers as well.
      for (const met of [
        'ok',
        echo ? 'echo' : 'no-bytes',
        'short',
        'crc',
        'foreign-slave',
        'foreign-function',
        'junk',
      ] as const) {
        expect(outcomes, met).toContain(met);
      }
    },
  );
});

/** Every fifth answer suffers; what the reads come to, and what the transactions were counted as. */
async function everyFifth(fault: Fault): Promise<{ line: Line; counted: Partial<Record<Outcome, number>> }> {
  const line = new Line();
  const counted: Partial<Record<Outcome, number>> = {};
  for (let index = 0; index < 100; index += 1) {
    for (const end of line.ends) end.choose = () => (index % 5 === 4 ? fault : faults.none);
    const { outcome } = await line.read(0, 3, (index * 10) % 70, 2);
    counted[outcome] = (counted[outcome] ?? 0) + 1;
  }
  expect(line.wrong).toBe(0);
  expect(line.right).toBe(counted.ok);
  return { line, counted };
}

describe('each case is counted as what it is', () => {
  test('answers 300 ms late with a timeout of 200 ms: silence, and late bytes thrown away', async () => {
    const { line, counted } = await everyFifth(faults.late(300));
    expect(counted).toEqual({ ok: 80, 'no-bytes': 20 });
    // The last late answer comes after the last read.
    expect(line.told.reduce((sum, { late }) => sum + late, 0)).toBe(19 * 9);
  });

  test.each<[string, Fault, Partial<Record<Outcome, number>>]>([
    ['truncated answers', faults.truncated(5), { ok: 80, short: 20 }],
    ['answers with a flipped data bit', faults.flipped(4), { ok: 80, crc: 20 }],
    ['answers with a flipped check sum', faults.flipped(8), { ok: 80, crc: 20 }],
    ['answers of another slave', faults.replaced(otherSlave), { ok: 80, 'foreign-slave': 20 }],
    ['answers to another function', faults.replaced(otherFunction), { ok: 80, 'foreign-function': 20 }],
    ['junk before good answers', faults.junkBefore(Uint8Array.of(0, 0xff, 1)), { ok: 100 }],
    ['junk in place of answers', faults.replaced(() => Uint8Array.of(0xfe, 0, 0xff)), { ok: 80, junk: 20 }],
    ['no answers', faults.silent, { ok: 80, 'no-bytes': 20 }],
  ])('%s', async (_, fault, expected) => {
    expect((await everyFifth(fault)).counted).toEqual(expected);
  });

  test('junk before good answers shows in the count of bytes stepped over', async () => {
    const { line } = await everyFifth(faults.junkBefore(Uint8Array.of(0, 0xff, 1)));
    expect(line.told.reduce((sum, { junkBefore }) => sum + junkBefore, 0)).toBe(20 * 3);
  });
});
