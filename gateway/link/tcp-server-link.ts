import { createServer, type Server, type Socket } from 'node:net';
import { type Cancel, type Clock, pause } from '../clock.ts';
import type { Arrival, Link, LinkEvent, LinkFault } from './link.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import type { TcpServerLinkSettings } from './settings.ts';

const receiveLimit = 65_536;
/** Milliseconds that an open waits for the device to connect; it listens on in between. */
const connectPatience = 3000;
/** Milliseconds for the system to take the bytes of an answer. */
const writeTimeout = 3000;
/** Milliseconds after which a port that does not close is no longer waited for. */
const closePatience = 1000;

export interface TcpServerLinkOptions {
  readonly id: string;
  readonly settings: Pick<TcpServerLinkSettings, 'host' | 'port' | 'senders'>;
  readonly clock: Clock;
  readonly observe: (event: LinkEvent) => void;
}

/**
 * A port to which one device connects, as loggers connect to their platform. Listening begins with the first `open` and
 * lasts until `close`; the link is open while a device is connected. A device that connects again takes the place of its
 * earlier connection, which is then dead without a word; one at another address is turned away while the first is there.
 */
export class TcpServerLink implements Link {
  readonly id: string;
  readonly medium = 'network';
  generation = 0;
  readonly characterTime = 0;
  readonly #settings: TcpServerLinkOptions['settings'];
  readonly #clock: Clock;
  readonly #observe: (event: LinkEvent) => void;
  readonly #received: ReceiveBuffer;
  #server: Server | undefined;
  #socket: Socket | undefined;
  /** Connected, and not read from yet. */
  #waiting: Socket | undefined;
  /** Ends an open that is under way. */
  #settle: (() => void) | undefined;

  constructor({ id, settings, clock, observe }: TcpServerLinkOptions) {
    this.id = id;
    this.#settings = settings;
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
    const fault = (await this.#listen()) ?? (await this.#connection());
    if (fault) this.#observe({ kind: 'link-closed', link: this.id, fault });
    return fault;
  }

  write(bytes: Uint8Array): Promise<LinkFault | null> {
    const socket = this.#socket;
    if (!socket) return Promise.resolve(this.#lost('nobody is connected'));
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
    return this.#socket ? this.#received.read(timeout) : Promise.resolve(this.#lost('nobody is connected'));
  }

  /** There is nothing to be saved. */
  rest(): void {}

  discard(): number {
    return this.#received.discard();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#settle?.();
    this.#waiting?.destroy();
    this.#waiting = undefined;
    if (this.#socket) this.#drop(this.#socket, null);
    if (!server) return;
    const enough = new AbortController();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await Promise.race([closed, pause(this.#clock, closePatience, enough.signal)]);
    enough.abort();
  }

  /** Null once the port is listened on, else why not. */
  async #listen(): Promise<LinkFault | null> {
    if (this.#server) return null;
    const { host, port } = this.#settings;
    const server = createServer({ noDelay: true, keepAlive: true, pauseOnConnect: true }, (socket) =>
      this.#greet(socket),
    );
    this.#server = server;
    const cause = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      // Stays for the life of the server: an error without a listener would end the process.
      server.on('error', resolve);
      // Closed before it listened, it will never say that it does.
      server.once('close', () => resolve(null));
      server.listen({ host, port }, () => resolve(null));
    });
    if (this.#server !== server) {
      server.close();
      return this.#lost('closed while it was being opened');
    }
    if (cause === null) return null;
    this.#server = undefined;
    return this.#listenFault(cause);
  }

  /** Takes the device that waits, or waits for one; null once it is connected. */
  async #connection(): Promise<LinkFault | null> {
    if (!this.#waiting) {
      let cancel: Cancel = () => undefined;
      await new Promise<void>((resolve) => {
        this.#settle = resolve;
        cancel = this.#clock.after(connectPatience, resolve);
      });
      cancel();
      this.#settle = undefined;
    }
    const socket = this.#waiting;
    if (!socket) return this.#absent();
    this.#waiting = undefined;
    this.#received.discard();
    this.generation += 1;
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#socket === socket && this.#received.push(bytes));
    socket.on('end', () => this.#drop(socket, this.#lost('the device closed the connection')));
    socket.on('close', () => this.#drop(socket, this.#lost('the connection was closed')));
    socket.resume();
    this.#observe({ kind: 'link-opened', link: this.id, generation: this.generation });
    return null;
  }

  #greet(socket: Socket): void {
    // A close follows it.
    socket.on('error', () => undefined);
    const peer = peerOf(socket);
    const before = this.#socket ?? this.#waiting;
    const { senders } = this.#settings;
    const isSender = senders?.includes(peer) ?? true;
    if (!isSender || (before && peerOf(before) !== peer)) {
      socket.destroy();
      const why = isSender ? 'second' : 'not-a-sender';
      this.#observe({ kind: 'link-stranger', link: this.id, peer, why });
      return;
    }
    if (this.#socket) this.#drop(this.#socket, this.#lost(`${peer} connected anew`));
    this.#waiting?.destroy();
    this.#waiting = socket;
    socket.on('close', () => {
      if (this.#waiting === socket) this.#waiting = undefined;
    });
    this.#settle?.();
  }

  #drop(socket: Socket, fault: LinkFault | null): void {
    socket.destroy();
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#received.fail(fault ?? this.#lost('the connection was closed'));
    this.#observe({ kind: 'link-closed', link: this.id, fault });
  }

  #listenFault({ code, message }: NodeJS.ErrnoException): LinkFault {
    const { host, port } = this.#settings;
    const place = `${this.id}: ${host}:${port}`;
    if (code === 'EADDRINUSE') {
      return { kind: 'taken', message: `${place} is in use by another program; stop it, or choose another port` };
    }
    if (code === 'EACCES') {
      return { kind: 'denied', message: `${place} may not be listened on; choose a port above 1023` };
    }
    return { kind: 'refused', message: `${place} cannot be listened on (${message}); correct the address` };
  }

  #absent(): LinkFault {
    const { port } = this.#settings;
    const remedy = `set the device to connect to this gateway, port ${port}, and check its network`;
    return { kind: 'absent', message: `${this.id}: nobody has connected to port ${port}; ${remedy}` };
  }

  #lost(cause: string): LinkFault {
    const { host, port } = this.#settings;
    return { kind: 'lost', message: `${this.id}: ${host}:${port}: ${cause}; the device may connect again` };
  }
}

/** The address of the other end; an IPv4 one is written as such also where it came in over IPv6. */
function peerOf({ remoteAddress = '' }: Socket): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');
}
