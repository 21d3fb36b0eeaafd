import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { assemble } from 'avr8js/dist/cjs/utils/assembler.js';
import { readIntelHex } from './intel-hex.ts';

/** Flash of an ATmega328P, bytes. */
const flashSize = 32_768;

const require = createRequire(import.meta.url);

/** A sketch as it was compiled for an ATmega328P; out of the package avrgirl-arduino, which carries them for its own tests. */
function compiled(name: 'StandardFirmata' | 'Blink', board: 'uno' | 'duemilanove328' = 'uno'): Uint8Array {
  const path = require.resolve(`avrgirl-arduino/junk/hex/${board}/${name}.cpp.hex`);
  return readIntelHex(readFileSync(path, 'latin1'), flashSize);
}

/** StandardFirmata 2.4, 12,194 bytes. */
export const standardFirmata = (): Uint8Array => compiled('StandardFirmata');

/** StandardFirmata 2.5, as for a Duemilanove, an Uno with another USB chip. */
export const standardFirmata25 = (): Uint8Array => compiled('StandardFirmata', 'duemilanove328');

/** Where the program counter of version 2.4 stands in its `yield`, which its `delay` calls over and over: words, not bytes. */
export const waitOfStandardFirmata = 0x1588;

/** The same of version 2.5: the end of `micros`, which its `delay` asks over and over. */
export const waitOfStandardFirmata25 = 0xa56;

/** The sketch that a new Uno comes with: blinks the LED of pin 13, and has no serial line. */
export const blink = (): Uint8Array => compiled('Blink');

/** A board that has never been programmed. */
export const empty = (): Uint8Array => new Uint8Array(flashSize).fill(0xff);

/** The same protocol, but another sketch by its name. */
export function firmataOfAnotherName(): Uint8Array {
  const flash = Buffer.from(standardFirmata());
  const place = flash.indexOf('StandardFirmata');
  flash.write('GreenhouseLight', place, 'latin1');
  return flash;
}

/** 57600 bits per second at 16 MHz, both directions: UCSR0A, UBRR0L, UCSR0B. */
const serialOn = `
    ldi r16, 0x02
    sts 0xc0, r16
    ldi r16, 34
    sts 0xc4, r16
    ldi r16, 0x18
    sts 0xc1, r16
`;

function assembled(source: string): Uint8Array {
  const { bytes, errors } = assemble(source);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  const flash = empty();
  flash.set(bytes);
  return flash;
}

/** A sketch that prints a line of text over and over, at 57600 bits per second: `temp=21.5` and a line end. */
export function chatter(): Uint8Array {
  const words = [...'temp=21.5\r\n'].map((letter) => `ldi r16, ${letter.charCodeAt(0)}\nrcall send`).join('\n');
  return assembled(`
    ${serialOn}
  again:
    ${words}
    rjmp again
  send:
    lds r17, 0xc0
    sbrs r17, 5     ; UDRE0
    rjmp send
    sts 0xc6, r16   ; UDR0
    ret
  `);
}

/** A sketch that sends back each byte, but writes the control registers of the serial line before it reads it. */
export function lateEcho(): Uint8Array {
  return assembled(`
    ${serialOn}
  again:
    lds r17, 0xc0
    sbrs r17, 7     ; RXC0
    rjmp again
    ldi r16, 0x42
    sts 0xc0, r16   ; UCSR0A: TXC0 is cleared by writing it
    ldi r16, 0x18
    sts 0xc1, r16   ; UCSR0B
    lds r17, 0xc0
    sbrs r17, 7
    rjmp again
    lds r16, 0xc6
    sts 0xc6, r16
    rjmp again
  `);
}
