import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { type Cancel, type Clock, pause } from '../../../clock.ts';
import type { LinkFault } from '../../link.ts';
import type { NodesListen } from '../settings.ts';

/** Certificate and key in PEM, as their files hold them now, or why they cannot be used. */
export type ReadCertificate = () => Promise<
  { readonly cert: string; readonly key: string } | { readonly fault: string }
>;

export interface ListenerOptions {
  readonly link: string;
  readonly listen: NodesListen;
  /** With it connections are TLS; it is asked each time the port is opened, and every hour after. */
  readonly certificate?: ReadCertificate | undefined;
  readonly clock: Clock;
  /** Whether a connection from this address is let in; asked before a byte of it is read. */
  readonly mayEnter: (address: string) => boolean;
  readonly onSocket: (socket: Socket, address: string) => void;
  /** It spoke without TLS, or did not accept our certificate. */
  readonly onNoTls: (address: string) => void;
  readonly onOpened: () => void;
  readonly onFault: (fault: LinkFault) => void;
}

/** Milliseconds between two tries to listen: the first pause, and the longest. */
const firstPause = 1000;
const longestPause = 60_000;
/** Milliseconds after which a renewed certificate is shown to those that connect. */
const renewEvery = 3_600_000;

/** Listens at the site's address until it is stopped: what keeps it from that is told, and tried again after growing pauses. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #over = new AbortController();
  #server: Server | undefined;
  #secure: SecureContext | undefined;
  #renewal: Cancel | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#over.abort();
    this.#renewal?.();
    this.#server?.close();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { clock, onOpened, onFault } = this.#options;
    const { signal } = this.#over;
    for (let wait = firstPause; !signal.aborted; wait = Math.min(longestPause, 2 * wait)) {
      const fault = await this.#open();
      if (fault === null) {
        wait = firstPause;
        onOpened();
        const lost = await this.#closed();
        if (signal.aborted) return;
        onFault(this.#fault('lost', `${lost}; it is opened again`));
      } else if (!signal.aborted) onFault(fault);
      await pause(clock, wait, signal);
    }
  }

  async #open(): Promise<LinkFault | null> {
    const { listen } = this.#options;
    const fault = await this.#readCertificate();
    if (fault !== null) return this.#fault('refused', fault);
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => this.#greet(socket));
    this.#server = server;
    const cause = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      // Stays for the life of the server: an error without a listener would end the process.
      server.on('error', resolve);
      server.listen(listen, () => resolve(null));
    });
    return cause === null ? null : this.#listenFault(cause);
  }

  /** Null where there is none to be read, or it is in use from now on; else why it is not. */
  async #readCertificate(): Promise<string | null> {
    const { certificate, clock } = this.#options;
    if (certificate === undefined) return null;
    const read = await certificate();
    if (this.#over.signal.aborted) return null;
    this.#renewal?.();
    // What cannot be used is told by the check and at the next start; the one in use goes on meanwhile.
    this.#renewal = clock.after(renewEvery, () => void this.#readCertificate().catch(() => undefined));
    if ('fault' in read) return read.fault;
    try {
      this.#secure = createSecureContext({ ...read, minVersion: 'TLSv1.2' });
      return null;
    } catch (error) {
      return `certificate or key cannot be used (${(error as Error).message}); put others`;
    }
  }

  #closed(): Promise<string> {
    return new Promise((resolve) => {
      this.#server?.once('close', () => resolve('the port was closed'));
    });
  }

  #greet(socket: Socket): void {
    // A close follows it.
    socket.on('error', () => undefined);
    const address = addressOf(socket);
    if (this.#over.signal.aborted || !this.#options.mayEnter(address)) {
      socket.destroy();
      return;
    }
    const secure = this.#secure;
    const plain = secure === undefined ? socket : new TLSSocket(socket, { isServer: true, secureContext: secure });
    plain.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      // OpenSSL's own errors and the alerts of the other end; that it went away is none of them.
      if (code.startsWith('ERR_SSL_')) this.#options.onNoTls(address);
      socket.destroy();
    });
    if (plain !== socket) socket.once('close', () => plain.destroy());
    this.#options.onSocket(plain, address);
  }

  #listenFault({ code, message }: NodeJS.ErrnoException): LinkFault {
    switch (code) {
      case 'EADDRINUSE':
        return this.#fault('taken', 'is in use by another program; stop it, or choose another port');
      case 'EADDRNOTAVAIL':
        return this.#fault('absent', 'is no address of this machine; bring its network up, or correct "listen"');
      case 'EACCES':
        return this.#fault('denied', 'may not be listened on; choose a port above 1023');
      default:
        return this.#fault('refused', `cannot be listened on (${message}); correct "listen"`);
    }
  }

  #fault(kind: LinkFault['kind'], words: string): LinkFault {
    const { link, listen } = this.#options;
    return { kind, message: `${link}: ${listen.host}:${listen.port} ${words}` };
  }
}

/** The address of the other end; an IPv4 one is written as such also where it came in over IPv6. */
function addressOf({ remoteAddress = '' }: Socket): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');
}
