import { connect, type Socket } from 'node:net';
import type { Cancel, Clock } from '../clock.ts';
import type { Arrival, Link, LinkEvent, LinkFault } from './link.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { addressText, characterTimeOf, type TcpLinkSettings } from './settings.ts';

const receiveLimit = 65_536;
/** Milliseconds to wait for a connection; a device on the same site answers in a few. */
const connectTimeout = 3000;
/** Milliseconds for the system to take the bytes of a request. */
const writeTimeout = 3000;

export interface TcpLinkOptions {
  readonly id: string;
  readonly settings: Pick<TcpLinkSettings, 'host' | 'port'> & Partial<Pick<TcpLinkSettings, 'serial'>>;
  readonly clock: Clock;
  readonly observe: (event: LinkEvent) => void;
}

/** One TCP connection to a device server, gateway or instrument. */
export class TcpLink implements Link {
  readonly id: string;
  readonly medium = 'network';
  generation = 0;
  readonly characterTime: number;
  readonly #settings: Pick<TcpLinkSettings, 'host' | 'port'>;
  readonly #clock: Clock;
  readonly #observe: (event: LinkEvent) => void;
  readonly #received: ReceiveBuffer;
  #socket: Socket | undefined;
  #giveUp: (() => void) | undefined;

  constructor({ id, settings, clock, observe }: TcpLinkOptions) {
    this.id = id;
    this.#settings = settings;
    this.characterTime = characterTimeOf(settings.serial);
    this.#clock = clock;
    this.#observe = observe;
    this.#received = new ReceiveBuffer(clock, receiveLimit, (bytes) =>
      observe({ kind: 'link-overflow', link: id, bytes }),
    );
  }

  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  async open(): Promise<LinkFault | null> {
    if (this.#socket) return null;
    const socket = connect({ host: this.#settings.host, port: this.#settings.port, noDelay: true, keepAlive: true });
    const cause = await this.#connected(socket);
    if (cause !== null) {
      socket.destroy();
      const fault = this.#openFault(cause);
      this.#observe({ kind: 'link-closed', link: this.id, fault });
      return fault;
    }
    this.#received.discard();
    this.generation += 1;
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#socket === socket && this.#received.push(bytes));
    socket.on('end', () => this.#drop(socket, this.#lost('the device closed the connection')));
    socket.on('close', () => this.#drop(socket, this.#lost('the connection was closed')));
    this.#observe({ kind: 'link-opened', link: this.id, generation: this.generation });
    return null;
  }

  write(bytes: Uint8Array): Promise<LinkFault | null> {
    const socket = this.#socket;
    if (!socket) return Promise.resolve(this.#lost('not connected'));
    return new Promise((resolve) => {
      const fail = (cause: string): void => {
        cancel();
        const fault = this.#lost(cause);
        this.#drop(socket, fault);
        resolve(fault);
      };
      const cancel = this.#clock.after(writeTimeout, () => fail('the device takes no more bytes'));
      socket.write(bytes, (error) => {
        if (error) return fail(error.message);
        cancel();
        resolve(null);
      });
    });
  }

  read(timeout: number): Promise<Arrival | 'timeout' | LinkFault> {
    return this.#socket ? this.#received.read(timeout) : Promise.resolve(this.#lost('not connected'));
  }

  /** There is nothing to be saved. */
  rest(): void {}

  discard(): number {
    return this.#received.discard();
  }

  async close(): Promise<void> {
    this.#giveUp?.();
    if (this.#socket) this.#drop(this.#socket, null);
  }

  /** Null once connected, else why not. */
  #connected(socket: Socket): Promise<string | null> {
    return new Promise((resolve) => {
      let cancel: Cancel = () => undefined;
      const done = (cause: string | null): void => {
        cancel();
        this.#giveUp = undefined;
        resolve(cause);
      };
      cancel = this.#clock.after(connectTimeout, () => done(`no answer within ${connectTimeout / 1000} s`));
      this.#giveUp = () => done('given up');
      socket.once('connect', () => done(null));
      // Stays for the life of the socket: an error without a listener would end the process; a close follows it.
      socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    });
  }

  #drop(socket: Socket, fault: LinkFault | null): void {
    socket.destroy();
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#received.fail(fault ?? this.#lost('the connection was closed'));
    this.#observe({ kind: 'link-closed', link: this.id, fault });
  }

  #openFault(cause: string): LinkFault {
    const place = `${this.id}: ${addressText(this.#settings)}`;
    if (cause === 'ECONNREFUSED') {
      return { kind: 'refused', message: `${place} refuses the connection; check the port, and that the device is on` };
    }
    return { kind: 'absent', message: `${place} cannot be reached (${cause}); check cable, address and power` };
  }

  #lost(cause: string): LinkFault {
    const place = `${this.id}: ${addressText(this.#settings)}`;
    return { kind: 'lost', message: `${place}: ${cause}; it is opened again by itself` };
  }
}
