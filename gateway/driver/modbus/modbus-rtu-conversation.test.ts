import { describe, expect, test } from 'vitest';
import { rtuFrame } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { type ByteEnd, join } from '../../../test-rigs/links/byte-end.ts';
import { EchoingEnd } from '../../../test-rigs/links/faulty-end.ts';
import { MemoryLink } from '../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { Transaction } from '../events.ts';
import type { ModbusQuestion, ModbusResult } from './modbus-exchange.ts';
import { ModbusRtuConversation } from './modbus-rtu-conversation.ts';

const question: ModbusQuestion = {
  instrument: 'dust-1',
  address: 1,
  functionCode: 3,
  start: 10,
  count: 1,
  timeout: 200,
  gap: 0,
};
const answer = rtuFrame(1, [3, 2, 0x12, 0x34]);

/** A line at 9600 8N1 with a conversation at one end and, at the other, whatever `reply` puts on it for each request. */
class Bench {
  readonly clock = new SimulatedClock();
  readonly told: Transaction[] = [];
  /** When each request began and ended to arrive, and what it was. */
  readonly requests: { at: number; bytes: Uint8Array }[] = [];
  readonly conversation: ModbusRtuConversation;
  readonly link: MemoryLink;
  readonly far: ByteEnd;

  constructor(
    reply: (send: (after: number, ...frames: Uint8Array[]) => void, request: number) => void,
    more: { echo?: boolean } = {},
  ) {
    const line = new PacedLine({ clock: this.clock, baudRate: 9600, grain: 'character' });
    const adapter = line.connect();
    this.far = line.connect();
    const end = more.echo ? new EchoingEnd(adapter) : adapter;
    this.link = new MemoryLink({
      id: 'rs485-1',
      clock: this.clock,
      end,
      characterTime: line.characterTime,
    });
    this.conversation = new ModbusRtuConversation({
      link: this.link,
      clock: this.clock,
      observe: (event) => this.told.push(event),
    });
    let heard: number[] = [];
    this.far.onBytes((bytes) => {
      heard.push(...bytes);
      if (heard.length < 8) return;
      this.requests.push({ at: this.clock.monotonic(), bytes: Uint8Array.from(heard) });
      heard = [];
      const send = (after: number, ...frames: Uint8Array[]): void =>
        void this.clock.after(after, () => {
          for (const frame of frames) this.far.send(frame);
        });
      reply(send, this.requests.length);
    });
    void this.link.open();
  }

  ask(more: Partial<ModbusQuestion> = {}): Promise<ModbusResult> {
    return this.clock.during(this.conversation.ask({ ...question, ...more }));
  }

  get last(): Transaction {
    return this.told.at(-1) as Transaction;
  }
}

