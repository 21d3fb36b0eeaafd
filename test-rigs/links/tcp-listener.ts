import { createServer, type Server, type Socket } from 'node:net';
import { type ByteEnd, Listeners } from './byte-end.ts';

/*
 * In three lines:
 *   const listener = await TcpListener.listen((end) => slave.serveRtu(end));   // or serveModbusTcp
 *   const link = new TcpLink({ id: 'cabinet', settings: { host: '127.0.0.1', port: listener.port }, clock, observe });
 *   await listener.close();
 */

/** A device server on 127.0.0.1: each connection is an end that instruments sit on. */
export class TcpListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(connected: (end: ByteEnd) => void) {
    this.#server = createServer({ noDelay: true }, (socket) => {
      const heard = new Listeners();
      this.#sockets.add(socket);
      socket.on('data', (bytes: Buffer) => heard.tell(bytes));
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      connected({
        send: (bytes) => void (socket.writable && socket.write(bytes)),
        onBytes: (listener) => heard.add(listener),
      });
    });
  }

  static async listen(connected: (end: ByteEnd) => void, port = 0): Promise<TcpListener> {
    const listener = new TcpListener(connected);
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject);
      listener.#server.listen(port, '127.0.0.1', resolve);
    });
    return listener;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the listener is closed');
    return address.port;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Cuts every connection and goes on listening. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
