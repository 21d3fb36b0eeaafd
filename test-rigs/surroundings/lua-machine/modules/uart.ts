import type { Chip } from '../chip/chip.ts';
import type { LuaFunction, LuaValue } from '../crossing.ts';

/** The serial lines as they stand outside a chip: the console's, and the one on the sensor's pins. */
export interface SerialLines {
  /** Bytes from the sensor. */
  fromSensor(bytes: string): void;
  /** What somebody types at the console, line by line. */
  typed(text: string): void;
  /** What Lua prints. */
  print(text: string): void;
}

interface Listener {
  readonly then: LuaFunction;
  readonly length: number;
  buffer: string;
}

/**
 * `uart` as https://nodemcu.readthedocs.io/en/release/modules/uart/ and .../dev-esp32/modules/uart/ have it. An ESP8266
 * receives on UART 0 alone, which is the console until `uart.alt(1)` moves it to the sensor's pins (GPIO13 and GPIO15):
 * what is printed after that goes to the sensor. An ESP32 has UART 2 for the sensor, which hears nothing before
 * `uart.start(2)`, and calls for every single byte where the length is 0 (components/modules/uart.c).
 */
export function uartModule(chip: Chip): { module: Record<string, LuaValue>; lines: SerialLines } {
  return chip.around.kind === 'esp8266' ? esp8266Uart(chip) : esp32Uart(chip);
}

/** 9600-8N1, which is what the sensors speak; anything else reads as noise. */
const isForSensor = (baud: number, databits: number, parity: number, stopbits: number): boolean =>
  baud === 9600 && databits === 8 && parity === 0 && stopbits === 1;

const constants = { PARITY_NONE: 0, PARITY_ODD: 1, PARITY_EVEN: 2, STOPBITS_1: 1, STOPBITS_1_5: 2, STOPBITS_2: 3 };

function esp8266Uart(chip: Chip): { module: Record<string, LuaValue>; lines: SerialLines } {
  let isAlternate = false;
  let fits = false;
  let isHeardByLua = true;
  let listener: Listener | null = null;
  const hear = (bytes: string): void => {
    if (listener !== null) hand(chip, listener, bytes, chip.around.uartPiece);
  };
  const out = (text: string): void => {
    if (isAlternate) chip.around.onToSensor(text);
    else for (const line of text.split('\n')) if (line !== '') chip.around.onConsole(line);
  };
  const module = {
    ...constants,
    setup: (port: number, baud: number, databits: number, parity: number, stopbits: number) => {
      if (port === 0) fits = isForSensor(baud, databits, parity, stopbits);
      return baud;
    },
    alt: (on: number) => {
      isAlternate = on === 1;
    },
    on: (what: string, length: number | string, then?: LuaFunction, toConsole = 1) => {
      if (what !== 'data') throw new Error('method not supported');
      listener?.then.release();
      listener = null;
      isHeardByLua = true;
      if (typeof then !== 'function') return;
      if (typeof length === 'number' && length > 255) throw new Error('wrong arg range');
      listener = { then, length: typeof length === 'number' ? length : 0, buffer: '' };
      isHeardByLua = toConsole !== 0;
    },
    write: (_port: number, ...data: (string | number)[]) => out(data.map(asBytes).join('')),
  };
  const lines = {
    fromSensor: (bytes: string) => {
      if (isAlternate) hear(fits ? bytes : noise(bytes));
    },
    typed: (text: string) => {
      if (isAlternate) return;
      if (isHeardByLua) obey(chip, text);
      else hear(text);
    },
    print: (text: string) => out(`${text}\n`),
  };
  return { module, lines };
}

function esp32Uart(chip: Chip): { module: Record<string, LuaValue>; lines: SerialLines } {
  const started = new Set([0]);
  const listeners = new Map<number, Listener>();
  let fits = false;
  const module = {
    ...constants,
    setup: (
      port: number,
      baud: number,
      databits: number,
      parity: number,
      stopbits: number,
      pins?: { tx: number; rx: number },
    ) => {
      if (port === 2) fits = isForSensor(baud, databits, parity, stopbits) && pins !== undefined && pins.rx !== pins.tx;
      return baud;
    },
    start: (port: number) => {
      started.add(port);
      return true;
    },
    stop: (port: number) => void started.delete(port),
    on: (...given: (number | string | LuaFunction)[]) => {
      const port = typeof given[0] === 'number' ? (given.shift() as number) : 0;
      const [what, length, then] = given;
      if (what !== 'data' && what !== 'error') throw new Error('method not supported');
      if (what === 'error') return;
      listeners.get(port)?.then.release();
      listeners.delete(port);
      if (typeof then !== 'function') return;
      if (typeof length === 'number' && length > 255) throw new Error('wrong arg range');
      listeners.set(port, { then, length: typeof length === 'number' ? length : 0, buffer: '' });
    },
    write: (port: number, ...data: (string | number)[]) => {
      const text = data.map(asBytes).join('');
      if (port === 0) chip.around.onConsole(text);
      else chip.around.onToSensor(text);
    },
  };
  const lines = {
    fromSensor: (bytes: string) => {
      const listener = listeners.get(2);
      if (listener !== undefined && started.has(2))
        hand(chip, listener, fits ? bytes : noise(bytes), chip.around.uartPiece);
    },
    typed: (text: string) => obey(chip, text),
    print: (text: string) => chip.around.onConsole(text),
  };
  return { module, lines };
}

const asBytes = (data: string | number): string => (typeof data === 'number' ? String.fromCharCode(data) : data);

/** What a UART at the wrong rate makes of it: as many bytes, none of them right. */
const noise = (bytes: string): string =>
  Array.from(bytes, (one) => String.fromCharCode(one.charCodeAt(0) ^ 0xa5)).join('');

function hand(chip: Chip, listener: Listener, bytes: string, piece: number): void {
  const size = listener.length === 0 ? Math.max(1, piece) : listener.length;
  if (listener.length !== 0) {
    listener.buffer += bytes;
    while (listener.buffer.length >= size) {
      const full = listener.buffer.slice(0, size);
      listener.buffer = listener.buffer.slice(size);
      chip.run(listener.then, full);
    }
    return;
  }
  for (let at = 0; at < bytes.length; at += size) chip.run(listener.then, bytes.slice(at, at + size));
}

/** The interpreter on the console runs each whole line, and shows what goes wrong without falling over. */
function obey(chip: Chip, text: string): void {
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue;
    chip.run(() => {
      try {
        chip.machine.run(line, 'stdin');
      } catch (error) {
        if (!chip.isOver) chip.around.onConsole((error as Error).message);
      }
      return undefined;
    });
  }
}
