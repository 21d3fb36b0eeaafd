import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Platform } from '../../platform/platform.ts';
import { AedesBroker } from '../../surroundings/aedes-broker.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';

/** The broker of a run: a real mosquitto where there is one, else the embedded aedes, in the bench's own process. */
export interface BenchBroker {
  readonly name: 'mosquitto' | 'aedes';
  readonly url: string;
  readonly protocol: '3.1.1' | '5';
  /** Of its own process; undefined when it has none. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

export async function startBroker(): Promise<BenchBroker> {
  const mosquitto = await MosquittoBroker.start().catch(() => null);
  const broker = mosquitto ?? (await AedesBroker.start());
  const kind = mosquitto
    ? ({ name: 'mosquitto', protocol: '5' } as const)
    : ({ name: 'aedes', protocol: '3.1.1' } as const);
  return { ...kind, url: broker.url, pid: mosquitto?.pid, stop: () => broker.stop() };
}

/** The instruments of the workload in a process of their own. */
export class Slaves {
  readonly ports: readonly number[];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ports: readonly number[]) {
    this.#child = child;
    this.ports = ports;
  }

  static async start(): Promise<Slaves> {
    const child = fork(join(import.meta.dirname, 'slaves.ts'));
    const [ports] = (await once(child, 'message')) as [readonly number[]];
    return new Slaves(child, ports);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}

/** The reference platform in a process of its own, which keeps its table in a file. */
export class PlatformProcess {
  readonly file: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  private constructor(child: ChildProcess, file: string) {
    this.#child = child;
    this.#ended = once(child, 'exit').then(([code]) => code as number | null);
    this.file = file;
  }

  static async start({ url, protocol }: BenchBroker, file: string): Promise<PlatformProcess> {
    const program = join(import.meta.dirname, '..', '..', 'platform', 'main.ts');
    const args = [program, '--url', url, '--protocol', protocol, '--file', file];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    // It says one line as soon as it listens.
    if (child.stdout !== null) await once(child.stdout, 'data');
    return new PlatformProcess(child, file);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Ends it; true when its audit found nothing wrong. */
  async stop(): Promise<boolean> {
    this.#child.kill('SIGTERM');
    return (await this.#ended) === 0;
  }

  /** What it left behind; to be closed by {@link Platform.stop}. */
  read(): Platform {
    const line = { start: () => undefined, publish: () => undefined, stop: () => Promise.resolve() };
    return new Platform({ line, file: this.file });
  }
}
