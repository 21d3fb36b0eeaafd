import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modbusTcpFrame } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { MemoryLink } from '../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { Transaction } from '../events.ts';
import type { ModbusQuestion, ModbusResult } from './modbus-exchange.ts';
import { ModbusTcpConversation } from './modbus-tcp-conversation.ts';

const question: ModbusQuestion = {
  instrument: 'dust-1',
  address: 1,
  functionCode: 3,
  start: 10,
  count: 1,
  timeout: 200,
  gap: 0,
};

/** One register of value `value` under that number. */
const answer = (number: number, value: number, unit = 1): Uint8Array =>
  modbusTcpFrame(number >> 8, number & 0xff, unit, Uint8Array.of(3, 2, value >> 8, value & 0xff));

interface Request {
  readonly number: number;
  readonly unit: number;
  readonly start: number;
  readonly at: number;
}

/** A connection with a conversation at one end and, at the other, whatever `reply` sends for each request. */
class Bench {
  readonly clock = new SimulatedClock();
  readonly told: Transaction[] = [];
  readonly requests: Request[] = [];
  readonly conversation: ModbusTcpConversation;
  readonly link: MemoryLink;

  constructor(
    reply: (send: (after: number, ...bytes: Uint8Array[]) => void, request: Request, place: number) => void,
    outstanding = 1,
  ) {
    const line = new PacedLine({ clock: this.clock });
    this.link = new MemoryLink({ id: 'cabinet', clock: this.clock, end: line.connect() });
    this.conversation = new ModbusTcpConversation({
      link: this.link,
      clock: this.clock,
      observe: (event) => this.told.push(event),
      outstanding,
    });
    const far = line.connect();
    const send = (after: number, ...pieces: Uint8Array[]): void =>
      void this.clock.after(after, () => {
        for (const piece of pieces) far.send(piece);
      });
    let heard: number[] = [];
    far.onBytes((bytes) => {
      heard.push(...bytes);
      for (; heard.length >= 12; heard = heard.slice(12)) {
        const [high = 0, low = 0, , , , , unit = 0, , startHigh = 0, startLow = 0] = heard;
        const number = high * 256 + low;
        this.requests.push({ number, unit, start: startHigh * 256 + startLow, at: this.clock.monotonic() });
        reply(send, this.requests.at(-1) as Request, this.requests.length);
      }
    });
    void this.link.open();
  }

  ask(more: Partial<ModbusQuestion> = {}): Promise<ModbusResult> {
    return this.clock.during(this.conversation.ask({ ...question, ...more }));
  }

  askAll(questions: readonly Partial<ModbusQuestion>[]): Promise<ModbusResult[]> {
    return this.clock.during(Promise.all(questions.map((more) => this.conversation.ask({ ...question, ...more }))));
  }
}

const registerOf = ({ data }: ModbusResult): number | null => data && (data[0] ?? 0) * 256 + (data[1] ?? 0);

describe('one question at a time', () => {
  test('a late answer is known by its number, and the slave is asked again at once', async () => {
    const bench = new Bench((send, { number }, place) => send(place === 1 ? 210 : 20, answer(number, place)));
    expect((await bench.ask()).outcome).toBe('no-bytes');
    expect(registerOf(await bench.ask())).toBe(2);
    expect((bench.requests[1]?.at ?? 0) - (bench.requests[0]?.at ?? 0)).toBeLessThan(220);
    await bench.ask();
    expect(bench.told.map(({ late }) => late)).toEqual([0, 0, answer(1, 1).length]);
  });

  test('half a late answer left over does not damage the next one', async () => {
    const bench = new Bench((send, { number }, place) => {
      if (place > 1) return send(20, answer(number, place));
      send(190, answer(number, 1).subarray(0, 6));
      send(210, answer(number, 1).subarray(6));
    });
    await bench.ask();
    expect(registerOf(await bench.ask())).toBe(2);
  });

  test('half an answer and no more is short, and its bytes are counted once when the rest comes', async () => {
    const bench = new Bench((send, { number }, place) => {
      if (place > 1) return send(20, answer(number, place));
      send(20, answer(number, 1).subarray(0, 6));
      send(210, answer(number, 1).subarray(6));
    });
    expect((await bench.ask()).outcome).toBe('short');
    expect((await bench.ask()).outcome).toBe('ok');
    await bench.ask();
    expect(bench.told.map(({ bytesReceived }) => bytesReceived)).toEqual([6, 11, 16]);
  });

  test('an answer under a number that nobody asked under is foreign, and does not stand in the way of the right one', async () => {
    const bench = new Bench((send, { number }, place) =>
      place === 1 ? send(5, answer(0xffff, 1)) : send(5, answer(0xffff, 1), answer(number, 7)),
    );
    expect(await bench.ask()).toMatchObject({ outcome: 'foreign-slave', data: null });
    expect(registerOf(await bench.ask())).toBe(7);
    expect(bench.told.map(({ junkBefore }) => junkBefore)).toEqual([11, 11]);
  });

  test('an answer in pieces is one answer', async () => {
    const bench = new Bench((send, { number }) => {
      [...answer(number, 0x1234)].forEach((byte, place) => {
        send(10 + place, Uint8Array.of(byte));
      });
    });
    expect(registerOf(await bench.ask())).toBe(0x1234);
  });

  test('a stream without boundaries is closed, to be opened anew', async () => {
    const bench = new Bench((send) => send(5, Uint8Array.of(0, 1, 0, 0, 0x7f, 0xff, 1, 3, 2, 0, 1)));
    expect((await bench.ask()).outcome).toBe('junk');
    expect(bench.link.isOpen).toBe(false);
  });

  test('the right number with the answer of another unit is not taken', async () => {
    const bench = new Bench((send, { number }) => send(5, answer(number, 7, 2)));
    expect(await bench.ask()).toMatchObject({ outcome: 'foreign-slave', data: null });
  });

  test('a connection that falls silent is made anew, since its other end may be gone', async () => {
    const bench = new Bench((send, { number }, place) => place === 1 && send(5, answer(number, 1)));
    expect((await bench.ask()).outcome).toBe('ok');
    for (let count = 0; count < 3; count += 1) expect((await bench.ask()).outcome).toBe('no-bytes');
    expect(bench.link.isOpen).toBe(false);
  });

  test('a slave that has never answered says nothing about the connection', async () => {
    const bench = new Bench(() => undefined);
    for (let count = 0; count < 10; count += 1) expect((await bench.ask()).outcome).toBe('no-bytes');
    expect(bench.link.isOpen).toBe(true);
  });

  test('the gap that an instrument wants after its answer is kept', async () => {
    const bench = new Bench((send, { number }) => send(5, answer(number, 1)));
    await bench.ask({ gap: 150 });
    await bench.ask({ gap: 150 });
    expect((bench.requests[1]?.at ?? 0) - (bench.requests[0]?.at ?? 0)).toBeGreaterThanOrEqual(155);
  });

  test('a link that is lost under a question ends it as lost', async () => {
    const bench = new Bench(() => undefined);
    bench.clock.after(50, () => bench.link.unplug());
    expect((await bench.ask()).outcome).toBe('line-lost');
    expect((await bench.ask()).outcome).toBe('line-lost');
  });
});

