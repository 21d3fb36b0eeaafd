import { expect, test } from 'vitest';
import {
  standardFirmata,
  standardFirmata25,
  waitOfStandardFirmata,
  waitOfStandardFirmata25,
} from '../../test-rigs/surroundings/avr-board/sketches.ts';
import { Uno } from '../../test-rigs/surroundings/avr-board/uno.ts';
import { letEverythingGo } from './relays-off.ts';

/** SET_PIN_MODE of pin 8 to output, and its port with pin 8 high. */
const switchOn = Uint8Array.of(0xf4, 8, 1, 0x91, 1, 0);

test.each([
  ['2.4', () => new Uno(standardFirmata(), waitOfStandardFirmata)],
  ['2.5', () => new Uno(standardFirmata25(), waitOfStandardFirmata25)],
])(
  'a board (StandardFirmata %s) that no DTR line resets lets go, also where the gateway was killed within a message',
  (_, make) => {
    const uno = make();
    uno.run(3500);
    for (const leftBehind of [[], [0xf0, 0x76, 0x10], [0x91, 0x01]]) {
      uno.line.send(switchOn);
      uno.line.send(Uint8Array.from(leftBehind));
      uno.run(20);
      expect(uno.driven(8)).toBe(true);
      uno.line.send(letEverythingGo);
      uno.run(20);
      expect(uno.driven(8)).toBe(false);
    }
  },
);
