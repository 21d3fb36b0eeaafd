import { beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../test-rigs/stories/seeded-random.ts';
import { ClockedUno } from '../../test-rigs/surroundings/avr-board/clocked-uno.ts';
import { RegisterDevice } from '../../test-rigs/surroundings/avr-board/i2c-device.ts';
import { firmataOfAnotherName, standardFirmata } from '../../test-rigs/surroundings/avr-board/sketches.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { type Board, type BoardFault, type BoardPort, isBoardFault } from './board.ts';
import { openBoard } from './johnny-five-board.ts';

const clock = new SimulatedClock();
const uno = new ClockedUno({ clock, flash: standardFirmata() });

async function opened(port: BoardPort, onLost: (fault: BoardFault) => void = () => undefined): Promise<Board> {
  const board = await clock.during(openBoard({ port, clock, samplingInterval: 19, onLost }));
  if (isBoardFault(board)) throw new Error(board.message);
  return board;
}

/** A port on which nothing answers, but on which a test may say something. */
function port(): BoardPort & { say(bytes: Uint8Array): void; isClosed: boolean } {
  let take: (bytes: Uint8Array) => void = () => undefined;
  return {
    name: 'cabinet: /dev/ttyACM0',
    isClosed: false,
    write: () => undefined,
    hear(taking) {
      take = taking;
    },
    say: (bytes) => take(bytes),
    async close() {
      this.isClosed = true;
    },
  };
}

const listenersOfProcess = (): string[] =>
  process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name as string)}`);
let [before, after]: string[][] = [[], []];

// Loading the libraries takes real time, in which a simulated clock runs away.
beforeAll(async () => {
  before = listenersOfProcess();
  const board = await opened(uno.port());
  await clock.during(board.close());
  after = listenersOfProcess();
});

test('the libraries leave nothing behind that listens to the process, and no timer', () => {
  expect(before).not.toEqual([]);
  expect(after).toEqual(before);
  // The one of the chip.
  expect(clock.pending).toBe(1);
});

describe('opening a board', () => {
  const onLost = (): void => undefined;

  test('that says nothing is a board without firmware, with what to do, after eight seconds; its port is closed', async () => {
    const clock = new SimulatedClock();
    const silent = port();
    const start = clock.monotonic();
    const fault = await clock.during(openBoard({ port: silent, clock, samplingInterval: 19, onLost }));
    expect(fault).toMatchObject({
      kind: 'no-firmware',
      message: expect.stringMatching(/^cabinet: \/dev\/ttyACM0: .*StandardFirmata/),
    });
    expect(clock.monotonic() - start).toBeLessThan(8100);
    expect(silent.isClosed).toBe(true);
  });

  test('that runs a sketch of its own quotes what that prints', async () => {
    const clock = new SimulatedClock();
    const chatter = port();
    const opening = openBoard({ port: chatter, clock, samplingInterval: 19, onLost });
    for (const at of [100, 200, 300]) clock.after(at, () => chatter.say(Buffer.from('temp=21.5\r\n')));
    expect(await clock.during(opening)).toMatchObject({
      kind: 'wrong-firmware',
      message: expect.stringContaining('"temp=21.5..temp=21.5..te"'),
    });
  });

  /** Version 2.4, and the name of the firmware with two bytes for each letter. */
  const saysName = (name: string): Buffer =>
    Buffer.of(0xf9, 2, 4, 0xf0, 0x79, 2, 4, ...[...Buffer.from(name)].flatMap((letter) => [letter, 0]), 0xf7);

  test('that began late to say what it is, on a machine with too much to do, is heard to the end', async () => {
    const clock = new SimulatedClock();
    const late = port();
    const opening = openBoard({ port: late, clock, samplingInterval: 19, onLost });
    const said = saysName('Greenhouse.ino');
    clock.after(7900, () => late.say(said.subarray(0, 12)));
    clock.after(9000, () => late.say(said.subarray(12)));
    expect(await clock.during(opening)).toMatchObject({
      kind: 'wrong-firmware',
      message: expect.stringContaining('it runs Greenhouse.ino 2.4'),
    });
  });

  test('that never ends to say what it is is lost, and nobody is told to flash it', async () => {
    const clock = new SimulatedClock();
    const [late, start] = [port(), clock.monotonic()];
    const opening = openBoard({ port: late, clock, samplingInterval: 19, onLost });
    clock.after(7900, () => late.say(saysName('StandardFirmata.ino').subarray(0, 24)));
    expect(await clock.during(opening)).toMatchObject({
      kind: 'lost',
      message: expect.stringMatching(/speaks Firmata, .* in 16 s; it is opened again by itself$/),
    });
    expect(clock.monotonic() - start).toBeLessThan(16_100);
  });

  test('that runs another Firmata names it at once', async () => {
    const clock = new SimulatedClock();
    const other = new ClockedUno({ clock, flash: firmataOfAnotherName() });
    const fault = await clock.during(openBoard({ port: other.port(), clock, samplingInterval: 19, onLost }));
    expect(fault).toMatchObject({
      kind: 'wrong-firmware',
      message: expect.stringContaining('GreenhouseLight.ino 2.4'),
    });
  });

  test.each([
    ['older than what was tried', 'StandardFirmata.ino', 3],
    ['a relative that does more', 'StandardFirmataPlus.ino', 5],
  ])('whose firmware is %s is not used, and says which it is', async (_, firmware, minor) => {
    const clock = new SimulatedClock();
    const other = port();
    const opening = openBoard({ port: other, clock, samplingInterval: 19, onLost });
    const name = [...firmware].flatMap((letter) => [letter.charCodeAt(0), 0]);
    clock.after(100, () => other.say(Uint8Array.of(0xf9, 2, minor, 0xf0, 0x79, 2, minor, ...name, 0xf7)));
    expect(await clock.during(opening)).toMatchObject({
      kind: 'wrong-firmware',
      message: expect.stringContaining(`${firmware} 2.${minor}`),
    });
  });

  test('that is reset by it waits for the boot loader and for the firmware to start', async () => {
    const start = clock.monotonic();
    const toOpen = uno.port();
    uno.reset(1500);
    const board = await opened(toOpen);
    expect(board.firmware).toEqual({ name: 'StandardFirmata.ino', version: '2.4' });
    const took = clock.monotonic() - start;
    expect(took).toBeGreaterThan(1500);
    expect(took).toBeLessThan(5000);
    await clock.during(board.close());
  });

  test('whose cable is pulled meanwhile is lost', async () => {
    const toOpen = uno.port();
    uno.reset(1000);
    const opening = openBoard({ port: toOpen, clock, samplingInterval: 19, onLost });
    clock.after(500, () => uno.unplug());
    expect(await clock.during(opening)).toMatchObject({ kind: 'lost', message: expect.stringContaining('unplugged') });
    uno.plug();
    await clock.advance(2000);
  });

  test.each([9, 0, 1001, Number.NaN])('with a sampling interval of %d ms is refused', async (samplingInterval) => {
    const never = port();
    expect(await openBoard({ port: never, clock, samplingInterval, onLost })).toMatchObject({ kind: 'refused' });
    expect(never.isClosed).toBe(true);
  });
});

describe('whatever bytes come', () => {
  const seed = Date.now() % 1_000_000;
  const random = seededRandom(seed);
  const any = (most: number): Uint8Array => Uint8Array.from({ length: 1 + random() * most }, () => random() * 256);
  /** What a board says of itself: version, name, then what its pins can do and where its channels are. */
  const greeting = Buffer.from(
    'f90204f0790204530074006100' + '6e0064006100720064004600690072006d006100740061002e0069006e006f00f7',
    'hex',
  );
  /** Long messages whose kinds firmata-io knows, with anything in them. */
  const long = (): Uint8Array => {
    const kinds = [0x6a, 0x6c, 0x6e, 0x71, 0x73, 0x75, 0x77, 0x79, 0x60, 0x62, 0x72, 0x42, 0x43, 0x45];
    const kind = kinds[Math.floor(random() * kinds.length)] ?? 0x6e;
    return Uint8Array.from([0xf0, kind, ...any(40).map((byte) => byte & 0x7f), 0xf7]);
  };

  test.each([
    ['bytes', () => any(60)],
    ['messages', () => long()],
    ['messages after a greeting', () => Buffer.concat([greeting, long(), long()])],
  ])(`while it is opened, be it ${seed} of any %s, the opening ends with a fault`, async (_, say) => {
    for (let round = 0; round < 20; round += 1) {
      const clock = new SimulatedClock();
      const wild = port();
      const opening = openBoard({ port: wild, clock, samplingInterval: 19, onLost: () => undefined });
      for (let at = 60; at < 7900; at += 400) clock.after(at, () => wild.say(say()));
      expect(await clock.during(opening)).toMatchObject({ kind: expect.stringMatching(/firmware|lost/) });
      expect([wild.isClosed, clock.pending > 20]).toEqual([true, false]);
    }
  });

  test(`once it is open, be it ${seed} of any messages, they end it or do nothing`, async () => {
    for (let round = 0; round < 8; round += 1) {
      const faults: BoardFault[] = [];
      let say: (bytes: Uint8Array) => void = () => undefined;
      const own = uno.port();
      const hear: BoardPort['hear'] = (take, gone) => {
        say = take;
        own.hear(take, gone);
      };
      const board = await opened({ ...own, hear }, (fault) => faults.push(fault));
      const levels: boolean[] = [];
      board.watchLevel(4, { pullUp: true }, (high) => levels.push(high));
      await clock.advance(30);
      for (let count = 0; count < 20; count += 1) say(long());
      say(any(60));
      await clock.advance(30);
      expect(faults.length).toBeLessThanOrEqual(1);
      await clock.during(board.close());
    }
  });
});

describe('an open board', () => {
  test('whose I2C bus is stuck falls silent, and is lost within seconds with the address that was read', async () => {
    const faults: BoardFault[] = [];
    const board = await opened(uno.port(), (fault) => faults.push(fault));
    uno.i2c.set(0x76, new RegisterDevice(new Uint8Array(256)));
    expect(await clock.during(board.readRegisters(0x76, 0xd0, 1))).toEqual(Uint8Array.of(0));
    uno.isI2cStuck = true;
    const start = clock.monotonic();
    expect(await clock.during(board.readRegisters(0x76, 0xd0, 1))).toMatchObject({
      kind: 'lost',
      message: expect.stringMatching(/0x76.*SDA and SCL/),
    });
    expect(clock.monotonic() - start).toBeLessThan(3000);
    expect(faults).toHaveLength(1);
    uno.isI2cStuck = false;
    uno.reset();
  });

  /** The port of the chip, on whose way a test may take bytes away. */
  function lossy(lose: (bytes: Uint8Array) => Uint8Array): BoardPort {
    const port = uno.port();
    const through = (take: (bytes: Uint8Array) => void) => (bytes: Uint8Array) => take(lose(bytes));
    return { ...port, hear: (take, gone) => port.hear(through(take), gone) };
  }

  test('of whose bytes one is lost is lost itself, and hands over nothing that is made of two messages', async () => {
    const faults: BoardFault[] = [];
    let toLose = 0;
    const port = lossy((bytes) => (bytes.length > 2 && toLose-- === 1 ? bytes.subarray(0, bytes.length - 1) : bytes));
    const board = await opened(port, (fault) => faults.push(fault));
    const samples = new Set<number>();
    uno.setAnalogue(0, 2.5);
    uno.setAnalogue(1, 2.5);
    board.watchAnalogue(0, (raw) => samples.add(raw));
    board.watchAnalogue(1, (raw) => samples.add(raw));
    await clock.advance(100);
    toLose = 3;
    await clock.advance(200);
    expect(faults).toMatchObject([{ kind: 'lost', message: expect.stringContaining('bytes were lost') }]);
    expect([...samples]).toEqual([512]);
  });

  test('whose report of contacts lost its last byte is lost itself: the next message would be taken for a level', async () => {
    const faults: BoardFault[] = [];
    const levels: boolean[] = [];
    let toLose = 0;
    const isReport = (bytes: Uint8Array): boolean => bytes.length === 3 && bytes[0] === 0x90;
    const port = lossy((bytes) => (isReport(bytes) && toLose-- > 0 ? bytes.subarray(0, 2) : bytes));
    const board = await opened(port, (fault) => faults.push(fault));
    uno.setPin(7, 'open');
    board.watchLevel(7, { pullUp: true }, (high) => levels.push(high));
    await clock.advance(1000);
    toLose = 1;
    uno.setPin(7, 'ground');
    await clock.advance(4000);
    expect(faults).toMatchObject([{ kind: 'lost', message: expect.stringContaining('a message broke off') }]);
    expect(levels).toEqual([true]);
    uno.setPin(7, 'open');
  });

  test('whose report of a contact is lost on the way reports it again within two seconds', async () => {
    let isLossy = false;
    const board = await opened(lossy((bytes) => (isLossy ? bytes.subarray(bytes.length) : bytes)));
    const seen: boolean[] = [];
    uno.setPin(4, 'open');
    board.watchLevel(4, { pullUp: true }, (high) => seen.push(high));
    await clock.advance(1500);
    isLossy = true;
    uno.setPin(4, 'ground');
    await clock.advance(20);
    isLossy = false;
    expect(seen).toEqual([true]);
    await clock.advance(1000);
    expect(seen).toEqual([true, false]);
    await clock.during(board.close());
  });

  test('whose answers wait in the system for two seconds, as when the gateway is held up, is not lost', async () => {
    const faults: BoardFault[] = [];
    uno.i2c.set(0x76, new RegisterDevice(new Uint8Array(256)));
    let isHeldUp = false;
    const waiting: Uint8Array[] = [];
    let give: (bytes: Uint8Array) => void = () => undefined;
    const own = uno.port();
    const hear: BoardPort['hear'] = (take, gone) => {
      give = take;
      own.hear((bytes) => (isHeldUp ? waiting.push(bytes) : take(bytes)), gone);
    };
    const board = await opened({ ...own, hear }, (fault) => faults.push(fault));
    board.watchAnalogue(0, () => undefined);
    // Not in the moment of a look at the board, which a process that is held up does not do.
    await clock.advance(150);
    isHeldUp = true;
    const answer = board.readRegisters(0x76, 0xd0, 1);
    await clock.advance(2020);
    isHeldUp = false;
    for (const bytes of waiting) give(bytes);
    expect(await clock.during(answer)).toEqual(Uint8Array.of(0));
    await clock.advance(300);
    expect(faults).toEqual([]);
    await clock.during(board.close());
  });

  test('whose output fell without anybody having told it so is lost within seconds', async () => {
    const faults: BoardFault[] = [];
    const board = await opened(uno.port(), (fault) => faults.push(fault));
    const relay = board.output(7, { high: false });
    if (isBoardFault(relay)) throw new Error(relay.message);
    await clock.during(relay.set(true));
    // Port 0, all low, as from somebody else on the wire.
    uno.line.send(Uint8Array.of(0x90, 0, 0));
    await clock.advance(2500);
    expect(faults).toMatchObject([{ kind: 'lost', message: expect.stringContaining('pin 7 is no longer') }]);
  });

  test('that answers and has ceased to send samples is lost within seconds', async () => {
    const faults: BoardFault[] = [];
    const board = await opened(uno.port(), (fault) => faults.push(fault));
    board.watchAnalogue(0, () => undefined);
    await clock.advance(100);
    // REPORT_ANALOG of channel 0, off.
    uno.line.send(Uint8Array.of(0xc0, 0));
    await clock.advance(4500);
    expect(faults).toMatchObject([{ kind: 'lost', message: expect.stringContaining('no sample of channel 0') }]);
  });

  test('that falls silent without a word is lost within five seconds', async () => {
    const faults: BoardFault[] = [];
    await opened(uno.port(), (fault) => faults.push(fault));
    uno.stall();
    await clock.advance(5000);
    expect(faults).toMatchObject([{ kind: 'lost', message: expect.stringContaining('does not answer') }]);
    uno.plug();
  });

  test('that hangs while it is closed is closed within a second, and not said to have let go', async () => {
    const board = await opened(uno.port());
    const relay = board.output(7, { high: false });
    if (isBoardFault(relay)) throw new Error(relay.message);
    await clock.during(relay.set(true));
    uno.stall();
    const start = clock.monotonic();
    expect(await clock.during(board.close())).toBe(false);
    expect(clock.monotonic() - start).toBeLessThan(1100);
    expect(uno.driven(7)).toBe(true);
  });
});
