import { describe, expect, test } from 'vitest';
import { counting, rtuFrame, SimulatedModbusSlave } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import type { ByteEnd } from '../../../test-rigs/links/byte-end.ts';
import { profileWith } from '../../../test-rigs/links/line-scene.ts';
import { MemoryLink } from '../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { Reading } from '../../reading/reading.ts';
import type { DriverEvent, LineSilence } from '../events.ts';
import { Line } from '../line/line.ts';

const holdingRegister = (factor: string, register: number) => ({
  id: factor,
  factor,
  functionCode: 3,
  register,
  type: 'u16',
});

/** A line at 9600 8N1 with two slaves of two registers each, our gateway, and room for somebody else. */
class Scene {
  readonly clock = new SimulatedClock();
  readonly readings: Reading[] = [];
  readonly events: DriverEvent[] = [];
  readonly line: Line;
  readonly link: MemoryLink;
  /** Somebody else's end of the line. */
  readonly other: ByteEnd;
  readonly images = [counting(), counting()];
  /** Bytes that we sent. */
  sent = 0;

  constructor({ listenFirst = 10_000, listenOnly = false, every = 1000 } = {}) {
    const wires = new PacedLine({ clock: this.clock, baudRate: 9600, grain: 'character' });
    this.images.forEach((registers, index) => {
      const slave = new SimulatedModbusSlave({ address: index + 1, registers, clock: this.clock, turnAround: 10 });
      slave.serveRtu(wires.connect());
    });
    this.other = wires.connect();
    const own = wires.connect();
    const counted: ByteEnd = {
      send: (bytes) => {
        this.sent += bytes.length;
        own.send(bytes);
      },
      onBytes: (listener) => own.onBytes(listener),
    };
    const { characterTime } = wires;
    this.link = new MemoryLink({ id: 'rs485-1', clock: this.clock, end: counted, characterTime });
    const profile = profileWith(0, { points: ['voltage', 'current'].map(holdingRegister) });
    this.line = new Line({
      link: this.link,
      framing: 'modbus-rtu',
      instruments: [1, 2].map((address) => ({
        settings: {
          id: `i${address}`,
          profile: profile.profile,
          link: 'rs485-1',
          address,
          point: `p${address}`,
          every,
        },
        profile,
        origin: 'measured',
      })),
      clock: this.clock,
      observe: (event) => this.events.push(event),
      onReadings: (readings) => this.readings.push(...readings),
      random: () => 0.5,
      listenFirst,
      listenOnly,
    });
    this.line.start();
  }

  get silence(): LineSilence[] {
    return this.events.filter((event) => event.kind === 'line-silence');
  }

  /** Another master asks this slave for its two registers, every so many milliseconds, until it is told to stop. */
  poll(address: number, every: number): () => void {
    let stopped = false;
    const ask = (): void => {
      if (stopped) return;
      this.other.send(rtuFrame(address, [3, 0, 0, 0, 2]));
      this.clock.after(every, ask);
    };
    ask();
    return () => {
      stopped = true;
    };
  }

  of(instrument: string): Reading[] {
    return this.readings.filter((reading) => reading.instrument === instrument);
  }

  async stop(): Promise<void> {
    await this.clock.during(this.line.stop());
  }
}

describe('before the first request', () => {
  test('the line is listened to, and polled once nobody was heard', async () => {
    const scene = new Scene();
    await scene.clock.advance(9900);
    expect(scene.sent).toBe(0);
    await scene.clock.advance(3000);
    expect(scene.silence.map(({ state }) => state)).toEqual(['listening', 'clear']);
    expect(scene.of('i1').some(({ value }) => value !== null)).toBe(true);
    await scene.stop();
  });

  test('the periods that pass meanwhile say that it is listened to', async () => {
    const scene = new Scene();
    await scene.clock.advance(9000);
    const missing = scene.of('i1');
    expect(missing.length).toBeGreaterThanOrEqual(2 * 7);
    expect(new Set(missing.map(({ value, mark }) => `${value} ${mark.flag} ${mark.reason} ${mark.basis}`))).toEqual(
      new Set(['null B listening observed']),
    );
    await scene.stop();
  });

  test('junk prolongs the listening twice, then the line is polled all the same and the junk is told', async () => {
    const scene = new Scene();
    for (const at of [3000, 12_000, 22_000]) scene.clock.after(at, () => scene.other.send(Uint8Array.of(0, 0xff, 7)));
    await scene.clock.advance(29_000);
    expect(scene.sent).toBe(0);
    await scene.clock.advance(3000);
    expect(scene.silence.at(-1)).toMatchObject({ state: 'not-understood', junk: 9 });
    expect(scene.sent).toBeGreaterThan(0);
    await scene.stop();
  });

  test('one valid frame, as a late answer to ourselves may be, is not another master', async () => {
    const scene = new Scene();
    scene.clock.after(500, () => scene.other.send(rtuFrame(1, [3, 4, 0, 1, 0, 2])));
    await scene.clock.advance(12_000);
    expect(scene.silence.at(-1)?.state).toBe('clear');
    await scene.stop();
  });
});

