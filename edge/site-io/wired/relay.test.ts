import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryUno } from '../../../test-rigs/surroundings/memory-board.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { type Board, isBoardFault, type Output } from '../board.ts';
import { Relay, type RelayChange, type RelaySettings } from './relay.ts';

const settings: RelaySettings = { warning: 5000, longest: 60_000, rest: 10_000, deadman: 15_000 };
const [relayPin, lampPin] = [7, 8];

let clock: SimulatedClock;
let uno: MemoryUno;
let board: Board;
let changes: string[];
let released: boolean | null;

function outputOf(pin: number): Output {
  const output = board.output(pin, { high: false });
  if (isBoardFault(output)) throw new Error(output.message);
  return output;
}

function relayWith(given: Partial<RelaySettings> = {}): Relay {
  const onChange = ({ state, cause, at }: RelayChange): void => void changes.push(`${at} ${state} ${cause}`);
  return new Relay({
    clock,
    settings: { ...settings, ...given },
    output: outputOf(relayPin),
    onIs: 'high',
    lamp: { output: outputOf(lampPin), onIs: 'high' },
    isReleased: () => released,
    onChange,
  });
}

/** Keeps saying that it is wanted. */
async function feeding(relay: Relay, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 1000) {
    relay.feed();
    await clock.advance(1000);
  }
}

beforeEach(() => {
  clock = new SimulatedClock();
  uno = new MemoryUno({ clock });
  const opened = uno.open({ samplingInterval: 19, onLost: () => undefined });
  if (isBoardFault(opened)) throw new Error(opened.message);
  board = opened;
  changes = [];
  released = true;
});

describe('a relay', () => {
  test('warns by its lamp before it is on, and is off again after the time that was asked', async () => {
    const relay = relayWith();
    const switching = relay.switchOn(3000);
    await clock.advance(4900);
    expect([uno.driven(lampPin), uno.driven(relayPin)]).toEqual([true, false]);
    await clock.advance(200);
    expect([uno.driven(lampPin), uno.driven(relayPin)]).toEqual([false, true]);
    expect(await switching).toBeNull();
    await clock.advance(3000);
    expect(uno.driven(relayPin)).toBe(false);
    expect(changes).toEqual(['0 warning asked', '5000 on asked', '8000 off time-over']);
  });

  test('is never on for longer than its longest time', async () => {
    const relay = relayWith({ warning: 0 });
    await relay.switchOn(3_600_000);
    await feeding(relay, 59_000);
    expect(uno.driven(relayPin)).toBe(true);
    await feeding(relay, 2000);
    expect(uno.driven(relayPin)).toBe(false);
  });

  test('is off when whoever asked says nothing more', async () => {
    const relay = relayWith({ warning: 0 });
    await relay.switchOn(60_000);
    await clock.advance(14_900);
    expect(relay.state).toBe('on');
    await clock.advance(200);
    expect([relay.state, uno.driven(relayPin)]).toEqual(['off', false]);
    expect(changes[1]).toBe('15000 off deadman');
  });

  test.each([
    [false, 'locked-out'],
    [null, 'lock-out-unknown'],
  ] as const)('whose switch at the machine says %s does not move', async (said, kind) => {
    released = said;
    const relay = relayWith();
    expect(await relay.switchOn(1000)).toMatchObject({ kind });
    expect([changes, uno.driven(lampPin)]).toEqual([[], false]);
  });

  test('whose switch is turned during the warning is not switched on', async () => {
    const relay = relayWith();
    const switching = relay.switchOn(10_000);
    await clock.advance(2000);
    released = false;
    await clock.advance(4000);
    expect(await switching).toMatchObject({ kind: 'locked-out' });
    expect([uno.driven(relayPin), uno.driven(lampPin)]).toEqual([false, false]);
  });

  test('whose switch is turned while it is on falls back at once', async () => {
    const relay = relayWith({ warning: 0 });
    await relay.switchOn(10_000);
    await clock.advance(1000);
    released = false;
    relay.lockOutChanged();
    await clock.advance(1);
    expect([uno.driven(relayPin), changes[1]]).toEqual([false, '1000 off locked-out']);
  });

  test('whose switch is turned in the very moment of switching is off again, and says so', async () => {
    const asked = [true, true, false];
    const relay = new Relay({
      clock,
      settings: { ...settings, warning: 0 },
      output: outputOf(relayPin),
      onIs: 'high',
      isReleased: () => asked.shift() ?? false,
      onChange: () => undefined,
    });
    expect(await relay.switchOn(10_000)).toMatchObject({ kind: 'locked-out' });
    expect(uno.driven(relayPin)).toBe(false);
  });

  test('is not switched on twice within its rest, but off at any time', async () => {
    const relay = relayWith({ warning: 0 });
    await relay.switchOn(10_000);
    expect(await relay.switchOff()).toBeNull();
    expect(await relay.switchOn(10_000)).toMatchObject({ kind: 'resting', message: expect.stringContaining('10 s') });
    await clock.advance(10_000);
    expect(await relay.switchOn(10_000)).toBeNull();
  });

  test('that is on its way is not asked twice', async () => {
    const relay = relayWith({ warning: 0 });
    const first = relay.switchOn(10_000);
    expect(await relay.switchOn(10_000)).toMatchObject({ kind: 'busy' });
    expect(await first).toBeNull();
    expect(await relay.switchOn(10_000)).toMatchObject({ kind: 'busy' });
  });

  test('that is switched off during its warning never goes on', async () => {
    const relay = relayWith();
    const switching = relay.switchOn(10_000);
    await clock.advance(1000);
    await relay.switchOff();
    expect(await switching).toMatchObject({ kind: 'cancelled' });
    await clock.advance(20_000);
    expect(changes).toEqual(['0 warning asked', '1000 off asked']);
  });

  test('that is switched off while the board is being told to switch it on is off', async () => {
    const relay = relayWith({ warning: 0 });
    const switching = relay.switchOn(10_000);
    const off = relay.switchOff();
    expect(await switching).toMatchObject({ kind: 'cancelled' });
    await off;
    expect([relay.state, uno.driven(relayPin)]).toEqual(['off', false]);
  });

  test('whose board is lost is unknown, and is not switched any more', async () => {
    const relay = relayWith({ warning: 0 });
    await relay.switchOn(10_000);
    uno.unplug();
    relay.lose();
    expect(relay.state).toBe('unknown');
    expect(await relay.switchOn(1000)).toMatchObject({ kind: 'board' });
  });

  test('whose board does not confirm is unknown, and says why', async () => {
    const relay = relayWith({ warning: 0 });
    uno.unplug();
    expect(await relay.switchOn(1000)).toMatchObject({ kind: 'board', message: expect.stringContaining('unplugged') });
    expect(relay.state).toBe('unknown');
  });

  test('leaves no timer behind when it is off', async () => {
    const relay = relayWith();
    const before = clock.pending;
    const switching = relay.switchOn(3000);
    await feeding(relay, 9000);
    await switching;
    expect(relay.state).toBe('off');
    expect(clock.pending).toBe(before);
  });
});