describe('one thing goes wrong with an answer', () => {
  test('nothing: the data comes out, with the time to the first byte', async () => {
    const bench = new Bench((send) => send(30, answer));
    expect([...((await bench.ask()).data ?? [])]).toEqual([0x12, 0x34]);
    expect(bench.last).toMatchObject({
      outcome: 'ok',
      junkBefore: 0,
      junkAfter: 0,
      late: 0,
      exception: null,
      address: 1,
      instrument: 'dust-1',
    });
    expect(bench.last.firstByte).toBeCloseTo(31, 0);
    expect([...bench.last.sent]).toEqual([...rtuFrame(1, [3, 0, 10, 0, 1])]);
    expect([...bench.last.received]).toEqual([...answer]);
  });

  test.each<[string, Uint8Array[], Partial<Transaction>]>([
    ['silence', [], { outcome: 'no-bytes', firstByte: null }],
    ['it ends too early', [answer.subarray(0, 4)], { outcome: 'short' }],
    ['only its first byte comes', [answer.subarray(0, 1)], { outcome: 'short' }],
    ['its check sum is wrong', [Uint8Array.of(1, 3, 2, 0x12, 0x34, 0, 0)], { outcome: 'crc' }],
    ['another slave answers', [rtuFrame(2, [3, 2, 9, 9])], { outcome: 'foreign-slave' }],
    ['another function is answered', [rtuFrame(1, [4, 2, 9, 9])], { outcome: 'foreign-function' }],
    ['another number of registers comes', [rtuFrame(1, [3, 4, 9, 9, 9, 9])], { outcome: 'foreign-length' }],
    [
      'our own request comes back with its end cut off',
      [rtuFrame(1, [3, 0, 10, 0, 1]).subarray(0, 6)],
      { outcome: 'echo' },
    ],
    ['the slave refuses', [rtuFrame(1, [0x83, 2])], { outcome: 'exception', exception: 2 }],
    ['only noise comes', [Uint8Array.of(0xff, 0x00, 0xfe)], { outcome: 'junk' }],
    [
      'two different answers come, and nobody knows which is true',
      [answer, rtuFrame(1, [3, 2, 9, 9])],
      { outcome: 'foreign-slave' },
    ],
    ['the same answer comes twice', [answer, answer], { outcome: 'ok', junkAfter: 7 }],
    ['noise comes behind it', [answer, Uint8Array.of(0, 0xff)], { outcome: 'ok', junkAfter: 2 }],
  ])('%s', async (_, frames, told) => {
    const bench = new Bench((send) => send(5, ...frames));
    const { data } = await bench.ask();
    expect(bench.last).toMatchObject(told);
    expect(data === null).toBe(told.outcome !== 'ok');
  });

  test.each<[string, Uint8Array[], number]>([
    ['zeros before it', [Uint8Array.of(0, 0, 0), answer], 3],
    ['the head of a damaged answer before it', [answer.subarray(0, 3), answer], 3],
    ['the answer of another slave before it', [rtuFrame(2, [3, 2, 9, 9]), answer], 7],
    ['the answer of another function before it', [rtuFrame(1, [4, 2, 9, 9]), answer], 7],
    ["another master's request before it", [rtuFrame(7, [3, 0, 0, 0, 1]), answer], 8],
  ])('%s: the answer is still found, and what was stepped over is counted', async (_, frames, junk) => {
    const bench = new Bench((send) => send(5, ...frames));
    expect([...((await bench.ask()).data ?? [])]).toEqual([0x12, 0x34]);
    expect(bench.last).toMatchObject({ outcome: 'ok', junkBefore: junk, junkAfter: 0 });
  });

  test('an answer in two pieces 100 ms apart is one answer', async () => {
    for (let at = 1; at < answer.length; at += 1) {
      const bench = new Bench((send) => {
        send(100, answer.subarray(0, at));
        send(195, answer.subarray(at));
      });
      expect((await bench.ask()).outcome, `cut at ${at}`).toBe('ok');
    }
  });

  test('noise without end does not hold the line for longer than an answer may take', async () => {
    const bench = new Bench((send) => send(0, new Uint8Array(2000).fill(0x55)));
    expect((await bench.ask()).outcome).toBe('junk');
    expect(bench.last.duration).toBeLessThan(400);
  });
});

describe('an adapter that hears itself', () => {
  test('its echo is stripped and the answer behind it taken', async () => {
    const bench = new Bench((send) => send(5, answer), { echo: true });
    expect((await bench.ask()).outcome).toBe('ok');
    expect(bench.last).toMatchObject({ junkBefore: 0, junkAfter: 0, echoed: bench.last.sent.length });
    expect([...bench.last.received.subarray(0, 8)]).toEqual([...bench.last.sent]);
  });

  test('an echo and nothing else is told as such', async () => {
    const bench = new Bench(() => undefined, { echo: true });
    expect((await bench.ask()).outcome).toBe('echo');
    expect([...bench.last.received]).toEqual([...bench.last.sent]);
  });
});

