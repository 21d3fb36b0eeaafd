import { afterEach, describe, expect, test } from 'vitest';
import { ClockedUno } from '../../test-rigs/surroundings/avr-board/clocked-uno.ts';
import { RegisterDevice } from '../../test-rigs/surroundings/avr-board/i2c-device.ts';
import {
  standardFirmata,
  standardFirmata25,
  waitOfStandardFirmata25,
} from '../../test-rigs/surroundings/avr-board/sketches.ts';
import { MemoryUno, type Wired } from '../../test-rigs/surroundings/memory-board.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { type Board, type BoardFault, isBoardFault, type Output } from './board.ts';
import { openBoard } from './johnny-five-board.ts';

/** A board under test, and hands on its pins and its cable. */
interface Bench {
  readonly clock: SimulatedClock;
  open(onLost: (fault: BoardFault) => void): Promise<Board | BoardFault>;
  setPin(pin: number, wired: Wired): void;
  setAnalogue(channel: number, raw: number): void;
  /** The level that the chip drives the pin to; undefined while it does not. */
  driven(pin: number): boolean | undefined;
  unplug(): void;
  plug(): void;
  /** The chip starts again without the cable having been touched. */
  restart(): void;
  /** A device at address 0x76 whose register n holds n. */
  attachI2c(): void;
}

/** Every register holds its own number. */
const numbered = (): Uint8Array => Uint8Array.from({ length: 256 }, (_, register) => register);

const makers: Record<string, () => Bench> = {
  memory() {
    const clock = new SimulatedClock();
    const uno = new MemoryUno({ clock });
    return {
      clock,
      open: async (onLost) => uno.open({ samplingInterval: 19, onLost }),
      setPin: (pin, wired) => uno.setPin(pin, wired),
      setAnalogue: (channel, raw) => uno.setAnalogue(channel, raw),
      driven: (pin) => uno.driven(pin),
      unplug: () => uno.unplug(),
      plug: () => uno.plug(),
      restart: () => uno.lose('the board restarted by itself'),
      attachI2c: () => uno.i2c.set(0x76, numbered()),
    };
  },

  'StandardFirmata 2.4 in a simulated Uno': () =>
    firmware('2.4', (clock) => new ClockedUno({ clock, flash: standardFirmata() })),
  'StandardFirmata 2.5 in a simulated Uno': () =>
    firmware('2.5', (clock) => new ClockedUno({ clock, flash: standardFirmata25(), waitsAt: waitOfStandardFirmata25 })),
};

/** One chip of each for all tests: what each test leaves behind, the next opening has to clear away. */
const chips = new Map<string, { readonly clock: SimulatedClock; readonly uno: ClockedUno }>();

function chipOf(version: string, make: (clock: SimulatedClock) => ClockedUno) {
  const clock = new SimulatedClock();
  const chip = chips.get(version) ?? { clock, uno: make(clock) };
  chips.set(version, chip);
  return chip;
}

function firmware(version: string, make: (clock: SimulatedClock) => ClockedUno): Bench {
  const { clock, uno } = chipOf(version, make);
  for (let pin = 2; pin < 20; pin++) uno.setPin(pin, 'open');
  uno.i2c.clear();
  const absent = { kind: 'absent', message: 'memory: the board is not there' } as const;
  return {
    clock,
    open: async (onLost) =>
      uno.isPlugged ? openBoard({ port: uno.port(), clock, samplingInterval: 19, onLost }) : absent,
    setPin: (pin, wired) => uno.setPin(pin, wired),
    setAnalogue: (channel, raw) => uno.setAnalogue(channel, ((raw + 0.5) * 5) / 1024),
    driven: (pin) => uno.driven(pin),
    unplug: () => uno.unplug(),
    plug: () => uno.plug(),
    restart: () => uno.reset(),
    attachI2c: () => uno.i2c.set(0x76, new RegisterDevice(numbered())),
  };
}

