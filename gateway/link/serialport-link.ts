import { realpath, stat } from 'node:fs/promises';
import type { SerialSettings } from '../../device-profiles/serial-settings.ts';
import { type Clock, pause } from '../clock.ts';
import type { Arrival, Link, LinkEvent, LinkFault } from './link.ts';
import { type Holder, holdersOf, lockHolderOf } from './port-holder.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { OpenPort } from './serialport-binding.ts';
import { characterTimeOf } from './settings.ts';

const receiveLimit = 65_536;
/** Milliseconds after which a system call on a port that went wrong is no longer waited for. */
const patience = 1000;
/** Milliseconds until a port that took no more bytes is tried again. */
const fullPause = 5;

/** Which port, and how bytes travel on its line. */
type PortSettings = SerialSettings & { readonly path: string };

export interface SerialportLinkOptions {
  readonly id: string;
  readonly settings: PortSettings;
  readonly clock: Clock;
  readonly observe: (event: LinkEvent) => void;
}

const ignore = (): void => undefined;

/**
 * A serial port. The path is resolved anew at every open, so a /dev/serial/by-id link that points to another ttyUSBn
 * after the adapter was plugged in again is followed.
 */
export class SerialportLink implements Link {
  readonly id: string;
  readonly medium = 'wire';
  generation = 0;
  readonly characterTime: number;
  readonly #settings: PortSettings;
  readonly #clock: Clock;
  readonly #observe: (event: LinkEvent) => void;
  readonly #received: ReceiveBuffer;
  #port: OpenPort | undefined;
  #closes = 0;
  /** The port of before, while the system has not let go of it. */
  #releasing: Promise<void> | undefined;

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
    const port = await this.#tryOpen();
    const isClosed = closes !== this.#closes;
    if (port instanceof OpenPort && !isClosed) {
      this.#begin(port);
      return null;
    }
    if (port instanceof OpenPort) await this.#release(port.close());
    const fault = port instanceof OpenPort ? this.#lost('closed while it was being opened') : port;
    this.#observe({ kind: 'link-closed', link: this.id, fault: isClosed ? null : fault });
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

  rest(milliseconds: number): void {
    this.#port?.rest(milliseconds);
  }

  discard(): number {
    return this.#received.discard();
  }

  /** Sets DTR and RTS of the adapter; false where it has no such lines, or is not open. */
  async signal(levels: { readonly dtr: boolean; readonly rts: boolean }): Promise<boolean> {
    return (await this.#port?.signal(levels)) ?? false;
  }

  async close(): Promise<void> {
    this.#closes += 1;
    if (this.#port) this.#drop(this.#port, null);
    if (this.#releasing) await this.#within(this.#releasing, patience);
  }

  #begin(port: OpenPort): void {
    this.#received.discard();
    this.generation += 1;
    this.#port = port;
    port.hear(
      (bytes) => this.#received.push(bytes),
      (cause) => this.#drop(port, this.#lost(cause)),
      this.#clock,
    );
    this.#observe({ kind: 'link-opened', link: this.id, generation: this.generation });
  }

  async #tryOpen(): Promise<OpenPort | LinkFault> {
    const { path } = this.#settings;
    if (this.#releasing) await this.#within(this.#releasing, patience);
    const device = await realpath(path).catch(() => undefined);
    if (device === undefined) {
      const message = `${this.id}: ${path} is not there; plug the adapter in, or correct links.${this.id}.path`;
      return { kind: 'absent', message };
    }
    const unusable = await this.#unusable(device);
    if (unusable) return unusable;
    const opening = OpenPort.open(device, this.#settings).catch((error: Error) => error);
    const port = await this.#within(opening, 2 * patience);
    if (port === 'too-long') {
      void opening.then((late) => (late instanceof OpenPort ? this.#release(late.abandon()) : undefined));
      return { kind: 'absent', message: `${this.id}: ${path} does not open; unplug the adapter and plug it in again` };
    }
    if (port instanceof Error) return this.#openFault(port.message, device);
    // What the system had kept from before belongs to no question of ours.
    await this.#within(port.flush().catch(ignore), patience);
    return port;
  }

  /**
   * What can be told without opening the device. serialport sets a port before it tries to lock it, so that merely
   * trying would change the frame of a line that another process has at work.
   */
  async #unusable(device: string): Promise<LinkFault | undefined> {
    const found = await stat(device).catch(() => undefined);
    if (found && !found.isCharacterDevice()) return this.#noSerialPort();
    const holder = await lockHolderOf(device);
    return holder === undefined ? undefined : this.#taken(holder);
  }

  #noSerialPort(): LinkFault {
    const remedy = `correct links.${this.id}.path; ls /dev/serial/by-id shows the ports of USB adapters`;
    return { kind: 'refused', message: `${this.id}: ${this.#settings.path} is no serial port; ${remedy}` };
  }

  #taken({ pid, name }: Holder): LinkFault {
    const { path } = this.#settings;
    if (pid === process.pid) {
      const remedy = 'if this stays so, unplug the adapter and plug it in again';
      return { kind: 'taken', message: `${this.id}: ${path} is still being closed by this process; ${remedy}` };
    }
    return { kind: 'taken', message: `${this.id}: ${path} is in use by ${name}; stop it, or use another port` };
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
    if (/inappropriate ioctl/i.test(cause)) return this.#noSerialPort();
    return { kind: 'refused', message: `${this.id}: ${path} cannot be used as a serial port: ${cause}` };
  }

  /** Null once the system has the bytes, else why not. A request fits into its buffer whole, so this rarely waits. */
  async #put(port: OpenPort, bytes: Uint8Array): Promise<string | null> {
    let patientUntil: number | undefined;
    for (let rest = bytes; ; ) {
      const taken = port.write(rest);
      if (typeof taken === 'string') return taken;
      if (taken === rest.length) return null;
      rest = rest.subarray(taken);
      const now = this.#clock.monotonic();
      patientUntil ??= now + patience + bytes.length * this.characterTime;
      if (now > patientUntil) return 'the port takes no more bytes';
      await pause(this.#clock, fullPause);
    }
  }

  /** Forgets the port at once. */
  #drop(port: OpenPort, fault: LinkFault | null): void {
    if (this.#port !== port) return;
    this.#port = undefined;
    this.#received.fail(fault ?? this.#lost('the port was closed'));
    this.#observe({ kind: 'link-closed', link: this.id, fault });
    void this.#release(fault === null ? port.close() : port.abandon());
  }

  /** Waits until the system has let go of a port, for a second at most; the next opening waits once more. */
  async #release(closing: Promise<void>): Promise<void> {
    const released = closing.catch(ignore).then(() => {
      if (this.#releasing === released) this.#releasing = undefined;
    });
    this.#releasing = released;
    await this.#within(released, patience);
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