describe('a line that another master polls', () => {
  test('is never spoken on, from its first request on', async () => {
    const scene = new Scene();
    scene.clock.after(2000, () => scene.poll(2, 1000));
    await scene.clock.advance(120_000);
    expect(scene.sent).toBe(0);
    expect(scene.silence.map(({ state, asked }) => `${state} ${asked}`)).toEqual(['listening ', 'other-master 2']);
    await scene.stop();
  });

  test('gives the values that were heard, and says of the others that it is listened to', async () => {
    const scene = new Scene();
    scene.poll(2, 1000);
    await scene.clock.advance(60_500);
    const heard = scene.of('i2').filter(({ value }) => value !== null);
    // Each poll asks for two registers.
    expect(heard.length).toBeGreaterThanOrEqual(2 * 59);
    expect(heard.length).toBeLessThanOrEqual(2 * 61);
    const image = scene.images[1];
    expect(heard.map(({ factor }) => factor).slice(0, 2)).toEqual(['voltage', 'current']);
    expect((heard[0]?.value ?? 0) >> 8).toBe((image?.(3, 0) ?? 0) >> 8);
    const missed = scene.of('i1');
    expect(missed.every(({ value, mark }) => value === null && mark.reason === 'listening')).toBe(true);
    expect(missed.length).toBeGreaterThanOrEqual(2 * 57);
    await scene.stop();
  });

  test('more often than the site wants gives no more values than the site wants', async () => {
    const scene = new Scene({ every: 5000 });
    scene.poll(1, 500);
    await scene.clock.advance(60_000);
    const heard = scene.of('i1').filter(({ value }) => value !== null);
    expect(heard.length / 2).toBeGreaterThanOrEqual(11);
    expect(heard.length / 2).toBeLessThanOrEqual(13);
    await scene.stop();
  });

  test('answers who wants a reading with what was heard last, or that nothing was', async () => {
    const scene = new Scene();
    scene.poll(2, 1000);
    await scene.clock.advance(20_300);
    const [heard, not] = await scene.clock.during(Promise.all([scene.line.read('i2'), scene.line.read('i1')]));
    expect(heard.map(({ value }) => value === null)).toEqual([false, false]);
    expect(not.map(({ mark }) => mark.reason)).toEqual(['listening', 'listening']);
    expect(scene.sent).toBe(0);
    await scene.stop();
  });

  test('refuses a search, and says why', async () => {
    const scene = new Scene();
    scene.poll(2, 1000);
    await scene.clock.advance(20_000);
    const question = {
      instrument: null,
      address: 9,
      functionCode: 3,
      start: 0,
      count: 1,
      timeout: 300,
      gap: 0,
    } as const;
    await expect(scene.line.explore(question)).rejects.toThrow('another master polls this line');
    await scene.stop();
  });

  test('is listened to anew when nothing was heard of it for an hour, and then polled', async () => {
    const scene = new Scene({ every: 60_000 });
    const leave = scene.poll(2, 1000);
    await scene.clock.advance(20_000);
    leave();
    await scene.clock.advance(3_590_000);
    expect(scene.sent).toBe(0);
    await scene.clock.advance(120_000);
    expect(scene.silence.map(({ state }) => state)).toEqual(['listening', 'other-master', 'listening', 'clear']);
    expect(scene.sent).toBeGreaterThan(0);
    await scene.stop();
  });

  test('shows what it asks and is answered as transactions in which we sent nothing', async () => {
    const scene = new Scene();
    scene.poll(2, 1000);
    await scene.clock.advance(10_000);
    const transactions = scene.events.filter((event) => event.kind === 'transaction');
    expect(transactions.length).toBeGreaterThanOrEqual(8);
    expect(transactions[0]).toMatchObject({
      instrument: 'i2',
      address: 2,
      outcome: 'ok',
      bytesSent: 0,
      bytesReceived: 9,
    });
    await scene.stop();
  });

  test('on which we speak already falls silent at its second request', async () => {
    const scene = new Scene({ listenFirst: 0, every: 2000 });
    await scene.clock.advance(10_000);
    expect(scene.sent).toBeGreaterThan(0);
    // Between our polls: at 11.0 s both have just been read.
    scene.clock.after(1700, () => scene.other.send(rtuFrame(9, [3, 0, 0, 0, 2])));
    scene.clock.after(3700, () => scene.other.send(rtuFrame(9, [3, 0, 0, 0, 2])));
    await scene.clock.advance(6000);
    expect(scene.silence.at(-1)).toMatchObject({ state: 'other-master', asked: [9] });
    const before = scene.sent;
    await scene.clock.advance(60_000);
    expect(scene.sent).toBe(before);
    await scene.stop();
  });
});

describe('a line that the site only listens to', () => {
  test('is never spoken on, also when nobody is heard', async () => {
    const scene = new Scene({ listenOnly: true });
    await scene.clock.advance(7_300_000);
    expect(scene.sent).toBe(0);
    expect(scene.silence.map(({ state }) => state)).toEqual(['only-listening']);
    await scene.stop();
  });

  test('gives the values that were heard, of both slaves', async () => {
    const scene = new Scene({ listenOnly: true });
    scene.poll(1, 1000);
    scene.clock.after(400, () => scene.poll(2, 1000));
    await scene.clock.advance(30_900);
    for (const id of ['i1', 'i2']) {
      const values = scene.of(id).filter(({ value }) => value !== null);
      expect(values.length).toBeGreaterThanOrEqual(2 * 29);
      expect(scene.of(id).filter(({ value }) => value === null)).toEqual([]);
    }
    await scene.stop();
  });

  test('says that the other master has gone quiet, and goes on when it is back', async () => {
    const scene = new Scene({ listenOnly: true });
    const leave = scene.poll(1, 1000);
    await scene.clock.advance(10_000);
    leave();
    await scene.clock.advance(10_000);
    const missing = scene.of('i1').filter(({ value }) => value === null);
    expect(missing.length).toBeGreaterThanOrEqual(2 * 8);
    scene.poll(1, 1000);
    await scene.clock.advance(10_000);
    expect(scene.of('i1').at(-1)?.value).not.toBeNull();
    await scene.stop();
  });
});
