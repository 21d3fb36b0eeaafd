import { readFile, realpath, stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { type Cancel, systemClock } from '../../../gateway/clock.ts';
import { TtyAdapter } from '../../links/tty-pair.ts';
import type { Wired } from '../memory-board.ts';
import type { RawClimate } from './bme280-device.ts';
import type { Wave } from './wave.ts';

/*
 * In three lines:
 *   const uno = await TtyUno.plugIn(standardFirmata());     // uno.path is what the site file names
 *   uno.setPin(4, 'ground'); uno.setAnalogue(0, { middle: 2.5, rms: 0.5, hertz: 50 });
 *   await uno.remove();
 * Needs socat.
 */

export type ToUno =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'power'; readonly on: boolean }
  | { readonly kind: 'reset'; readonly bootLoader: number }
  | { readonly kind: 'pin'; readonly pin: number; readonly wired: Wired }
  | {
      readonly kind: 'bounce';
      readonly pin: number;
      readonly from: Wired;
      readonly to: Wired;
      readonly changes: readonly number[];
    }
  | { readonly kind: 'analogue'; readonly channel: number; readonly wave: Wave }
  | { readonly kind: 'climate'; readonly raw: RawClimate | null }
  | { readonly kind: 'driven'; readonly pin: number; readonly question: number };

export type FromUno =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'driven'; readonly question: number; readonly level: boolean | undefined };

/** Milliseconds for which the boot loader of an Uno listens for a new sketch; optiboot takes twice as long. */
const bootLoader = 500;
/** /proc/locks may leave a lock out while others come and go; after so many looks without it the port was closed. */
const mostUnseen = 4;
/** Milliseconds from one look at whether the port was opened to the next. */
const lookEvery = 20;

/**
 * An Uno on a real tty, at the speed of the real one: firmware in a simulated chip in a thread, behind a pty whose by-id
 * link stays over unplugging. Opening its port resets it, as DTR does.
 */
export class TtyUno {
  readonly #adapter: TtyAdapter;
  readonly #thread: Worker;
  readonly #questions: ((level: boolean | undefined) => void)[] = [];
  /** So many looks in a row found nobody. */
  #unseen = Number.POSITIVE_INFINITY;
  #looking: Cancel = () => undefined;
  #isRemoved = false;
  #resets = 0;

  private constructor(adapter: TtyAdapter, flash: Uint8Array) {
    this.#adapter = adapter;
    this.#thread = new Worker(new URL('./uno-thread.ts', import.meta.url), { workerData: flash, execArgv: [] });
    this.#thread.on('message', (message: FromUno) => {
      if (message.kind === 'bytes') adapter.line.send(message.bytes);
      else this.#questions[message.question]?.(message.level);
    });
    adapter.line.onBytes((bytes) => this.#tell({ kind: 'bytes', bytes }));
    this.#look();
  }

  static async plugIn(flash: Uint8Array): Promise<TtyUno> {
    return new TtyUno(await TtyAdapter.plugIn(), flash);
  }

  /** The by-id link: the name that stays. */
  get path(): string {
    return this.#adapter.path;
  }

  /** How often it was reset by an opening of its port. */
  get resets(): number {
    return this.#resets;
  }

  setPin(pin: number, wired: Wired): void {
    this.#tell({ kind: 'pin', pin, wired });
  }

  /** A contact that bounces: it changes over at each of these milliseconds of chip time from now. */
  bounce(pin: number, from: Wired, to: Wired, changes: readonly number[]): void {
    this.#tell({ kind: 'bounce', pin, from, to, changes });
  }

  setAnalogue(channel: number, wave: Wave): void {
    this.#tell({ kind: 'analogue', channel, wave });
  }

  /** A BME280 at 0x76 that reads so; null takes it away. */
  setClimate(raw: RawClimate | null): void {
    this.#tell({ kind: 'climate', raw });
  }

  /** The level that the chip drives a pin to; undefined while it is an input, or without power. */
  driven(pin: number): Promise<boolean | undefined> {
    return new Promise((resolve) => {
      const question = this.#questions.push(resolve) - 1;
      this.#tell({ kind: 'driven', pin, question });
    });
  }

  /** The button on the board. */
  reset(): void {
    this.#tell({ kind: 'reset', bootLoader: 0 });
  }

  /** The cable is pulled out: no power, and the tty hangs up. */
  async unplug(): Promise<void> {
    this.#tell({ kind: 'power', on: false });
    await this.#adapter.unplug();
    this.#unseen = Number.POSITIVE_INFINITY;
  }

  /** The cable is put back; the tty comes under the next name. */
  async replug(): Promise<void> {
    await this.#adapter.replug();
    this.#tell({ kind: 'power', on: true });
  }

  /** Unplugs and leaves nothing behind. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    this.#looking();
    await this.#adapter.remove();
    await this.#thread.terminate();
  }

  #tell(message: ToUno): void {
    this.#thread.postMessage(message);
  }

  /** A pty has no DTR; that the port was opened is seen by the lock that serial programs put on it. */
  #look(): void {
    this.#looking = systemClock.after(lookEvery, async () => {
      const isOpen = await isLocked(this.path);
      if (this.#isRemoved) return;
      if (isOpen && this.#unseen > mostUnseen) {
        this.#resets += 1;
        this.#tell({ kind: 'reset', bootLoader });
      }
      this.#unseen = isOpen ? 0 : this.#unseen + 1;
      this.#look();
    });
  }
}

/** Whether somebody holds a lock on the device (flock): /proc/locks names it by file system, `00:18`, and inode. */
async function isLocked(path: string): Promise<boolean> {
  const device = await realpath(path).then(
    (name) => stat(name),
    () => undefined,
  );
  const locks = await readFile('/proc/locks', 'utf8').catch(() => '');
  if (device === undefined) return false;
  const fileSystem = [device.dev >> 8, device.dev & 0xff].map((part) => part.toString(16).padStart(2, '0')).join(':');
  return new RegExp(`FLOCK .* ${fileSystem}:${device.ino} 0 EOF`).test(locks);
}
