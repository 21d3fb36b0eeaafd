import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { ReadStream } from 'node:tty';
import { SerialPort } from 'serialport';
import { type Clock, pause } from '../clock.ts';
import type { Arrival, Link, LinkEvent, LinkFault } from './link.ts';
import { holdersOf } from './port-holder.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { characterTimeOf, type LineSettings } from './settings.ts';

const receiveLimit = 65_536;
/** Milliseconds after which a system call on a port that went wrong is no longer waited for. */
const patience = 1000;
/** Milliseconds until a port that took no more bytes is tried again. */
const fullPause = 5;

/** Which port, and how bytes travel on its line. */
type SerialPortSettings = LineSettings & { readonly path: string };

export interface SerialportLinkOptions {
  readonly id: string;
  readonly settings: SerialPortSettings;
  readonly clock: Clock;
  readonly observe: (event: LinkEvent) => void;
}

type Binding = Awaited<ReturnType<typeof SerialPort.binding.open>>;

/** An open port: serialport's binding holds the lock and the settings and takes what is sent, the stream what comes. */
interface Port {
  readonly binding: Binding;
  readonly stream: ReadStream;
}

const ignore = (): void => undefined;

function openBinding(device: string, settings: LineSettings): Promise<Binding | Error> {
  const { baudRate, parity, dataBits, stopBits } = settings;
  return SerialPort.binding.open({ path: device, baudRate, parity, dataBits, stopBits }).catch((error: Error) => error);
}

/**
 * What comes from a tty that is open already. serialport reads in the thread pool, which costs several times the
 * processor time of the event loop's own reading. The device is opened once more for it, since libuv puts another
 * description of the file in the place of the one that it is given (src/unix/tty.c, uv_tty_init), and with serialport's
 * own its lock would go.
 */
