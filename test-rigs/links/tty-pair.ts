import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { type Cancel, type Clock, pause, systemClock } from '../../gateway/clock.ts';
import { type ByteEnd, join, Listeners } from './byte-end.ts';
import { PacedLine } from './paced-line.ts';

/*
 * In three lines:
 *   const adapter = await TtyAdapter.plugIn();          // adapter.path is what the site file names
 *   slave.serveRtu(adapter.line);                       // or: adapter.line of TtyAdapter.plugIn({ baudRate: 9600 })
 *   await adapter.remove();
 * Needs socat.
 */

/**
 * One USB serial adapter: a real tty behind a by-id link, and the wires on its other side as a {@link ByteEnd} in this
 * process. With a baud rate the wires are paced, good to a few milliseconds; a pty itself has no speed. Pulled out and
 * plugged in again, the tty comes back under the next name, as ttyUSB0 becomes ttyUSB1, behind the same by-id link.
 */
export class TtyAdapter {
  /** The by-id link: the name that stays. */
  readonly path: string;
  /** The wires, as instruments see them. */
  readonly line: ByteEnd;
  readonly #directory: string;
  readonly #heard = new Listeners();
  #socat: ChildProcess | undefined;
  #plugged = 0;

  private constructor(directory: string, clock: Clock, baudRate: number | undefined) {
    this.#directory = directory;
    this.path = joinPath(directory, 'by-id');
    const tty: ByteEnd = {
      send: (bytes) => void this.#socat?.stdin?.write(bytes),
      onBytes: (listener) => this.#heard.add(listener),
    };
    if (baudRate === undefined) {
      this.line = tty;
    } else {
      const wires = new PacedLine({ clock, baudRate, grain: 'character' });
      join(tty, wires.connect());
      this.line = wires.connect();
    }
  }

  static async plugIn({
    clock = systemClock,
    baudRate,
  }: {
    clock?: Clock;
    baudRate?: number;
  } = {}): Promise<TtyAdapter> {
    const directory = await mkdtemp(joinPath(tmpdir(), 'fenceline-tty-'));
    const adapter = new TtyAdapter(directory, clock, baudRate);
    await adapter.replug();
    return adapter;
  }

  /** The tty's present name. */
  get device(): string {
    return joinPath(this.#directory, `ttyUSB${this.#plugged - 1}`);
  }

  /** The adapter is pulled out: its tty hangs up and the by-id link goes. */
  async unplug(): Promise<void> {
    const socat = this.#socat;
    this.#socat = undefined;
    await rm(this.path, { force: true });
    if (!socat || socat.exitCode !== null || socat.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => socat.once('exit', () => resolve()));
    socat.kill();
    await ended;
  }

  /** The adapter is plugged in again, under the next name. */
  async replug(): Promise<void> {
    await this.unplug();
    this.#plugged += 1;
    const device = this.device;
    const socat = spawn('socat', ['-d', '-d', '-', `PTY,link=${device},rawer`], { stdio: 'pipe' });
    socat.stdout.on('data', (bytes: Buffer) => this.#heard.tell(bytes));
    // A write that meets the end of socat is the bytes lost on a pulled cable.
    socat.stdin.on('error', () => undefined);
    await socatReady(socat);
    this.#socat = socat;
    await symlink(device, this.path);
  }

  /** The adapter hangs: it takes nothing from the system any more. */
  stall(): void {
    this.#socat?.kill('SIGSTOP');
  }

  resume(): void {
    this.#socat?.kill('SIGCONT');
  }

  /** Unplugs and leaves nothing behind. */
  async remove(): Promise<void> {
    await this.unplug();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Two ttys joined by a line of that speed; for programs that each want a device of their own. */
export class TtyPair {
  readonly one: TtyAdapter;
  readonly other: TtyAdapter;
  readonly #stop: Cancel;

  private constructor(one: TtyAdapter, other: TtyAdapter) {
    this.one = one;
    this.other = other;
    this.#stop = join(one.line, other.line);
  }

  static async create(options: { clock?: Clock; baudRate?: number } = {}): Promise<TtyPair> {
    // One side is paced; pacing both would count the time on the wire twice.
    return new TtyPair(await TtyAdapter.plugIn(options), await TtyAdapter.plugIn());
  }

  async remove(): Promise<void> {
    this.#stop();
    await Promise.all([this.one.remove(), this.other.remove()]);
  }
}

/** Resolves when socat, started with `-d -d`, carries bytes; rejects with its own words when it does not start. */
export async function socatReady(socat: ChildProcess): Promise<void> {
  let said = '';
  const carrying = new Promise<void>((resolve, reject) => {
    socat.stderr?.on('data', (text: Buffer) => {
      said = (said + text).slice(-2000);
      if (said.includes('starting data transfer loop')) resolve();
    });
    socat.once('error', (error) => reject(new Error(`socat does not start (apt-get install socat): ${error.message}`)));
    socat.once('exit', () => reject(new Error(`socat ended at once: ${said}`)));
  });
  const enough = new AbortController();
  const tooLong = pause(systemClock, 5000, enough.signal).then(() => {
    if (!enough.signal.aborted) throw new Error(`socat made no tty within 5 s: ${said}`);
  });
  await Promise.race([carrying, tooLong]).finally(() => enough.abort());
}
