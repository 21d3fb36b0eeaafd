import { type Cancel, type Clock, systemClock } from '../../gateway/clock.ts';
import type { ByteEnd } from '../links/byte-end.ts';
import { dlt645Digits, dlt645Frame, reversed } from './dlt645-frame.ts';

/*
 * In three lines:
 *   const meter = new SimulatedDlt645Meter({ address: '000000000161', clock });
 *   meter.serve(line.connect());
 *   meter.values.set('02010100', '231.0');             // or 'absent'; meter.on = false switches it off
 */

/** Identifiers and how many bytes their values take, by edition. */
const layouts: Readonly<Record<2007 | 1997, Readonly<Record<string, number>>>> = {
  2007: {
    '00000000': 4,
    '00010000': 4,
    '00020000': 4,
    ...phases('0201', 1, 2),
    ...phases('0202', 1, 3),
    ...phases('0203', 0, 3),
    ...phases('0204', 0, 3),
    ...phases('0205', 0, 3),
    ...phases('0206', 0, 2),
    '02800002': 2,
  },
  1997: { 9010: 4, 9020: 4, B611: 2, B612: 2, B613: 2, B621: 2, B622: 2, B623: 2, B630: 3, B631: 3, B632: 3, B633: 3 },
};

function phases(group: string, first: 0 | 1, bytes: number): Record<string, number> {
  return Object.fromEntries([0, 1, 2, 3].slice(first).map((phase) => [`${group}0${phase}00`, bytes]));
}

/** The frame that the text ends with, its sum unchecked: nothing damages what the gateway sends here. */
function lastFrame(heard: string): { address: string; control: string; data: string } | undefined {
  for (let at = 0; at < heard.length; at += 2) {
    const found = /^68(.{12})68(..)(..)(.*)..16$/.exec(heard.slice(at));
    const [, address = '', control = '', length = '', data = ''] = found ?? [];
    if (found && data.length === Number.parseInt(length, 16) * 2) return { address, control, data };
  }
  return undefined;
}

const day = 86_400_000;

interface Dlt645MeterOptions {
  readonly address: string;
  readonly edition?: 2007 | 1997;
  readonly clock?: Clock;
  /** Milliseconds between a request's last byte and the answer's first. */
  readonly turnAround?: number;
  /** How many bytes values take, by identifier, where the meter differs from what is usual. */
  readonly layout?: Readonly<Record<string, number>>;
}

/** A three-phase meter behind DL/T 645 whose load is steady and whose counter runs. */
export class SimulatedDlt645Meter {
  readonly address: string;
  /** Switched off, it hears nothing and says nothing. */
  on = true;
  turnAround: number;
  /** Bytes FE before each answer; such meters send 0, 2, 4 or 7. */
  wakeBytes = 4;
  /** Values as text with their point, or `absent`; where one is not here it follows from the load. */
  readonly values = new Map<string, string>();
  /** Identifiers that it refuses, with the error byte; 02 is what a meter says that does not have them. */
  readonly refuses = new Map<string, string>();
  /** Most data bytes in one answer, identifier left out; what is longer comes in parts. */
  mostData = 200;
  /** Makes of each answer what goes on the line. */
  fault: (answer: Uint8Array) => Uint8Array = (answer) => answer;
  /** Requests heard that were for it, as identifier or `address`. */
  readonly asked: string[] = [];
  readonly #layout: Readonly<Record<string, number>>;
  readonly #edition: 2007 | 1997;
  readonly #clock: Clock;
  #counterFrom = 1234.56;
  #countedFrom: number;

  constructor({ address, edition = 2007, clock = systemClock, layout = {}, turnAround = 30 }: Dlt645MeterOptions) {
    this.address = address;
    this.turnAround = turnAround;
    this.#edition = edition;
    this.#layout = layout;
    this.#clock = clock;
    this.#countedFrom = clock.monotonic();
  }

  /** Its counter begins again, as in a meter that was exchanged. */
  resetCounter(): void {
    this.#counterFrom = 0;
    this.#countedFrom = this.#clock.monotonic();
  }

