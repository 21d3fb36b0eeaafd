import { connect, type Socket } from 'node:net';
import { type ByteEnd, Listeners } from './byte-end.ts';

/*
 * In three lines:
 *   const caller = new TcpCaller(port);                 // connects, and again whenever it is cut off
 *   logger.serve(caller);
 *   await caller.stop();
 */

/** Milliseconds between two tries to connect. */
const pauseBetween = 20;

/** A device on 127.0.0.1 that connects to a port, as loggers do, and goes on trying until it is stopped. */
export class TcpCaller implements ByteEnd {
  readonly #port: number;
  readonly #localAddress: string;
  readonly #heard = new Listeners();
  #socket: Socket | undefined;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(port: number, localAddress = '127.0.0.1') {
    this.#port = port;
    this.#localAddress = localAddress;
    this.#call();
  }

  get isConnected(): boolean {
    return this.#socket?.readyState === 'open';
  }

  send(bytes: Uint8Array): void {
    // While it connects, the system keeps what is sent.
    if (this.#socket?.writable) this.#socket.write(bytes);
  }

  onBytes(listener: (bytes: Uint8Array) => void): () => void {
    return this.#heard.add(listener);
  }

  /** The device is switched off. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (!socket || socket.closed) return;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.destroy();
    await closed;
  }

  /** It is switched on again. */
  start(): void {
    this.#stopped = false;
    this.#call();
  }

  #call(): void {
    const socket = connect({ host: '127.0.0.1', port: this.#port, localAddress: this.#localAddress, noDelay: true });
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#heard.tell(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!this.#stopped) this.#timer = setTimeout(() => this.#call(), pauseBetween);
    });
  }
}
