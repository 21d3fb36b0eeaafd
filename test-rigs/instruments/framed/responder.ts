import { type Cancel, type Clock, systemClock } from '../../../gateway/clock.ts';
import type { ByteEnd } from '../../links/byte-end.ts';

/*
 * In three lines:
 *   const sensor = sps30(clock, () => ({ pm1: 5, pm2_5: 9, pm10: 13 }));
 *   sensor.serve(line.connect());                      // answers from now on
 *   sensor.on = false;                                 // switched off
 *
 * The frames are written from what is published of each instrument and share no code with the gateway.
 */

/** What an instrument says to a request: bytes, or nothing. `heard` ends with the last byte of the request. */
type Answer = (heard: Uint8Array) => Uint8Array | undefined;

interface ResponderOptions {
  readonly clock?: Clock;
  /** Milliseconds between a request's last byte and the answer's first. */
  readonly turnAround?: number;
  /** Milliseconds between frames that it sends unasked, while `unasked` gives some. */
  readonly interval?: number;
  readonly unasked?: () => Uint8Array | undefined;
}

/** An instrument that waits for requests it knows, wherever they stand in what it hears, and may talk by itself besides. */
export class Responder {
  on = true;
  /** Requests answered. */
  answered = 0;
  /** Everything that it was sent, as hexadecimal, a request or what came before the next one each. */
  readonly heard: string[] = [];
  /** Makes of each answer what reaches the line. */
  fault: (frame: Uint8Array) => Uint8Array = (frame) => frame;
  readonly #requests: ReadonlyMap<string, Answer>;
  readonly #options: ResponderOptions;
  readonly #clock: Clock;

  /** `requests`: by the bytes of the request in hexadecimal without blanks. */
  constructor(requests: Readonly<Record<string, Answer>>, options: ResponderOptions = {}) {
    this.#requests = new Map(Object.entries(requests));
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  serve(end: ByteEnd): Cancel {
    const stopTalking = this.#talk(end);
    let pending = '';
    const stopListening = end.onBytes((bytes) => {
      for (const byte of bytes) {
        pending += byte.toString(16).toUpperCase().padStart(2, '0');
        const known = [...this.#requests].find(([request]) => pending.endsWith(request));
        if (!known) continue;
        this.heard.push(pending);
        pending = '';
        this.#answer(end, known[1](bytesOf(known[0])));
      }
      pending = pending.slice(-1024);
    });
    return () => {
      stopListening();
      stopTalking();
    };
  }

  #answer(end: ByteEnd, frame: Uint8Array | undefined): void {
    if (!this.on || frame === undefined) return;
    this.answered += 1;
    this.#clock.after(this.#options.turnAround ?? 10, () => {
      if (this.on) end.send(this.fault(frame));
    });
  }

  #talk(end: ByteEnd): Cancel {
    const { unasked, interval = 1000 } = this.#options;
    if (!unasked) return () => undefined;
    let cancel: Cancel = () => undefined;
    const talk = (): void => {
      cancel = this.#clock.after(interval, talk);
      const frame = this.on ? unasked() : undefined;
      if (frame) end.send(this.fault(frame));
    };
    cancel = this.#clock.after(interval, talk);
    return () => cancel();
  }
}

/** `7E00 FC` as bytes. */
export function bytesOf(hexadecimal: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hexadecimal.replaceAll(' ', ''), 'hex'));
}

/** ASCII characters as hexadecimal, for requests that are text. */
export function hexOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex').toUpperCase();
}
