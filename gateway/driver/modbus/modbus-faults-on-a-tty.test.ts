import { afterEach, describe, expect, test } from 'vitest';
import { rtuFrame, SimulatedModbusSlave } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import type { ByteEnd } from '../../../test-rigs/links/byte-end.ts';
import { type Fault, FaultyEnd, faults } from '../../../test-rigs/links/faulty-end.ts';
import { TtyAdapter } from '../../../test-rigs/links/tty-pair.ts';
import { systemClock } from '../../clock.ts';
import { SerialportLink } from '../../link/serialport-link.ts';
import type { Transaction } from '../events.ts';
import type { ModbusQuestion, ModbusResult } from './modbus-exchange.ts';
import { ModbusRtuConversation } from './modbus-rtu-conversation.ts';

const clock = systemClock;
/** Patient: on its way to the slave and back a byte passes another process. */
const question: ModbusQuestion = {
  instrument: 'dust-1',
  address: 1,
  functionCode: 3,
  start: 10,
  count: 2,
  timeout: 600,
  gap: 0,
};
/** Register 10 holds 10, register 11 holds 11, … */
const registers = (_: number, register: number): number => register;
const right = [0, 10, 0, 11];
const otherSlave = (answer: Uint8Array): Uint8Array => rtuFrame(77, answer.subarray(1, -2));
const otherFunction = (answer: Uint8Array): Uint8Array => rtuFrame(answer[0] ?? 0, [4, ...answer.subarray(2, -2)]);

/** What arrives on the wires is sent back first, as an adapter does that hears itself. */
function hearingItself(end: ByteEnd): ByteEnd {
  end.onBytes((bytes) => end.send(bytes));
  return end;
}

let cleanUp: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const undo of cleanUp.reverse()) await undo();
  cleanUp = [];
});

/** A real tty at 9600 8N1 with a slave behind it whose answers suffer once. */
async function line(fault: Fault, wrap: (end: ByteEnd) => ByteEnd = (end) => end) {
  const adapter = await TtyAdapter.plugIn();
  cleanUp.push(() => adapter.remove());
  const end = new FaultyEnd(wrap(adapter.line), clock, () => fault);
  // Longer than a request takes at 9600 baud: a tty of its own has no speed.
  new SimulatedModbusSlave({ address: 1, registers, clock, turnAround: 25 }).serveRtu(end);
  const settings = { path: adapter.path, baudRate: 9600, parity: 'none', dataBits: 8, stopBits: 1 } as const;
  const link = new SerialportLink({ id: 'rs485-1', settings, clock, observe: () => undefined });
  expect(await link.open()).toBeNull();
  cleanUp.push(() => link.close());
  const told: Transaction[] = [];
  const conversation = new ModbusRtuConversation({ link, clock, observe: (event) => told.push(event) });
  const ask = (more: Partial<ModbusQuestion> = {}): Promise<ModbusResult> => conversation.ask({ ...question, ...more });
  return { ask, told, heal: () => Object.assign(end, { choose: () => faults.none }) };
}

describe('on a real tty', () => {
  test.each<[string, Fault, Partial<Transaction>]>([
    ['a good answer', faults.none, { outcome: 'ok', junkBefore: 0, junkAfter: 0 }],
    ['silence', faults.silent, { outcome: 'no-bytes' }],
    ['an answer that ends too early', faults.truncated(5), { outcome: 'short' }],
    ['a bit that flips', faults.flipped(4), { outcome: 'crc' }],
    ['junk before the answer', faults.junkBefore(Uint8Array.of(0, 0xff, 0)), { outcome: 'ok', junkBefore: 3 }],
    ['junk behind the answer', faults.junkAfter(Uint8Array.of(0, 0)), { outcome: 'ok', junkAfter: 2 }],
    ['junk in its place', faults.replaced(() => Uint8Array.of(0xfe, 0, 0xff)), { outcome: 'junk' }],
    ['the answer twice', faults.twice, { outcome: 'ok', junkAfter: 9 }],
    ['the answer of another slave', faults.replaced(otherSlave), { outcome: 'foreign-slave' }],
    ['the answer of another slave before the right one', faults.preceded(otherSlave), { outcome: 'ok', junkBefore: 9 }],
    ['an answer to another function', faults.replaced(otherFunction), { outcome: 'foreign-function' }],
    ['an answer in two pieces', faults.split(4, 30), { outcome: 'ok' }],
    ['a refusal', faults.replaced(() => rtuFrame(1, [0x83, 2])), { outcome: 'exception', exception: 2 }],
  ])('%s is known for what it is', async (_, fault, expected) => {
    const { ask, told } = await line(fault);
    const { data } = await ask();
    expect(told[0]).toMatchObject(expected);
    expect(data && [...data]).toEqual(expected.outcome === 'ok' ? right : null);
  });

  test('the echo of our own request is stripped and told', async () => {
    const { ask, told } = await line(faults.none, hearingItself);
    expect([...((await ask()).data ?? [])]).toEqual(right);
    expect(told[0]).toMatchObject({ outcome: 'ok', echoed: 8, junkBefore: 0 });
  });

  test('an answer that comes too late is not taken for the next one', async () => {
    const { ask, told, heal } = await line(faults.late(1200));
    expect((await ask()).outcome).toBe('no-bytes');
    heal();
    const next = await ask({ start: 20 });
    expect([...(next.data ?? [])]).toEqual([0, 20, 0, 21]);
    expect(told[1]?.late).toBe(9);
  });
});
