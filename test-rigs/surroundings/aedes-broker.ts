import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';

/** An embedded broker (aedes: MQTT 3.1.1 only) on 127.0.0.1, with a switch for outages. */
export class AedesBroker {
  readonly #aedes: Aedes;
  readonly #sockets = new Set<Socket>();
  #server: Server;
  #port: number;

  private constructor(aedes: Aedes, port: number) {
    this.#aedes = aedes;
    this.#port = port;
    this.#server = this.#newServer();
  }

  /** `port` 0 takes a free one. */
  static async start(port = 0): Promise<AedesBroker> {
    const broker = new AedesBroker(await Aedes.createBroker(), port);
    await broker.restore();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  get isCut(): boolean {
    return !this.#server.listening;
  }

  /** Drops every connection and takes no new ones: the port is closed. What the broker holds, it keeps. */
  async cut(): Promise<void> {
    if (this.isCut) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Takes connections again, on the same port. */
  async restore(): Promise<void> {
    if (!this.isCut) return;
    this.#server = this.#newServer();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }

  async stop(): Promise<void> {
    await this.cut();
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
  }

  #newServer(): Server {
    return createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
      this.#aedes.handle(socket);
    });
  }
}
