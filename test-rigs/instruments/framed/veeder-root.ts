import type { Clock } from '../../../gateway/clock.ts';
import { hexOf, Responder } from './responder.ts';

/** A tank as the console reports it: volume, compensated volume, ullage, height, water, temperature, water volume. */
export interface Tank {
  readonly number: number;
  /** Bit 0 delivery, bit 1 leak test, bit 2 invalid height. */
  readonly status: number;
  readonly values: readonly number[];
}

const digits = (number: number, length: number): string => number.toString(16).toUpperCase().padStart(length, '0');

function float(number: number): string {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, number);
  return digits(view.getUint32(0), 8);
}

/** A reply in computer format: what is sent, `&&` where there is data, and the digits that make the sum of all zero. */
export function consoleReply(content: string, hasData = true): Uint8Array {
  const text = `\x01${content}${hasData ? '&&' : ''}`;
  const sum = [...text].reduce((all, character) => all + character.charCodeAt(0), 0);
  return Uint8Array.from(Buffer.from(`${text}${digits((0x10000 - (sum % 0x10000)) % 0x10000, 4)}\x03`, 'latin1'));
}

/** The inventory of all tanks (function 201) at a time of the console. */
function inventoryReply(tanks: readonly Tank[], time = '2611250830'): Uint8Array {
  const records = tanks.map(({ number, status, values }) => {
    const head = `${String(number).padStart(2, '0')}1${digits(status, 4)}${digits(values.length, 2)}`;
    return head + values.map(float).join('');
  });
  return consoleReply(`i20100${time}${records.join('')}`);
}

/** A Veeder-Root TLS-350; `knowsInventory` false for one that refuses the function. */
export function tls350(clock: Clock, tanks: () => readonly Tank[], knowsInventory = true): Responder {
  const answer = (): Uint8Array => (knowsInventory ? inventoryReply(tanks()) : consoleReply('9999', false));
  return new Responder({ [hexOf('\x01i20100')]: answer }, { clock, turnAround: 200 });
}
