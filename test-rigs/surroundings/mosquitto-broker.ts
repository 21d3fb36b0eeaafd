import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as openSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../links/free-port.ts';

/** Debian puts daemons where an ordinary user's PATH does not reach. */
const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

function program(): string {
  const found = places
    .map((place) => join(place, 'mosquitto'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
  if (found === undefined) {
    throw new Error('mosquitto is not installed: apt-get install -y --no-install-recommends mosquitto');
  }
  return found;
}

function isAccepting(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = openSocket(port, address);
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

/** Where else than on 127.0.0.1 it listens: an address inside a network namespace that the test has made. */
interface Whereabouts {
  readonly namespace: string;
  readonly address: string;
}

/** A real mosquitto of its own, on 127.0.0.1 and a free port, without persistence. */
export class MosquittoBroker {
  readonly port: number;
  readonly #directory: string;
  readonly #elsewhere: Whereabouts | undefined;
  #child: ChildProcess | null = null;
  #errors = '';

  private constructor(port: number, directory: string, elsewhere: Whereabouts | undefined) {
    this.port = port;
    this.#directory = directory;
    this.#elsewhere = elsewhere;
  }

  /** `lines`: more of mosquitto.conf(5), such as `max_packet_size 2000`. */
  static async start(lines: readonly string[] = [], elsewhere?: Whereabouts): Promise<MosquittoBroker> {
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), 'fenceline-mosquitto-'));
    const config = [
      `listener ${port} ${elsewhere === undefined ? '127.0.0.1' : '0.0.0.0'}`,
      'allow_anonymous true',
      'persistence false',
      ...lines,
    ];
    writeFileSync(join(directory, 'mosquitto.conf'), `${config.join('\n')}\n`);
    const broker = new MosquittoBroker(port, directory, elsewhere);
    await broker.restart();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it again on the same port, with an empty memory; resolves when it takes connections. */
  async restart(): Promise<void> {
    const inside = this.#elsewhere === undefined ? [] : ['ip', 'netns', 'exec', this.#elsewhere.namespace];
    const [file = '', ...args] = [...inside, program(), '-c', join(this.#directory, 'mosquitto.conf')];
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    child.stderr?.on('data', (text) => {
      this.#errors = (this.#errors + String(text)).slice(-2000);
    });
    for (let tries = 0; tries < 400; tries++) {
      if (child.exitCode !== null) throw new Error(`mosquitto ended at once: ${this.#errors}`);
      if (await isAccepting(this.port, this.#elsewhere?.address ?? '127.0.0.1')) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`mosquitto does not take connections on port ${this.port}: ${this.#errors}`);
  }

  /** Dies on the spot, with everything in its memory. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Stops and takes its files away. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Holds it still (SIGSTOP), as a machine that no longer answers while its connections stand; `false` lets it go on. */
  freeze(still: boolean): void {
    this.#child?.kill(still ? 'SIGSTOP' : 'SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }
}