  serve(end: ByteEnd): Cancel {
    let heard = '';
    return end.onBytes((bytes) => {
      heard = (heard + Buffer.from(bytes).toString('hex').toUpperCase()).slice(-200);
      const request = lastFrame(heard);
      if (!request || !this.on || !this.#isMeant(reversed(request.address))) return;
      heard = '';
      this.#answer(request.control, request.data, end);
    });
  }

  #isMeant(address: string): boolean {
    return [0, 2, 4, 6, 8, 10].every((at) => {
      const pair = address.slice(at, at + 2);
      return pair === 'AA' || pair === this.address.slice(at, at + 2);
    });
  }

  #answer(control: string, shifted: string, end: ByteEnd): void {
    const data = (shifted.match(/../g) ?? [])
      .map((pair) => ((Number.parseInt(pair, 16) + 205) % 256).toString(16).toUpperCase().padStart(2, '0'))
      .join('');
    const reply = this.#replyTo(control, data);
    if (!reply) return;
    const frame = this.fault(dlt645Frame({ address: this.address, wakeBytes: this.wakeBytes, ...reply }));
    this.#clock.after(this.turnAround, () => {
      if (this.on && frame.length > 0) end.send(frame);
    });
  }

  #replyTo(control: string, data: string): { control: string; data: string } | undefined {
    const digits = this.#edition === 2007 ? 8 : 4;
    const [read, following] = this.#edition === 2007 ? ['11', '12'] : ['01', '02'];
    if (control === '13' && this.#edition === 2007) {
      this.asked.push('address');
      return { control: '93', data: reversed(this.address) };
    }
    if (control !== read && control !== following) return undefined;
    const identifier = reversed(data.slice(0, digits));
    this.asked.push(identifier);
    const refusal = this.refuses.get(identifier);
    const values = this.#valuesOf(identifier);
    const code = (bits: number): string => (Number.parseInt(control, 16) + bits).toString(16).toUpperCase();
    if (refusal !== undefined || values === undefined) return { control: code(0xc0), data: refusal ?? '02' };
    const part = control === read ? 0 : Number.parseInt(data.slice(digits), 16);
    const from = part * this.mostData * 2;
    const to = from + this.mostData * 2;
    const sequence = control === read ? '' : data.slice(digits);
    return {
      control: code(to < values.length ? 0xa0 : 0x80),
      data: data.slice(0, digits) + values.slice(from, to) + sequence,
    };
  }

  /** The data behind the identifier; undefined for what it does not have. A block is all that differs in its FF or F. */
  #valuesOf(identifier: string): string | undefined {
    const layout = { ...layouts[this.#edition], ...this.#layout };
    const block = this.#edition === 2007 ? identifier.replace('FF', '0[0-9]') : identifier.replace(/F$/, '[0-9]');
    const members = Object.keys(layout).filter((one) => new RegExp(`^${block}$`).test(one));
    if (members.length === 0) return undefined;
    return members
      .sort()
      .map((one) => dlt645Digits(this.#valueOf(one), layout[one] ?? 0))
      .join('');
  }

  #valueOf(identifier: string): string {
    const fixed = this.values.get(identifier);
    if (fixed !== undefined) return fixed;
    const phase = Number(identifier[this.#edition === 2007 ? 5 : 3]);
    const group = identifier.slice(0, this.#edition === 2007 ? 4 : 3);
    switch (group) {
      case '0201':
        return (230 + phase).toFixed(1);
      case 'B61':
        return (230 + phase).toFixed(0);
      case '0202':
        return (5 + phase / 8).toFixed(3);
      case 'B62':
        return (5 + phase / 4).toFixed(2);
      case '0203':
      case 'B63':
        return (phase === 0 ? 3.6 : 1.2).toFixed(4);
      case '0204':
        return '0.2500';
      case '0205':
        return '3.6087';
      case '0206':
        return '0.998';
      case '0280':
        return '49.98';
      case '0002':
      case '902':
        return '0.00';
      default:
        return (this.#counterFrom + (3.6 * 24 * (this.#clock.monotonic() - this.#countedFrom)) / day).toFixed(2);
    }
  }
}