describe('answers that come too late', () => {
  test('are thrown away and never taken for the next answer', async () => {
    const bench = new Bench((send, request) => send(request === 1 ? 300 : 5, rtuFrame(1, [3, 2, 0, request])));
    expect((await bench.ask()).outcome).toBe('no-bytes');
    expect([...((await bench.ask({ start: 20 })).data ?? [])]).toEqual([0, 2]);
    expect(bench.last.late).toBe(answer.length);
  });

  test('free their slave as soon as they have come', async () => {
    const bench = new Bench((send, request) => send(request === 1 ? 230 : 5, answer));
    await bench.ask();
    await bench.ask();
    const [first, second] = bench.requests;
    // 200 ms timeout, the answer's end 38 ms after it, and the silence between frames.
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(260);
  });

  test('are waited for one more timeout, then the slave is asked again', async () => {
    const bench = new Bench(() => undefined);
    await bench.ask();
    await bench.ask();
    const [first, second] = bench.requests;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(400);
  });

  test('do not hold up other slaves, whose answers carry another address', async () => {
    const bench = new Bench((send, request) => {
      if (request === 1) send(280, answer);
      else send(5, rtuFrame(2, [3, 2, 0, 7]));
    });
    await bench.ask();
    expect([...((await bench.ask({ address: 2 })).data ?? [])]).toEqual([0, 7]);
    const [first, second] = bench.requests;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(225);
  });

  test('that were once later than a timeout are waited for that long afterwards', async () => {
    const bench = new Bench((send, request) => {
      if (request === 1) send(390, answer);
      else if (request > 1) send(5, answer);
    });
    await bench.ask();
    await bench.ask();
    expect(bench.told.map(({ outcome }) => outcome)).toEqual(['no-bytes', 'ok']);
  });
});

describe('the silence between frames', () => {
  test('is at least 3.5 characters before every request', async () => {
    const bench = new Bench((send, request) => send(1, rtuFrame(1, [3, 2, 0, request])));
    const ends: number[] = [];
    for (let count = 0; count < 20; count += 1) {
      await bench.ask();
      ends.push(bench.told.at(-1)?.monotonic ?? 0);
    }
    const character = 10_000 / 9600;
    bench.requests.slice(1).forEach(({ at }, index) => {
      expect(at - 8 * character - (ends[index] ?? 0)).toBeGreaterThanOrEqual(3.5 * character - 0.01);
    });
  });

  test('is at least 3.5 characters after a refusal and after what others said', async () => {
    const bench = new Bench((send) => send(1, rtuFrame(1, [0x83, 2])));
    await bench.ask();
    await bench.ask();
    const begun = (index: number): number => (bench.requests[index]?.at ?? 0) - 8 * (10_000 / 9600);
    expect(begun(1) - (bench.told[0]?.monotonic ?? 0)).toBeGreaterThanOrEqual(3.5 * (10_000 / 9600) - 0.01);
    bench.far.send(Uint8Array.of(9));
    await bench.clock.advance(2);
    const heard = bench.clock.monotonic();
    await bench.ask();
    expect(begun(2) - heard).toBeGreaterThanOrEqual(2.5 * (10_000 / 9600) - 0.1);
    expect(bench.last.late).toBe(1);
  });

  test('is awaited again while a damaged answer still trickles in', async () => {
    const bench = new Bench((send, request) => {
      if (request > 1) return send(5, answer);
      send(0, Uint8Array.of(1, 3, 2, 0x12, 0x34, 0, 0));
      send(60, Uint8Array.of(1, 2, 3, 4));
    });
    expect((await bench.ask()).outcome).toBe('crc');
    expect((await bench.ask()).outcome).toBe('ok');
  });

  test('that an instrument wants after its answer is kept', async () => {
    const bench = new Bench((send) => send(1, answer));
    await bench.ask({ gap: 150 });
    await bench.ask({ gap: 150 });
    expect((bench.requests[1]?.at ?? 0) - (bench.told[0]?.monotonic ?? 0)).toBeGreaterThanOrEqual(150);
  });
});

test('a link that is lost under a question ends it as lost', async () => {
  const bench = new Bench(() => undefined);
  bench.clock.after(50, () => bench.link.unplug());
  expect((await bench.ask()).outcome).toBe('line-lost');
  expect((await bench.ask()).outcome).toBe('line-lost');
});

test('a relay between two lines passes a conversation', async () => {
  const clock = new SimulatedClock();
  const near = new PacedLine({ clock, baudRate: 19_200 });
  const far = new PacedLine({ clock, baudRate: 19_200 });
  join(near.connect(), far.connect());
  const slave = far.connect();
  slave.onBytes(() => slave.send(answer));
  const link = new MemoryLink({ id: 'line', clock, end: near.connect(), characterTime: near.characterTime });
  await link.open();
  const conversation = new ModbusRtuConversation({ link, clock, observe: () => undefined });
  expect((await clock.during(conversation.ask(question))).outcome).toBe('ok');
});
