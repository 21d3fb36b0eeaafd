import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Ledger } from './ledger.ts';

/*
 * In three lines:
 *   const gateway = await GatewayProcess.start({ directory });       // a site directory with its site.json
 *   gateway.kill();                                                  // SIGKILL, as when the power goes
 *   const again = await GatewayProcess.start({ directory, ledger: gateway.ledger });
 */

/** What a technician and the service run: with the same Node and the same flags. */
const program = join(import.meta.dirname, '..', '..', 'bin', 'fenceline');
/** Lines of log kept for whoever asks why. */
const logBound = 500;

export interface GatewayProcessOptions {
  readonly directory: string;
  /** Goes on with the ledger of an earlier run. */
  readonly ledger?: Ledger;
  /** How long it may go on sending when told to stop, as `--drain` takes it. */
  readonly drain?: string;
  /** Options for its Node, as NODE_OPTIONS takes them, such as a module to load first. */
  readonly nodeOptions?: readonly string[];
  /** More of its environment, such as what a disk that can be cut off asks for. */
  readonly environment?: { readonly [name: string]: string };
}

interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** Runs a command of the real command line to its end; rejects with its own words when it fails. */
export async function runCommand(args: readonly string[], input = ''): Promise<string> {
  const child = spawn(program, args, { stdio: 'pipe' });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`fenceline ${args.join(' ')} ended with ${code}: ${said}`);
  return said;
}

/** The real gateway as its own process: `fenceline run` on a site directory, with its ledger on descriptor 3. */
export class GatewayProcess {
  readonly ledger: Ledger;
  /** The latest lines of its log, as they came. */
  readonly log: string[] = [];
  /** Resolves to the exit code, or to the signal that ended it. */
  readonly exited: Promise<number | string>;
  readonly #child: ChildProcess;
  readonly #ledgerRead: Promise<void>;
  #pagePort: number | null = null;
  #running: (line: LogLine | null) => void = () => {};

  private constructor({ directory, ledger, drain = '2s', nodeOptions = [], environment }: GatewayProcessOptions) {
    this.ledger = ledger ?? new Ledger();
    const args = ['run', '--site', directory, '--ledger', '3', '--drain', drain];
    const flags = nodeOptions.length === 0 ? {} : { NODE_OPTIONS: nodeOptions.join(' ') };
    const env = { ...process.env, ...flags, ...environment };
    this.#child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], env });
    this.#ledgerRead = this.ledger.read(this.#child.stdio[3] as Readable);
    this.exited = this.#watchExit();
    this.#readLog(this.#child.stderr as Readable);
  }

  /** Starts it without waiting until it runs: it may be killed before. */
  static launch(options: GatewayProcessOptions): GatewayProcess {
    return new GatewayProcess(options);
  }

  /** Resolves when it runs; rejects with its log when it ends before. */
  static async start(options: GatewayProcessOptions): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(options);
    const line = await new Promise<LogLine | null>((resolve) => {
      gateway.#running = resolve;
    });
    if (line === null) throw new Error(`the gateway ended before it ran:\n${gateway.log.join('\n')}`);
    return gateway;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get pagePort(): number | null {
    return this.#pagePort;
  }

  /** Tells it to stop, and resolves when it has. */
  async stop(): Promise<number | string> {
    this.#child.kill('SIGTERM');
    return this.exited;
  }

  /** SIGKILL. Resolves when it is gone and everything it wrote to its ledger has been read. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  async #watchExit(): Promise<number | string> {
    const [code, signal] = (await once(this.#child, 'close')) as [number | null, string | null];
    await this.#ledgerRead;
    this.#running(null);
    return code ?? signal ?? 'unknown';
  }

  async #readLog(stream: Readable): Promise<void> {
    stream.setEncoding('utf8');
    let rest = '';
    for await (const chunk of stream) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#logged(line);
    }
  }

  #logged(text: string): void {
    this.log.push(text);
    if (this.log.length > logBound) this.log.shift();
    if (!text.startsWith('{')) return;
    const line = JSON.parse(text) as LogLine;
    if (line.msg !== 'running') return;
    // Once more after each site change, within the process.
    this.#pagePort = typeof line.page === 'number' ? line.page : null;
    this.#running(line);
  }
}
