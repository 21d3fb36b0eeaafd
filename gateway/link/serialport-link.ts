import { realpath } from 'node:fs/promises';
import { SerialPort } from 'serialport';
import { type Clock, pause } from '../clock.ts';
import type { Arrival, Link, LinkEvent, LinkFault } from './link.ts';
import { holdersOf } from './port-holder.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { characterTimeOf, type SerialLinkSettings } from './settings.ts';

const receiveLimit = 65_536;
/** Milliseconds after which a system call on a port that went wrong is no longer waited for. */
const patience = 1000;
/** After so many milliseconds of silence it is worth a system call to see whether the device is still there. */
const worthLooking = 50;

export interface SerialportLinkOptions {
  readonly id: string;
  readonly settings: SerialLinkSettings;
  readonly clock: Clock;
  readonly observe: (event: LinkEvent) => void;
}

/**
 * A serial port through the serialport library. The path is resolved anew at every open, so a /dev/serial/by-id link
 * that points to another ttyUSBn after the adapter was plugged in again is followed.
 */
export class SerialportLink implements Link {
  readonly id: string;
  readonly medium = 'wire';
  generation = 0;
  readonly characterTime: number;
  readonly #settings: SerialLinkSettings;
  readonly #clock: Clock;
  readonly #observe: (event: LinkEvent) => void;
  readonly #received: ReceiveBuffer;
  #port: SerialPort | undefined;
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
    const drained = new Promise<Error | null>((resolve) => {
      port.write(Buffer.from(bytes), (error) => (error ? resolve(error) : port.drain((failed) => resolve(failed))));
    });
    const error = await this.#within(drained, patience + bytes.length * this.characterTime);
    if (error === null) return null;
    const fault = this.#lost(error === 'too-long' ? 'the port takes no more bytes' : error.message);
    this.#drop(port, fault);
    return fault;
  }

  async read(timeout: number): Promise<Arrival | 'timeout' | LinkFault> {
    const port = this.#port;
    if (!port) return this.#lost('the port is not open');
    const result = await this.#received.read(timeout);
    // A port that was hung up between two polls of the system reads as silent for ever; its settings cannot be read.
    if (result === 'timeout' && timeout >= worthLooking && (await this.#isHungUp(port))) {
      const fault = this.#lost('the device was unplugged');
      this.#drop(port, fault);
      return fault;
    }
    return result;
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
    const { path, baudRate, parity, dataBits, stopBits } = this.#settings;
    const device = await realpath(path).catch(() => undefined);
    if (device === undefined) {
      const message = `${this.id}: ${path} is not there; plug the adapter in, or correct links.${this.id}.path`;
      return { kind: 'absent', message };
    }
    const port = new SerialPort({ path: device, baudRate, parity, dataBits, stopBits, autoOpen: false });
    // Once open, errors arrive as a close too; without a listener an error event would end the process.
    port.on('error', () => undefined);
    const opened = new Promise<Error | null>((resolve) => port.open((error) => resolve(error ?? null)));
    const error = await this.#within(opened, 2 * patience);
    if (error === 'too-long') {
      void opened.then((late) => late === null && port.close(() => undefined));
      return { kind: 'absent', message: `${this.id}: ${path} does not open; unplug the adapter and plug it in again` };
    }
    if (error !== null) return this.#openFault(error.message, device);
    // What the system had kept from before belongs to no question of ours.
    await this.#within(new Promise<null>((resolve) => port.flush(() => resolve(null))), patience);
    this.#received.discard();
    this.generation += 1;
    this.#port = port;
    port.on('data', (bytes: Buffer) => this.#port === port && this.#received.push(bytes));
    port.on('close', (cause: Error | null) => {
      if (this.#port === port) this.#drop(port, this.#lost(cause?.message ?? 'the device was closed'));
    });
    return null;
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

  async #isHungUp(port: SerialPort): Promise<boolean> {
    const binding = port.port;
    if (this.#port !== port || !binding) return false;
    const answer = await this.#within(
      binding.getBaudRate().then(
        () => null,
        (error: Error) => error,
      ),
      patience,
    );
    return this.#port === port && answer instanceof Error;
  }

  /** Forgets the port at once and waits at most a second for the system to let go of it. */
  async #drop(port: SerialPort, fault: LinkFault | null): Promise<void> {
    this.#port = undefined;
    this.#received.fail(fault ?? this.#lost('the port was closed'));
    this.#observe({ kind: 'link-closed', link: this.id, fault });
    if (!port.isOpen) return;
    await this.#within(new Promise<null>((resolve) => port.close(() => resolve(null))), patience);
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
