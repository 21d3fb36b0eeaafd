import type { Clock, Monotonic } from '../../gateway/clock.ts';

/**
 * Why a board is not usable. Each kind holds the decision: `refused` is a mistake of the site file (a pin that the board
 * does not have, or that is in use already) and stays one until somebody mends it; all others are tried again.
 */
export interface BoardFault {
  readonly kind: 'absent' | 'taken' | 'denied' | 'refused' | 'no-firmware' | 'wrong-firmware' | 'lost';
  /** What, where, and what to do; English, for log and API. */
  readonly message: string;
}

/** The open serial port of a board: bytes both ways. Whoever opened it hands it in; the board closes it. */
export interface BoardPort {
  /** What messages call it: the link and its path. */
  readonly name: string;
  /** Bytes leave in the order of the calls. What a lost port does not take is told by `gone`. */
  write(bytes: Uint8Array): void;
  /** Called once. Hands over what comes, piece by piece; or, once, why no more can come: what, where, and what to do. */
  hear(take: (bytes: Uint8Array) => void, gone: (message: string) => void): void;
  /** Never hangs and never rejects; nothing is handed over afterwards. */
  close(): Promise<void>;
}

export interface BoardOptions {
  readonly port: BoardPort;
  readonly clock: Clock;
  /**
   * Milliseconds from one sample of every analogue channel to the next; whole, 10 to 1000. StandardFirmata knows one
   * interval for all channels, and takes no less than 10.
   */
  readonly samplingInterval: number;
  /** Told once, when a board that was open is no longer usable; not after `close` was called. */
  readonly onLost: (fault: BoardFault) => void;
}

/** Opens a board behind an open port; closes the port where that comes to nothing. Never rejects. Takes 10 s at most. */
export type OpenBoard = (options: BoardOptions) => Promise<Board | BoardFault>;

/** The level of a pin: true is high. */
export type LevelListener = (high: boolean, at: Monotonic) => void;

/** A sample: 0 for 0 V to 1023 for just under the reference (ATmega328P: 10 bit). */
export type SampleListener = (raw: number, at: Monotonic) => void;

/** Whether the board's own pull-up resistor (20 to 50 kΩ) holds the pin high while nothing else drives it. */
export interface InputSettings {
  readonly pullUp: boolean;
}

/** A pin that the board drives. */
export interface Output {
  readonly pin: number;
  /** The level that the board last confirmed; null while a change is on its way, and once the board is lost. */
  readonly high: boolean | null;
  /**
   * Resolves to null when the board itself says that it drives the pin so; else to the fault, and then nobody knows the
   * level. Calls are carried out in their order. It is no proof of what hangs on the pin: that needs a contact.
   */
  set(high: boolean): Promise<BoardFault | null>;
}

/**
 * A board with pins, as it stands in a cabinet: contacts, analogue channels, outputs, I2C. Exactly one driver owns it.
 *
 * Contract, kept by every implementation and checked by one suite:
 * - A pin is used once. A second use, a pin that the board does not have or that cannot do it is a `refused` fault at once.
 * - Listeners are called in the order in which the board reported, with the moment the report was seen; never in the
 *   turn in which they were added, and never after the board was lost or closed.
 * - A lost board tells so by `onLost`, ends every call under way with that fault, and answers every later one with it.
 *   A board that restarted by itself is lost: its pins are no longer what they were set to.
 * - `close` sets every output to its safe level, waits a second at most for the board to confirm that, and closes the
 *   port. It may be called at any time and any number of times, and never rejects. It resolves to whether every output was
 *   confirmed; false of a board that was lost before.
 */
export interface Board {
  readonly firmware: { readonly name: string; readonly version: string };
  /**
   * Reports the level of a digital pin, first as it is now and then at every change, in the order of milliseconds. A
   * change that lasts less than the board's own turn (well under a millisecond) may be missed.
   */
  watchLevel(pin: number, settings: InputSettings, onLevel: LevelListener): BoardFault | null;
  /** Reports an analogue channel (A0 is 0) at every sampling interval. */
  watchAnalogue(channel: number, onSample: SampleListener): BoardFault | null;
  /** Drives a pin, from now on to its safe level, which is also where `close` leaves it. */
  output(pin: number, safe: { readonly high: boolean }): Output | BoardFault;
  /**
   * Reads bytes of an I2C device, from that register on: 1 to 28 of them. `no-answer` when the device does not answer,
   * which says nothing about the board.
   */
  readRegisters(address: number, register: number, count: number): Promise<Uint8Array | 'no-answer' | BoardFault>;
  /** Resolves when the board has been told; only reading back shows that the device took it. */
  writeRegister(address: number, register: number, value: number): Promise<BoardFault | null>;
  close(): Promise<boolean>;
}

/** Tells a fault from what was asked for. */
export function isBoardFault(result: object | string | null): result is BoardFault {
  return typeof result === 'object' && result !== null && 'kind' in result && 'message' in result;
}
