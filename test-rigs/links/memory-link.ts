import type { Cancel, Clock } from '../../gateway/clock.ts';
import type { Arrival, Link, LinkEvent, LinkFault } from '../../gateway/link/link.ts';
import type { ByteEnd } from './byte-end.ts';

/*
 * In three lines:
 *   const line = new PacedLine({ clock, baudRate: 9600 });
 *   const link = new MemoryLink({ id: 'rs485-1', clock, end: line.connect(), characterTime: line.characterTime });
 *   await link.open();
 */

interface MemoryLinkOptions {
  readonly id: string;
  readonly clock: Clock;
  readonly end: ByteEnd;
  /** Milliseconds per character, as the line's baud rate makes it. */
  readonly characterTime?: number;
  /** Without it, a wire where the line has a speed, else a network. */
  readonly medium?: 'wire' | 'network';
  readonly observe?: (event: LinkEvent) => void;
}

/** A link whose line is in memory. `unplug` and `plug` do what pulling the adapter does. */
export class MemoryLink implements Link {
  readonly id: string;
  readonly medium: 'wire' | 'network';
  generation = 0;
  readonly characterTime: number;
  readonly #clock: Clock;
  readonly #end: ByteEnd;
  readonly #observe: (event: LinkEvent) => void;
  #stopHearing: Cancel | undefined;
  #plugged = true;
  #bytes: number[] = [];
  #last = 0;
  #wake: ((result: 'bytes' | 'timeout' | 'closed') => void) | undefined;

  constructor({ id, clock, end, characterTime = 0, medium, observe = () => undefined }: MemoryLinkOptions) {
    this.id = id;
    this.medium = medium ?? (characterTime > 0 ? 'wire' : 'network');
    this.characterTime = characterTime;
    this.#clock = clock;
    this.#end = end;
    this.#observe = observe;
  }

  get isOpen(): boolean {
    return this.#stopHearing !== undefined;
  }

  /** The adapter is pulled out. */
  unplug(): void {
    this.#plugged = false;
    this.#hangUp(this.#fault('lost', 'the device was unplugged'));
  }

  /** The adapter is there again; the link can be opened. */
  plug(): void {
    this.#plugged = true;
  }

  async open(): Promise<LinkFault | null> {
    if (this.isOpen) return null;
    if (!this.#plugged) {
      const fault = this.#fault('absent', 'the device is not there; plug it in');
      this.#observe({ kind: 'link-closed', link: this.id, fault });
      return fault;
    }
    this.#bytes = [];
    this.#stopHearing = this.#end.onBytes((bytes) => this.#hear(bytes));
    this.generation += 1;
    this.#observe({ kind: 'link-opened', link: this.id, generation: this.generation });
    return null;
  }

  async write(bytes: Uint8Array): Promise<LinkFault | null> {
    if (!this.isOpen) return this.#fault('lost', 'not open');
    this.#end.send(bytes);
    return null;
  }

  async read(timeout: number): Promise<Arrival | 'timeout' | LinkFault> {
    if (!this.isOpen) return this.#fault('lost', 'not open');
    if (this.#bytes.length === 0 && timeout > 0) {
      const woken = await new Promise<'bytes' | 'timeout' | 'closed'>((resolve) => {
        const cancel = this.#clock.after(timeout, () => this.#wake?.('timeout'));
        this.#wake = (result) => {
          this.#wake = undefined;
          cancel();
          resolve(result);
        };
      });
      if (woken === 'closed') return this.#fault('lost', 'closed while reading');
    }
    if (this.#bytes.length === 0) return 'timeout';
    const bytes = Uint8Array.from(this.#bytes);
    this.#bytes = [];
    return { bytes, at: this.#last as Arrival['at'] };
  }

  /** There is nothing to be saved. */
  rest(): void {}

  discard(): number {
    const count = this.#bytes.length;
    this.#bytes = [];
    return count;
  }

  async close(): Promise<void> {
    this.#hangUp(null);
  }

  #hear(bytes: Uint8Array): void {
    if (this.#bytes.length + bytes.length > 65_536) {
      this.#observe({ kind: 'link-overflow', link: this.id, bytes: bytes.length });
      return;
    }
    this.#bytes.push(...bytes);
    this.#last = this.#clock.monotonic();
    this.#wake?.('bytes');
  }

  #hangUp(fault: LinkFault | null): void {
    if (!this.#stopHearing) return;
    this.#stopHearing();
    this.#stopHearing = undefined;
    this.#wake?.('closed');
    this.#observe({ kind: 'link-closed', link: this.id, fault });
  }

  #fault(kind: LinkFault['kind'], cause: string): LinkFault {
    return { kind, message: `${this.id}: ${cause}` };
  }
}
