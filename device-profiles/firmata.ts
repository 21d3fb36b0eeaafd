/**
 * What StandardFirmata says of its pins, and what its counts are (firmata/protocol, protocol.md, version 2.4).
 *
 *     digital port n:     90 | n, pins 0-6 of the port, pin 7     bit = level; pin = 8 n + bit
 *     analogue channel n: E0 | n, low 7 bits, high 7 bits         0 to 1023
 *
 * Data bytes are below 80; F0 … F7 is a longer message, stepped over here.
 */

export interface FirmataSignals {
  /** The last level of each pin of a port that was told. */
  readonly pins: ReadonlyMap<number, 'low' | 'high'>;
  /** Counts of each channel, in the order in which they came. */
  readonly channels: ReadonlyMap<number, readonly number[]>;
}

/** Reads the messages of a board; `undefined` where the bytes are no whole messages. */
export function readFirmata(bytes: Uint8Array): FirmataSignals | undefined {
  const pins = new Map<number, 'low' | 'high'>();
  const channels = new Map<number, number[]>();
  for (let at = 0; at < bytes.length; ) {
    const command = bytes[at] ?? 0;
    if (command === 0xf0) {
      const end = bytes.indexOf(0xf7, at);
      if (end < 0) return undefined;
      at = end + 1;
      continue;
    }
    const [low = 0x80, high = 0x80] = bytes.subarray(at + 1, at + 3);
    if (low > 0x7f || high > 0x7f) return undefined;
    const number = low | (high << 7);
    const place = command & 0x0f;
    if ((command & 0xf0) === 0x90) {
      for (let bit = 0; bit < 8; bit += 1) pins.set(8 * place + bit, (number >> bit) & 1 ? 'high' : 'low');
    } else if ((command & 0xf0) === 0xe0) channels.set(place, [...(channels.get(place) ?? []), number]);
    else if (command !== 0xf9) return undefined;
    at += 3;
  }
  return { pins, channels };
}

/**
 * Milliamperes through a shunt of so many ohms, from counts or a mean of counts against so many volts. The converter rounds
 * down (ATmega328P data sheet, 23.7: counts = V x 1024 / reference), so half a count is added. To a microampere: one count
 * is five of them at the least, and no digits are made up.
 */
export function milliamperesOf(counts: number, shunt: number, supply: number): number {
  return Math.round(((counts + 0.5) * supply * 1_000_000) / (1024 * shunt)) / 1000;
}

/** Volts that so many counts are apart. */
export function voltsOf(counts: number, supply: number): number {
  return (counts * supply) / 1024;
}
