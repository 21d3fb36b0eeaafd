import { createServer, connect as openSocket, type Server, type Socket } from 'node:net';
import { type Clock, pause, systemClock } from '../../gateway/clock.ts';

/** Bytes that go on in one piece: small against a second of the slowest line. */
const piece = 256;

interface NarrowRelayOptions {
  /** Where connections go on to, on 127.0.0.1. */
  readonly target: number;
  /** Of each direction. */
  readonly bytesPerSecond: number;
  readonly clock?: Clock;
}

/** A TCP relay on 127.0.0.1 that carries so many bytes a second each way, as a mobile line does; all connections share it. */
export class NarrowRelay implements AsyncDisposable {
  readonly #options: NarrowRelayOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Bytes that went on to the target. */
  carried = 0;

  private constructor(options: NarrowRelayOptions) {
    this.#options = options;
    const ways = { up: { freeAt: 0 }, down: { freeAt: 0 } };
    this.#server = createServer((near) => {
      const far = openSocket(options.target, '127.0.0.1');
      // What is passed on in pieces must not be gathered again.
      for (const end of [near, far]) end.setNoDelay(true);
      void this.#carry(near, far, ways.up, true);
      void this.#carry(far, near, ways.down, false);
    });
  }

  static async start(options: NarrowRelayOptions): Promise<NarrowRelay> {
    const relay = new NarrowRelay(options);
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the relay does not listen');
    return address.port;
  }

  /** Passes on until either end closes. An absolute schedule, so that a timer that is late makes the line no slower. */
  async #carry(from: Socket, to: Socket, way: { freeAt: number }, isUp: boolean): Promise<void> {
    const { clock = systemClock, bytesPerSecond } = this.#options;
    this.#sockets.add(from);
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    try {
      for await (const bytes of from) {
        for (let at = 0; at < bytes.length; at += piece) {
          const part: Buffer = bytes.subarray(at, at + piece);
          way.freeAt = Math.max(clock.monotonic(), way.freeAt) + (part.length / bytesPerSecond) * 1000;
          await pause(clock, way.freeAt - clock.monotonic());
          if (to.destroyed) return;
          to.write(part);
          if (isUp) this.carried += part.length;
        }
      }
    } catch {
      // An end that is torn down is how connections end here.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