describe.each(Object.keys(makers))('a board (%s)', (name) => {
  let bench: Bench;
  let open: Board | undefined;
  const lost: BoardFault[] = [];

  async function opened(): Promise<Board> {
    bench ??= makers[name]?.() as Bench;
    lost.length = 0;
    const board = await bench.clock.during(bench.open((fault) => lost.push(fault)));
    if (isBoardFault(board)) throw new Error(board.message);
    open = board;
    return board;
  }

  function outputOf(board: Board, pin: number, high = false): Output {
    const output = board.output(pin, { high });
    if (isBoardFault(output)) throw new Error(output.message);
    return output;
  }

  afterEach(async () => {
    if (open) await bench.clock.during(open.close());
    open = undefined;
    bench = undefined as unknown as Bench;
  });

  test('says which firmware it runs', async () => {
    const { firmware } = await opened();
    expect(firmware.name).not.toBe('');
    expect(firmware.version).toMatch(/^\d+\.\d+$/);
  });

  test.each([
    ['open', true],
    ['ground', false],
  ] as const)(
    'reports first what a contact is that stands %s, then every change, with rising times',
    async (wired, high) => {
      const board = await opened();
      const seen: [boolean, number][] = [];
      bench.setPin(4, wired);
      expect(board.watchLevel(4, { pullUp: true }, (level, at) => seen.push([level, at]))).toBeNull();
      expect(seen).toEqual([]);
      await bench.clock.advance(100);
      for (const next of ['open', 'ground', 'open'] as const) {
        bench.setPin(4, next);
        await bench.clock.advance(20);
      }
      const levels = seen.map(([level]) => level);
      expect(levels).toEqual(high ? [true, false, true] : [false, true, false, true]);
      expect(seen.map(([, at]) => at)).toEqual(seen.map(([, at]) => at).sort((a, b) => a - b));
    },
  );

  test('reports two contacts of one port each by itself', async () => {
    const board = await opened();
    bench.setPin(4, 'ground');
    const seen: string[] = [];
    board.watchLevel(4, { pullUp: true }, (level) => seen.push(`4 ${level}`));
    board.watchLevel(5, { pullUp: true }, (level) => seen.push(`5 ${level}`));
    await bench.clock.advance(100);
    bench.setPin(5, 'ground');
    await bench.clock.advance(20);
    expect(seen.sort()).toEqual(['4 false', '5 false', '5 true']);
  });

  test('reports an analogue channel at every sampling interval', async () => {
    const board = await opened();
    const samples: number[] = [];
    bench.setAnalogue(0, 300);
    bench.setAnalogue(2, 700);
    expect(board.watchAnalogue(2, (raw) => samples.push(raw))).toBeNull();
    await bench.clock.advance(570);
    expect(samples.length).toBeGreaterThanOrEqual(28);
    expect(samples.length).toBeLessThanOrEqual(31);
    expect(samples.every((raw) => raw === 700)).toBe(true);
  });

  test('drives an output to its safe level first, and then to where it is set, and confirms it', async () => {
    const board = await opened();
    const output = outputOf(board, 7);
    await bench.clock.advance(100);
    expect([output.high, bench.driven(7)]).toEqual([false, false]);
    const setting = output.set(true);
    expect(output.high).toBeNull();
    expect(await bench.clock.during(setting)).toBeNull();
    expect([output.high, bench.driven(7)]).toEqual([true, true]);
  });

  test('carries out what an output is told in that order', async () => {
    const board = await opened();
    const output = outputOf(board, 7);
    const all = Promise.all([output.set(true), output.set(false), output.set(true)]);
    expect(await bench.clock.during(all)).toEqual([null, null, null]);
    expect(bench.driven(7)).toBe(true);
  });

  test('leaves a contact alone while an output of the same port is switched', async () => {
    const board = await opened();
    const seen: boolean[] = [];
    bench.setPin(4, 'ground');
    board.watchLevel(4, { pullUp: true }, (level) => seen.push(level));
    const output = outputOf(board, 7);
    await bench.clock.advance(100);
    await bench.clock.during(output.set(true));
    bench.setPin(4, 'open');
    await bench.clock.advance(100);
    expect(seen).toEqual([false, true]);
  });

  test.each([
    ['a pin of the serial line', 1],
    ['the pin whose LED blinks at every start', 13],
    ['a pin that it does not have', 42],
    ['no whole pin', 2.5],
  ])('refuses %s, with what to do', async (_, pin) => {
    const board = await opened();
    for (const answer of [
      board.watchLevel(pin, { pullUp: true }, () => undefined),
      board.output(pin, { high: false }),
    ]) {
      expect(answer).toMatchObject({ kind: 'refused', message: expect.stringContaining(`pin ${pin}`) });
    }
  });

  test('refuses a channel that it does not have', async () => {
    const board = await opened();
    expect(board.watchAnalogue(9, () => undefined)).toMatchObject({ kind: 'refused' });
  });

  test('refuses the second use of a pin, by whatever name: A2 is pin 16', async () => {
    const board = await opened();
    expect(board.watchAnalogue(2, () => undefined)).toBeNull();
    expect(board.watchLevel(16, { pullUp: true }, () => undefined)).toMatchObject({ kind: 'refused' });
    expect(board.watchAnalogue(4, () => undefined)).toBeNull();
    expect(await board.readRegisters(0x76, 0xd0, 1)).toMatchObject({ kind: 'refused' });
  });

  test('reads registers of an I2C device, writes one, and reads it back', async () => {
    const board = await opened();
    bench.attachI2c();
    const read = await bench.clock.during(board.readRegisters(0x76, 0x88, 26));
    expect(read).toEqual(Uint8Array.from({ length: 26 }, (_, index) => 0x88 + index));
    expect(await bench.clock.during(board.writeRegister(0x76, 0xf4, 0xa5))).toBeNull();
    expect(await bench.clock.during(board.readRegisters(0x76, 0xf4, 2))).toEqual(Uint8Array.of(0xa5, 0xf5));
  });

  test('tells a device that does not answer from what was read before', async () => {
    const board = await opened();
    bench.attachI2c();
    await bench.clock.during(board.readRegisters(0x76, 0x88, 4));
    expect(await bench.clock.during(board.readRegisters(0x77, 0x88, 4))).toBe('no-answer');
  });

  test('that is unplugged tells so once, answers with it, reports nothing more, and can be opened again', async () => {
    const board = await opened();
    const seen: unknown[] = [];
    board.watchLevel(4, { pullUp: true }, (level) => seen.push(level));
    board.watchAnalogue(0, (raw) => seen.push(raw));
    const output = outputOf(board, 7);
    await bench.clock.advance(100);
    bench.unplug();
    await bench.clock.advance(100);
    expect(lost).toMatchObject([{ kind: 'lost', message: expect.stringContaining('unplugged') }]);
    expect(await bench.clock.during(output.set(true))).toMatchObject({ kind: 'lost' });
    expect(output.high).toBeNull();
    expect(board.watchLevel(5, { pullUp: true }, () => undefined)).toMatchObject({ kind: 'lost' });
    expect(await bench.clock.during(board.readRegisters(0x76, 0, 1))).toMatchObject({ kind: 'lost' });
    seen.length = 0;
    bench.setPin(4, 'ground');
    await bench.clock.advance(5000);
    expect([seen, lost.length]).toEqual([[], 1]);
    expect(await bench.clock.during(bench.open(() => undefined))).toMatchObject({ kind: 'absent' });
    expect(await bench.clock.during(board.close())).toBe(false);
    bench.plug();
    const again = await opened();
    again.watchLevel(4, { pullUp: true }, (level) => seen.push(level));
    await bench.clock.advance(100);
    expect(seen).toEqual([false]);
  });

  test('that restarts by itself is lost', async () => {
    const board = await opened();
    const output = outputOf(board, 7);
    await bench.clock.during(output.set(true));
    bench.restart();
    for (let passed = 0; passed < 3000 && lost.length === 0; passed += 50) await bench.clock.advance(50);
    expect(lost).toMatchObject([{ kind: 'lost', message: expect.stringContaining('restarted') }]);
    expect(output.high).toBeNull();
  });

  test('leaves its outputs safe when it is closed, and says nothing of being lost', async () => {
    const board = await opened();
    const outputs = [outputOf(board, 7), outputOf(board, 8, true)];
    await bench.clock.during(Promise.all([outputs[0]?.set(true), outputs[1]?.set(false)]));
    expect(await bench.clock.during(board.close())).toBe(true);
    expect(await bench.clock.during(board.close())).toBe(true);
    expect([bench.driven(7), bench.driven(8)]).toEqual([false, true]);
    expect(lost).toEqual([]);
    expect(await bench.clock.during(outputs[0]?.set(true) as Promise<unknown>)).toMatchObject({ kind: 'lost' });
  });
});