describe('several questions under way', () => {
  test('answers in another order each find their question', async () => {
    const bench = new Bench((send, { number, start }) => send(100 - start, answer(number, start)), 3);
    const results = await bench.askAll([{ start: 10 }, { start: 20 }, { start: 30 }]);
    expect(results.map(registerOf)).toEqual([10, 20, 30]);
  });

  test('all requests are out before the first answer comes', async () => {
    const bench = new Bench((send, { number, start }) => send(50, answer(number, start)), 3);
    await bench.askAll([{ start: 10 }, { start: 20 }, { start: 30 }]);
    expect(bench.requests.map(({ at }) => at)).toEqual([0, 0, 0]);
  });

  test('those that queue behind others in the device are not given up while answers come', async () => {
    let free = 0;
    const bench = new Bench((send, { number, start, at }) => {
      free = Math.max(free, at) + 150;
      send(free - at, answer(number, start));
    }, 4);
    const results = await bench.askAll([{ start: 1 }, { start: 2 }, { start: 3 }, { start: 4 }]);
    expect(results.map(registerOf)).toEqual([1, 2, 3, 4]);
  });

  test('one that stays unanswered is given up alone', async () => {
    const bench = new Bench((send, { number, start }) => start !== 20 && send(30, answer(number, start)), 3);
    const results = await bench.askAll([{ start: 10 }, { start: 20 }, { start: 30 }]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['ok', 'no-bytes', 'ok']);
  });

  test('when the connection is lost, each ends as lost', async () => {
    const bench = new Bench(() => undefined, 3);
    bench.clock.after(50, () => bench.link.unplug());
    const results = await bench.askAll([{ start: 10 }, { start: 20 }, { start: 30 }]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['line-lost', 'line-lost', 'line-lost']);
  });

  test('no value is ever one that was not sent for that request, whatever order, delay, repeat or foreign frame', async () => {
    const fate = fc.record({
      after: fc.constantFrom(1, 40, 150, 199, 201, 350),
      what: fc.constantFrom('answer', 'twice', 'other unit', 'other number', 'silence', 'split', 'refusal'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { minLength: 12, maxLength: 24 }), async (fates) => {
        const bench = new Bench((send, { number, start }, place) => {
          const { after, what } = fates[place - 1] ?? { after: 1, what: 'answer' };
          const frame = answer(number, start);
          if (what === 'answer') send(after, frame);
          else if (what === 'twice') send(after, frame, frame);
          else if (what === 'other unit') send(after, answer(number, 9999, 2));
          else if (what === 'other number') send(after, answer(number + 40_000, 9999), frame);
          else if (what === 'refusal')
            send(after, modbusTcpFrame(number >> 8, number & 0xff, 1, Uint8Array.of(0x83, 4)));
          else if (what === 'split') {
            send(after, frame.subarray(0, 7));
            send(after, frame.subarray(7));
          }
        }, 4);
        for (let from = 0; from < fates.length; from += 4) {
          const starts = Array.from({ length: Math.min(4, fates.length - from) }, (_, place) => 100 + from + place);
          const results = await bench.askAll(starts.map((start) => ({ start })));
          results.forEach((result, place) => {
            if (result.data) expect(registerOf(result)).toBe(starts[place]);
          });
          if (!bench.link.isOpen) await bench.link.open();
        }
      }),
      { seed: 20_261_125, numRuns: 60 },
    );
  });
});
