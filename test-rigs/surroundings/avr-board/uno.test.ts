import { describe, expect, test } from 'vitest';
import { Bme280Device } from './bme280-device.ts';
import { readIntelHex } from './intel-hex.ts';
import {
  blink,
  chatter,
  empty,
  firmataOfAnotherName,
  lateEcho,
  standardFirmata,
  waitOfStandardFirmata,
} from './sketches.ts';
import { Uno } from './uno.ts';

/** What a board sends in so many milliseconds, as hexadecimal text. */
function sentBy(uno: Uno, milliseconds: number, look: () => void = () => undefined): string {
  let text = '';
  const stop = uno.line.onBytes((bytes) => {
    text += Buffer.from(bytes).toString('hex');
  });
  for (let passed = 0; passed < milliseconds; passed += 1) {
    uno.run(1);
    look();
  }
  stop();
  return text;
}

const send = (uno: Uno, ...bytes: number[]): void => uno.line.send(Uint8Array.from(bytes));

describe('an Intel HEX file', () => {
  test('becomes an image of the flash, erased where it says nothing', () => {
    const image = readIntelHex(':0400020001020304F0\n:00000001FF\n', 8);
    expect([...image]).toEqual([0xff, 0xff, 1, 2, 3, 4, 0xff, 0xff]);
  });

  test.each([
    ['wrong checksum', ':0400020001020304F1\n:00000001FF\n'],
    ['no record', ':04000200010203F0\n'],
    ['outside', ':04000600010203' + '04EC\n'],
    ['no end record', ':0400020001020304F0\n'],
  ])('is refused for %s, with its line', (why, text) => {
    expect(() => readIntelHex(text, 8)).toThrow(why);
  });
});

describe('StandardFirmata in a simulated Uno', () => {
  const uno = new Uno(standardFirmata());
  const digital = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  /** What each pin did from power-on to the first command: its levels in their order. */
  const did = new Map<number, string[]>();
  let lowAt = 0;
  const started = sentBy(uno, 2000, () => {
    for (const pin of [...digital, 13, 14]) {
      const level = { true: 'high', false: 'low', undefined: 'floats' }[`${uno.driven(pin)}`];
      const levels = did.get(pin) ?? [];
      if (levels.at(-1) !== level) levels.push(level ?? '');
      did.set(pin, levels);
    }
    if (lowAt === 0 && uno.driven(7) === false) lowAt = uno.time;
  });

  test('tells its version and its name by itself when it starts, within two seconds', () => {
    const name = [...'StandardFirmata.ino'].map((letter) => `${Buffer.from(letter).toString('hex')}00`).join('');
    expect(started).toContain(`f90204f0790204${name}f7`);
  });

  test('blinks the LED of pin 13 while it starts, so nothing may hang on that pin', () => {
    expect(did.get(13)?.filter((level) => level === 'high').length).toBeGreaterThanOrEqual(6);
  });

  test('lets every other digital pin float for two seconds, and then drives it low: a relay that pulls in at low would be on', () => {
    expect(digital.map((pin) => did.get(pin))).toEqual(digital.map(() => ['floats', 'low']));
    expect(lowAt).toBeGreaterThan(1500);
    expect(did.get(14)).toEqual(['floats']);
  });

  test('says the same, a little later, when it is not run while it waits', () => {
    const other = new Uno(standardFirmata(), waitOfStandardFirmata);
    expect(sentBy(other, 2000)).toBe(started);
  });

  test('answers a question for its version within a few milliseconds', () => {
    send(uno, 0xf9);
    expect(sentBy(uno, 5)).toBe('f90204');
  });

  test('converts volts to counts of 5 V / 1024', () => {
    uno.setAnalogue(0, 2.5);
    uno.setAnalogue(3, (milliseconds) => (milliseconds > 0 ? 1.25 : 0));
    send(uno, 0xc0, 1, 0xc3, 1);
    const sent = sentBy(uno, 60);
    // 512 is 0x04 * 128, 256 is 0x02 * 128.
    expect(sent).toMatch(/^(e00004e30002)+$/);
    send(uno, 0xc0, 0, 0xc3, 0);
    sentBy(uno, 5);
  });

  test('reads the registers of an I2C device; where none answers it says so, and then repeats what it read before', () => {
    uno.i2c.set(0x76, new Bme280Device());
    send(uno, 0xf0, 0x78, 0, 0, 0xf7);
    const read = (address: number): number[] => [0xf0, 0x76, address, 0x08, 0x50, 0x01, 0x01, 0x00, 0xf7];
    send(uno, ...read(0x76));
    expect(sentBy(uno, 20)).toBe('f07776005001' + '6000' + 'f7');
    send(uno, ...read(0x77));
    const text = [...'I2C: Too few bytes received'].map((letter) => `${Buffer.from(letter).toString('hex')}00`);
    expect(sentBy(uno, 40)).toMatch(new RegExp(`^f071${text.join('')}f7f077770050016000f7`));
  });
});

test('a board with an empty flash, and one that only blinks, say nothing', () => {
  for (const flash of [empty(), blink()]) expect(sentBy(new Uno(flash), 300)).toBe('');
});

test('a board with another sketch says what that prints', () => {
  expect(Buffer.from(sentBy(new Uno(chatter()), 20), 'hex').toString()).toContain('temp=21.5\r\ntemp=21.5\r\n');
});

test('a received byte stays until it is read, whatever is written to the registers of the serial line', () => {
  const uno = new Uno(lateEcho());
  uno.run(1);
  send(uno, 0x41, 0x42, 0x43);
  expect(sentBy(uno, 5)).toBe('414243');
});

test('Firmata of another name differs by its name alone', () => {
  expect(Buffer.from(firmataOfAnotherName()).includes('GreenhouseLight.ino')).toBe(true);
});
