import { type Cancel, type Clock, systemClock } from '../../gateway/clock.ts';
import type { ByteEnd } from '../links/byte-end.ts';
import { type CrcKind, hj212PacketText } from './hj212-packet.ts';

/*
 * In three lines:
 *   const logger = new SimulatedHj212Logger({ clock, interval: 30_000 });
 *   logger.serve(line.connect());                       // sends from now on, by itself
 *   logger.flags.set('a34004', 'D');                    // or logger.on = false, logger.backlog(20)
 */

interface Hj212LoggerOptions {
  readonly clock?: Clock;
  readonly mn?: string;
  /** Milliseconds between packets of real-time data. */
  readonly interval?: number;
  /** What it sends, by code; the flag N comes with each. */
  readonly values?: Readonly<Record<string, string>>;
}

/** A station or logger that sends HJ 212-2017 by itself. */
export class SimulatedHj212Logger {
  on = true;
  readonly mn: string;
  /** Numbers as text, by code. */
  readonly values: Map<string, string>;
  /** Flags other than N, by code; an empty one is left out. */
  readonly flags = new Map<string, string>();
  /** ST. */
  system = '22';
  /** Flag: 5 asks for an answer, 4 does not. */
  flag = 4;
  crc: CrcKind = 'hj212';
  lowerCase = false;
  /** By how much its clock is off, milliseconds. */
  clockOffset = 0;
  /** Milliseconds that a packet takes on its way from the logger, such as over a slow modem. */
  delay = 0;
  /** Makes of each packet what goes on the line. */
  fault: (packet: Uint8Array) => Uint8Array = (packet) => packet;
  /** Packets sent, those sent again among them. */
  sent = 0;
  /** QN of the packets for which an acknowledgement came. */
  readonly acknowledged: string[] = [];
  /** Whatever it heard, as text. */
  heard = '';
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #ends = new Set<ByteEnd>();

  constructor({ clock = systemClock, mn = '010000A8900016F000169DC0', interval = 30_000, values }: Hj212LoggerOptions) {
    this.#clock = clock;
    this.mn = mn;
    this.#interval = interval;
    this.values = new Map(Object.entries(values ?? { a34004: '35', a34002: '71', a01001: '12.5', LA: '56.3' }));
  }

  /** Begins to talk on that end; the result makes it stop for good. */
  serve(end: ByteEnd): Cancel {
    this.#ends.add(end);
    let due: number = this.#clock.monotonic();
    let cancel: Cancel = () => undefined;
    const talk = (): void => {
      due += this.#interval;
      cancel = this.#clock.after(due - this.#clock.monotonic(), talk);
      if (this.on) this.send(this.packet());
    };
    cancel = this.#clock.after(0, talk);
    const deaf = end.onBytes((bytes) => this.#hear(bytes));
    return () => {
      cancel();
      deaf();
      this.#ends.delete(end);
    };
  }

  /** The packet of now, or of so many milliseconds ago. */
  packet({ ago = 0, command = '2011' }: { ago?: number; command?: string } = {}): Uint8Array {
    const now = this.#clock.wall() + this.clockOffset;
    const items = [...this.values].map(([code, value]) => {
      const flag = this.flags.get(code) ?? 'N';
      return `${code}-Rtd=${value}${flag === '' ? '' : `,${code}-Flag=${flag}`}`;
    });
    const content = [`DataTime=${stamp(now - ago).slice(0, 14)}`, ...items].join(';');
    const head = `QN=${stamp(now)};ST=${this.system};CN=${command};PW=123456;MN=${this.mn};Flag=${this.flag}`;
    return hj212PacketText(`${head};CP=&&${content}&&`, { crc: this.crc, lowerCase: this.lowerCase });
  }

  /** Puts a packet on the line, now or after its delay. */
  send(packet: Uint8Array): void {
    const bytes = this.fault(packet);
    this.sent += 1;
    const give = (): void => {
      for (const end of this.#ends) if (bytes.length > 0) end.send(bytes);
    };
    if (this.delay === 0) give();
    else this.#clock.after(this.delay, give);
  }

  /** Sends what it could not send for so many intervals, oldest first, all at once. */
  backlog(packets: number): void {
    for (let place = packets; place > 0; place -= 1) this.send(this.packet({ ago: place * this.#interval }));
  }

  #hear(bytes: Uint8Array): void {
    this.heard = (this.heard + Buffer.from(bytes).toString('latin1')).slice(-4096);
    for (const [, qn = ''] of this.heard.matchAll(/QN=(\d+);ST=91;CN=9014;[^#]*&&&&....\r\n/g)) {
      if (!this.acknowledged.includes(qn)) this.acknowledged.push(qn);
    }
  }
}

/** Beijing time, YYYYMMDDhhmmsszzz. */
function stamp(milliseconds: number): string {
  const shifted = new Date(milliseconds + 28_800_000);
  const part = (number: number, digits: number): string => `${number}`.padStart(digits, '0');
  return [
    part(shifted.getUTCFullYear(), 4),
    part(shifted.getUTCMonth() + 1, 2),
    part(shifted.getUTCDate(), 2),
    part(shifted.getUTCHours(), 2),
    part(shifted.getUTCMinutes(), 2),
    part(shifted.getUTCSeconds(), 2),
    part(shifted.getUTCMilliseconds(), 3),
  ].join('');
}
