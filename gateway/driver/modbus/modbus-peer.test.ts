import { afterEach, describe, expect, test } from 'vitest';
import { ModbusSerialSlave } from '../../../test-rigs/instruments/modbus-serial-slave.ts';
import { counting } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { TtyPair } from '../../../test-rigs/links/tty-pair.ts';
import { systemClock } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import { SerialportLink } from '../../link/serialport-link.ts';
import { TcpLink } from '../../link/tcp-link.ts';
import type { ModbusConversation, ModbusConversationOptions } from './modbus-conversation.ts';
import type { ModbusQuestion, ModbusResult } from './modbus-exchange.ts';
import { ModbusRtuConversation } from './modbus-rtu-conversation.ts';
import { ModbusTcpConversation } from './modbus-tcp-conversation.ts';

/** What is cleaned up after each test, last first. */
const cleanUp: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

/** Values that change with each request; from 1000 up there is nothing. */
function registers(): ReturnType<typeof counting> {
  const image = counting();
  return Object.assign(
    (table: 1 | 2 | 3 | 4, register: number) => (register < 1000 ? image(table, register) : undefined),
    {
      onRequest: image.onRequest,
      get requests() {
        return image.requests;
      },
    },
  ) as ReturnType<typeof counting>;
}

interface Connected {
  readonly link: Link;
  readonly begin: (options: ModbusConversationOptions) => ModbusConversation;
}

async function overTcp(image: ReturnType<typeof counting>): Promise<Connected> {
  const slave = await ModbusSerialSlave.onTcp({ address: 1, registers: image });
  cleanUp.push(() => slave.close());
  const settings = { host: '127.0.0.1', port: slave.port };
  const link = new TcpLink({ id: 'cabinet', settings, clock: systemClock, observe: () => undefined });
  return { link, begin: (options) => new ModbusTcpConversation({ ...options, outstanding: 8 }) };
}

async function overTty(image: ReturnType<typeof counting>): Promise<Connected> {
  const pair = await TtyPair.create({ baudRate: 9600 });
  cleanUp.push(() => pair.remove());
  const slave = await ModbusSerialSlave.onTty(pair.other.path, { address: 1, registers: image });
  cleanUp.push(() => slave.close());
  const settings = {
    kind: 'serial',
    path: pair.one.path,
    baudRate: 9600,
    parity: 'none',
    dataBits: 8,
    stopBits: 1,
  } as const;
  const link = new SerialportLink({ id: 'rs485-1', settings, clock: systemClock, observe: () => undefined });
  return { link, begin: (options) => new ModbusRtuConversation(options) };
}

type Question = Pick<ModbusQuestion, 'functionCode' | 'start' | 'count'> & Partial<ModbusQuestion>;

const common = { instrument: 'peer', address: 1, timeout: 5000, gap: 0 };

/**
 * Asks patiently, since the peer runs in this very process, and anew where no byte came, as the gateway does: modbus-serial
 * takes a request on a tty for two that are damaged when a busy machine lets 30 ms pass in its middle.
 */
async function answered(conversation: ModbusConversation, question: Question): Promise<ModbusResult> {
  let result = await conversation.ask({ ...common, ...question });
  for (let more = 0; more < 4 && result.outcome === 'no-bytes'; more++) {
    result = await conversation.ask({ ...common, ...question });
  }
  return result;
}

describe.each([
  ['TCP', overTcp],
  ['a tty paced at 9600 baud', overTty],
] as const)('against modbus-serial over %s', (_, connect) => {
  const connected = async () => {
    const image = registers();
    const { link, begin } = await connect(image);
    expect(await link.open()).toBeNull();
    cleanUp.push(() => link.close());
    const conversation = begin({ link, clock: systemClock, observe: () => undefined });
    return { conversation, ask: (question: Question) => answered(conversation, question), image };
  };

  test.each([1, 2] as const)('function code %i brings the bits that the slave holds', async (functionCode) => {
    const { ask, image } = await connected();
    const result = await ask({ functionCode, start: 3, count: 13 });
    const bits = Array.from({ length: 13 }, (_, bit) => ((result.data?.[bit >> 3] ?? 0) >> (bit & 7)) & 1);
    expect(result.outcome).toBe('ok');
    expect(bits).toEqual(Array.from({ length: 13 }, (_, bit) => image(functionCode, 3 + bit)));
  });

  test.each([3, 4] as const)(
    'function code %i brings the registers that the slave holds, each time',
    async (functionCode) => {
      const { ask, image } = await connected();
      for (const [start, count] of [
        [0, 1],
        [100, 20],
        [7, 60],
        [500, 2],
      ] as const) {
        const result = await ask({ functionCode, start, count });
        const words = Array.from({ length: count }, (_, index) => image(functionCode, start + index) ?? 0);
        expect([...(result.data ?? [])]).toEqual(words.flatMap((word) => [word >> 8, word & 0xff]));
      }
    },
  );

  test('a register that does not exist is refused with an exception', async () => {
    const { ask } = await connected();
    const result = await ask({ functionCode: 3, start: 2000, count: 1 });
    expect(result).toMatchObject({ outcome: 'exception', data: null });
    expect(result.exception).toBeGreaterThan(0);
  });

  test('another slave address gets no answer', async () => {
    const { conversation } = await connected();
    const result = await conversation.ask({ ...common, address: 9, functionCode: 3, start: 0, count: 1, timeout: 150 });
    expect(result.outcome).toBe('no-bytes');
  });
});

test('eight questions under way at once to modbus-serial over TCP each bring what the slave holds there', async () => {
  const image = registers();
  const { link, begin } = await overTcp(image);
  expect(await link.open()).toBeNull();
  cleanUp.push(() => link.close());
  const conversation = begin({ link, clock: systemClock, observe: () => undefined });
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, place) =>
      conversation.ask({ ...common, functionCode: 3, count: 2, start: place * 10 }),
    ),
  );
  const highBytes = results.map(({ data }) => data?.[0]);
  expect(highBytes).toEqual(Array.from({ length: 8 }, (_, place) => (image(3, place * 10) ?? 0) >> 8));
});
