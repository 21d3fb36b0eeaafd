import { readSync, writeSync } from 'node:fs';
import { SerialPort } from 'serialport';
import type { SerialSettings } from '../../device-profiles/serial-settings.ts';
import type { Clock } from '../clock.ts';

/** As much as the system keeps of what a tty has received and nobody has read (Linux, drivers/tty/n_tty.c). */
const mostAtOnce = 4096;
/** Every port reads into it, and copies in the same turn what it has read. */
const space = new Uint8Array(mostAtOnce);

const unplugged = 'the device was unplugged';

/** What serialport opens on a system where it can tell that there is something to read. */
type Binding = Extract<Awaited<ReturnType<typeof SerialPort.binding.open>>, { readonly poller: unknown }>;

/**
 * A serial port that is open. The serialport library opens, locks (flock) and sets it, and its poller tells when there
 * is something to read. The reading and writing itself is done here, on the same descriptor and without waiting: the
 * library does both in the thread pool, which costs several times the processor time. A tty.ReadStream is no way to it:
 * libuv puts another description of the file in the place of the one that it is given (src/unix/tty.c, uv_tty_init),
 * and the library's lock goes with its own.
 */
export class OpenPort {
  readonly #binding: Binding;
  readonly #descriptor: number;
  #isOpen = true;
  #rest = 0;

  private constructor(binding: Binding, descriptor: number) {
    this.#binding = binding;
    this.#descriptor = descriptor;
  }

  /** Rejects with what the system says. */
  static async open(device: string, { baudRate, parity, dataBits, stopBits }: SerialSettings): Promise<OpenPort> {
    const binding = await SerialPort.binding.open({ path: device, baudRate, parity, dataBits, stopBits });
    if ('poller' in binding && binding.fd !== null) return new OpenPort(binding, binding.fd);
    await binding.close();
    throw new Error('this system is not supported');
  }

  /** Hands over what comes, piece by piece, until the port is closed; or, once, the reason why no more can come. */
  hear(take: (bytes: Uint8Array) => void, gone: (cause: string) => void, clock: Clock): void {
    this.#binding.poller.once('readable', (hungUp: Error | null) => {
      if (!this.#isOpen) return;
      // A device that is pulled out is told as an error, or else reads as ended or broken.
      const cause = hungUp === null ? this.#read(take) : unplugged;
      if (cause !== null) gone(cause);
      // Who was handed the bytes may say in the same turn that it does not want the next ones soon.
      else setImmediate(() => this.#hearOn(take, gone, clock));
    });
  }

  #hearOn(take: (bytes: Uint8Array) => void, gone: (cause: string) => void, clock: Clock): void {
    const rest = this.#rest;
    this.#rest = 0;
    if (rest > 0) clock.after(rest, () => this.#hearOn(take, gone, clock));
    else if (this.#isOpen) this.hear(take, gone, clock);
  }

  /** Called in the turn in which bytes are handed over: leaves what comes next in the system for so long. */
  rest(milliseconds: number): void {
    this.#rest = milliseconds;
  }

  #read(take: (bytes: Uint8Array) => void): string | null {
    let length: number;
    try {
      length = readSync(this.#descriptor, space);
    } catch (error) {
      return isPassing(error) ? null : causeOf(error);
    }
    if (length === 0) return unplugged;
    take(space.slice(0, length));
    return null;
  }

  /** How many of the bytes the system has taken, from the first on; 0 while it has no room; else why it takes none. */
  write(bytes: Uint8Array): number | string {
    if (!this.#isOpen) return 'the port was closed';
    try {
      return writeSync(this.#descriptor, bytes);
    } catch (error) {
      return isPassing(error) ? 0 : causeOf(error);
    }
  }

  /** Sets the two lines that boards with a chip use for reset and boot mode; false where the device has none. */
  async signal(levels: { readonly dtr: boolean; readonly rts: boolean }): Promise<boolean> {
    if (!this.#isOpen) return false;
    return this.#binding.set({ ...levels, brk: false, cts: false, dsr: false, lowLatency: false }).then(
      () => true,
      () => false,
    );
  }

  /** Throws away what waits in the system, in both directions. */
  async flush(): Promise<void> {
    await this.#binding.flush();
  }

  /** Resolves when the system has sent what waits and let go of the port. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#binding.close();
  }

  /** Like `close`, for a device at fault: what waits to be sent is thrown away, since it would hold up the closing. */
  async abandon(): Promise<void> {
    this.#isOpen = false;
    await this.#binding.flush().catch(() => undefined);
    await this.#binding.close();
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

/** Nothing to read, or no room to write, at this moment. */
function isPassing(error: unknown): boolean {
  return ['EAGAIN', 'EINTR'].includes(codeOf(error));
}

function causeOf(error: unknown): string {
  return ['EIO', 'ENXIO', 'ENODEV'].includes(codeOf(error)) ? unplugged : (error as Error).message;
}
