import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Cancel, Clock } from '../../../clock.ts';
import { Allowance, type Rate } from '../allowance.ts';
import type { TurnedAway } from '../node-link.ts';
import { PacketFramer } from './packet-framer.ts';

/** Packets of one connection: a node sends a handful a minute, and some tens a second while it is updated. */
const packets: Rate = { burst: 120, perSecond: 25 };
/** Milliseconds in which a packet that is begun has to be whole, and a log-in has to be done. */
const packetWithin = 10_000;
const loginWithin = 10_000;
/** Milliseconds without a packet after which a node is gone, whatever keep-alive it asked for: it says hello every 5 min. */
const silence = 900_000;
/** Bytes that may wait for a node which does not take them; more are not given to it. */
export const mostWaiting = 8192;
/** Milliseconds that it may take none of them. */
const drainWithin = 20_000;

export interface GateOptions {
  readonly socket: Socket;
  readonly address: string;
  readonly clock: Clock;
  /** Called once at most, when the gate itself cuts the connection. */
  readonly onTurnedAway: (why: TurnedAway) => void;
  /** Called when the broker gives the connection up with an error of its own. */
  readonly onBroken: (error: Error) => void;
}

/**
 * Stands between a node's socket and the broker: what the broker is given to read are whole packets of a kind that nodes
 * send, none too long, and not too many. What breaks a rule is cut at the socket before the broker keeps any of it.
 */
export class PacketGate extends Duplex {
  readonly address: string;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #onTurnedAway: (why: TurnedAway) => void;
  readonly #onBroken: (error: Error) => void;
  readonly #framer = new PacketFramer();
  readonly #allowance: Allowance;
  #deadline: Cancel;
  #packetDeadline: Cancel | undefined;
  #drainDeadline: Cancel | undefined;
  #isTurnedAway = false;
  #isTrusted = false;

  constructor({ socket, address, clock, onTurnedAway, onBroken }: GateOptions) {
    super({ readableHighWaterMark: 4096, writableHighWaterMark: mostWaiting });
    this.address = address;
    this.#socket = socket;
    this.#clock = clock;
    this.#onTurnedAway = onTurnedAway;
    this.#onBroken = onBroken;
    this.#allowance = new Allowance(packets, clock);
    this.#deadline = clock.after(loginWithin, () => this.turnAway('stalled'));
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('end', () => this.destroy());
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
  }

  /** Bytes that wait for the node to take them. */
  get waiting(): number {
    return this.writableLength + this.#socket.writableLength;
  }

  /** The node has logged in. */
  trust(): void {
    this.#isTrusted = true;
    this.#framer.trust();
    this.#expect();
  }

  /** Cuts the connection and says why, unless that was said before. */
  turnAway(why: TurnedAway): void {
    if (this.#isTurnedAway || this.destroyed) return;
    this.#isTurnedAway = true;
    this.#onTurnedAway(why);
    this.destroy();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#drainDeadline ??= this.#clock.after(drainWithin, () => this.turnAway('stalled'));
    this.#socket.write(chunk, (error) => {
      this.#drainDeadline?.();
      this.#drainDeadline = undefined;
      done(error ?? null);
    });
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (error !== null && !this.#isTurnedAway) this.#onBroken(error);
    this.#deadline();
    this.#packetDeadline?.();
    this.#drainDeadline?.();
    this.#socket.destroy();
    // That a node went away is no fault of ours; whoever asks why is told by the close.
    done(null);
  }

  #take(bytes: Buffer): void {
    if (this.destroyed) return;
    const { packets, fault } = this.#framer.take(bytes);
    for (const packet of packets) {
      if (!this.#allowance.take()) {
        this.turnAway('flood');
        return;
      }
      if (!this.push(packet)) this.#socket.pause();
    }
    if (fault !== null) {
      this.turnAway(fault);
      return;
    }
    if (packets.length > 0) {
      this.#packetDeadline?.();
      this.#packetDeadline = undefined;
      if (this.#isTrusted) this.#expect();
    }
    if (this.#framer.isBegun) {
      this.#packetDeadline ??= this.#clock.after(packetWithin, () => this.turnAway('stalled'));
    }
  }

  /** The next packet has to come within the longest silence that a node keeps. */
  #expect(): void {
    this.#deadline();
    this.#deadline = this.#clock.after(silence, () => this.turnAway('stalled'));
  }
}