function readingStream(device: string): ReadStream | Error {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(device, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    return new ReadStream(descriptor);
  } catch (error) {
    return error as Error;
  } finally {
    // The stream has a descriptor of its own.
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * A serial port. The serialport library opens, locks and sets it. The path is resolved anew at every open, so a
 * /dev/serial/by-id link that points to another ttyUSBn after the adapter was plugged in again is followed.
 */
export class SerialportLink implements Link {
  readonly id: string;
  readonly medium = 'wire';
  generation = 0;
  readonly characterTime: number;
  readonly #settings: SerialPortSettings;
  readonly #clock: Clock;
  readonly #observe: (event: LinkEvent) => void;
  readonly #received: ReceiveBuffer;
  #port: Port | undefined;
  #closes = 0;

  constructor({ id, settings, clock, observe }: SerialportLinkOptions) {
    this.id = id;
    this.characterTime = characterTimeOf(settings);
    this.#settings = settings;
    this.#clock = clock;
    this.#observe = observe;
    this.#received = new ReceiveBuffer(clock, receiveLimit, (bytes) =>
      observe({ kind: 'link-overflow', link: id, bytes }),
    );
  }

  get isOpen(): boolean {
    return this.#port !== undefined;
  }

  async open(): Promise<LinkFault | null> {
    if (this.#port) return null;
    const closes = this.#closes;
    const fault = await this.#tryOpen();
    if (fault === null && closes !== this.#closes) {
      await this.close();
      return this.#lost('closed while it was being opened');
    }
    if (fault) this.#observe({ kind: 'link-closed', link: this.id, fault });
    else this.#observe({ kind: 'link-opened', link: this.id, generation: this.generation });
    return fault;
  }

  async write(bytes: Uint8Array): Promise<LinkFault | null> {
    const port = this.#port;
    if (!port) return this.#lost('the port is not open');
    const cause = await this.#put(port, bytes);
    if (cause === null) return null;
    const fault = this.#lost(cause);
    this.#drop(port, fault);
    return fault;
  }

  async read(timeout: number): Promise<Arrival | 'timeout' | LinkFault> {
    return this.#port ? this.#received.read(timeout) : this.#lost('the port is not open');
  }

  discard(): number {
    return this.#received.discard();
  }

  async close(): Promise<void> {
    this.#closes += 1;
    const port = this.#port;
    if (!port) return;
    await this.#drop(port, null);
  }

  async #tryOpen(): Promise<LinkFault | null> {
    const { path } = this.#settings;
    const device = await realpath(path).catch(() => undefined);
    if (device === undefined) {
      const message = `${this.id}: ${path} is not there; plug the adapter in, or correct links.${this.id}.path`;
      return { kind: 'absent', message };
    }
    const opening = openBinding(device, this.#settings);
    const binding = await this.#within(opening, 2 * patience);
    if (binding === 'too-long') {
      void opening.then((late) => (late instanceof Error ? undefined : late.close()));
      return { kind: 'absent', message: `${this.id}: ${path} does not open; unplug the adapter and plug it in again` };
    }
    if (binding instanceof Error) return this.#openFault(binding.message, device);
    // What the system had kept from before belongs to no question of ours.
    await this.#within(binding.flush().catch(ignore), patience);
    const stream = readingStream(device);
    if (stream instanceof Error) {
      await this.#within(binding.close().catch(ignore), patience);
      return this.#openFault(stream.message, device);
    }
    this.#received.discard();
    this.generation += 1;
    this.#hear({ binding, stream });
    return null;
  }

  #hear(port: Port): void {
    this.#port = port;
    const { stream } = port;
    const end = (cause: string): void => {
      if (this.#port === port) this.#drop(port, this.#lost(cause));
    };
    stream.on('data', (bytes: Buffer) => this.#port === port && this.#received.push(bytes));
    stream.on('error', (error: Error) => end(error.message));
    // A tty that hangs up, as one does that is pulled out, reads as ended.
    stream.on('end', () => end('the device was unplugged'));
    stream.on('close', () => end('the device was closed'));
  }

  /** Null once the system has the bytes, else why not. A request fits into its buffer whole, so this rarely waits. */
  async #put({ binding }: Port, bytes: Uint8Array): Promise<string | null> {
    const deadline = this.#clock.monotonic() + patience + bytes.length * this.characterTime;
    for (let taken = 0; ; ) {
      if (binding.fd === null) return 'closed while sending';
      try {
        taken += writeSync(binding.fd, bytes, taken);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return (error as Error).message;
      }
      if (taken === bytes.length) return null;
      if (this.#clock.monotonic() > deadline) return 'the port takes no more bytes';
      await pause(this.#clock, fullPause);
    }
  }

  async #openFault(cause: string, device: string): Promise<LinkFault> {
    const { path } = this.#settings;
    if (/cannot lock|busy/i.test(cause)) {
      const holder = (await holdersOf(device)) ?? 'another process';
      return { kind: 'taken', message: `${this.id}: ${path} is in use by ${holder}; stop it, or use another port` };
    }
    if (/permission/i.test(cause)) {
      const remedy = 'add the user to group dialout and log in again';
      return { kind: 'denied', message: `${this.id}: no permission to open ${path}; ${remedy}` };
    }
    if (/no such|not a directory/i.test(cause)) {
      return { kind: 'absent', message: `${this.id}: ${path} is not there; plug the adapter in` };
    }
    return { kind: 'refused', message: `${this.id}: ${path} cannot be used as a serial port: ${cause}` };
  }

  /** Forgets the port at once and waits at most a second for the system to let go of it. */
  async #drop(port: Port, fault: LinkFault | null): Promise<void> {
    this.#port = undefined;
    this.#received.fail(fault ?? this.#lost('the port was closed'));
    this.#observe({ kind: 'link-closed', link: this.id, fault });
    port.stream.destroy();
    await this.#within(port.binding.close().catch(ignore), patience);
  }

  #lost(cause: string): LinkFault {
    return { kind: 'lost', message: `${this.id}: ${this.#settings.path}: ${cause}; it is opened again by itself` };
  }

  async #within<T>(result: Promise<T>, milliseconds: number): Promise<T | 'too-long'> {
    const enough = new AbortController();
    const tooLong = pause(this.#clock, milliseconds, enough.signal).then((): 'too-long' => 'too-long');
    const first = await Promise.race([result, tooLong]);
    enough.abort();
    return first;
  }
}
