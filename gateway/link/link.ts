import type { Monotonic } from '../clock.ts';

/** Why a line is not usable. Each kind holds the decision: `absent` and `lost` are tried again, `taken` names who has it. */
export interface LinkFault {
  readonly kind: 'absent' | 'taken' | 'denied' | 'refused' | 'lost';
  /** What, where, and what to do; English, for log and API. */
  readonly message: string;
}

/** Bytes as they came in one piece, and when the piece was seen. */
export interface Arrival {
  readonly bytes: Uint8Array;
  readonly at: Monotonic;
}

/** What a link tells about itself. */
export type LinkEvent =
  | { readonly kind: 'link-opened'; readonly link: string; readonly generation: number }
  | { readonly kind: 'link-closed'; readonly link: string; readonly fault: LinkFault | null }
  | { readonly kind: 'link-overflow'; readonly link: string; readonly bytes: number }
  /** Somebody connected to a listening link and was turned away: not one of the senders, or a second one. */
  | {
      readonly kind: 'link-stranger';
      readonly link: string;
      readonly peer: string;
      readonly why: 'not-a-sender' | 'second';
    };

/**
 * Bytes to and from one line: a serial port, a TCP connection, or a line in memory. Exactly one loop owns a link and
 * awaits it; calls do not overlap, but that a write may be made while a read is under way. Received bytes wait in a
 * bounded buffer; what overflows it is dropped and told.
 *
 * Contract, kept by every implementation and checked by one suite:
 * - `open` resolves to null when the line is usable, else to the fault; it never throws and may be called again at any
 *   time after a fault or a close. Each success starts a new generation with an empty buffer.
 * - `write` resolves when the system has taken the bytes; they may still be on their way out. Writing to a closed link
 *   resolves to a `lost` fault.
 * - `read` resolves to the bytes that have arrived since the last call, at once when there are some, else as soon as
 *   some come; to `'timeout'` when `timeout` milliseconds pass without any (at once for 0); to a fault when the line is lost.
 * - `rest` says that nothing which comes within so many milliseconds is wanted sooner: the link may leave it in the
 *   system until then, to be woken less often. It loses nothing; a line that is gone may be noticed only afterwards.
 * - `discard` throws away what has arrived and returns how many bytes that were.
 * - `close` never hangs: what the system does not release within a second is abandoned. It may be called at any time,
 *   and a call that is under way then ends with a fault.
 */
export interface Link {
  readonly id: string;
  /** Milliseconds one character takes on the wire, start and stop bits included; 0 where no baud rate is known. */
  readonly characterTime: number;
  /**
   * `wire`: a port of this machine; the system tells when it is gone. `network`: the other end may be gone without a
   * word, and only silence shows it.
   */
  readonly medium: 'wire' | 'network';
  readonly isOpen: boolean;
  /** How often it has been opened; 0 before the first time. */
  readonly generation: number;
  open(): Promise<LinkFault | null>;
  write(bytes: Uint8Array): Promise<LinkFault | null>;
  read(timeout: number): Promise<Arrival | 'timeout' | LinkFault>;
  rest(milliseconds: number): void;
  discard(): number;
  close(): Promise<void>;
}
