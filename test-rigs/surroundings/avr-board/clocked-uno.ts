import type { BoardPort } from '../../../edge/site-io/board.ts';
import type { Cancel, Clock } from '../../../gateway/clock.ts';
import { waitOfStandardFirmata } from './sketches.ts';
import { Uno } from './uno.ts';

/*
 * In three lines:
 *   const uno = new ClockedUno({ clock, flash: standardFirmata() });   // clock: a SimulatedClock
 *   const board = await clock.during(openBoard({ port: uno.port(), … }));
 *   uno.setAnalogue(0, 2.5); uno.bounce(4, 'open', 'ground', [0, 1.2, 3]); await clock.advance(1000);
 */

/** A port in memory, in place of the tty; bytes of a cut cable are lost. */
interface Port extends BoardPort {
  cut(cause: string): void;
}

interface ClockedUnoOptions {
  readonly clock: Clock;
  readonly flash: Uint8Array;
  readonly started?: number;
  /** Where the firmware does nothing but wait; of StandardFirmata 2.4 if absent. */
  readonly waitsAt?: number;
  readonly step?: number;
}

/**
 * An Uno whose chip time runs with the given clock, millisecond by millisecond. It has been powered for as long as its
 * firmware takes to start, so that an opening need not wait for it: as behind an adapter whose DTR line is not connected.
 */
export class ClockedUno extends Uno {
  readonly #clock: Clock;
  readonly #step: number;
  #stop: Cancel | undefined;
  #port: Port | undefined;

  /** `step`: milliseconds that the chip runs at a time; more of them where a whole gateway settles between the steps. */
  constructor({ clock, flash, started = 2000, step = 1, waitsAt = waitOfStandardFirmata }: ClockedUnoOptions) {
    super(flash, waitsAt);
    this.#clock = clock;
    this.#step = step;
    this.run(started);
    this.plug();
  }

  /** Its port, opened anew. Unlike the real one this does not reset it: that is `reset`. */
  port(): BoardPort {
    this.#port?.cut('it was opened again');
    this.#port = this.#connect();
    return this.#port;
  }

  /** The cable is pulled out: the chip is without power, and the port is gone. */
  unplug(): void {
    this.stall();
    this.#port?.cut('the device was unplugged');
  }

  /** The chip hangs; its port stays. */
  stall(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** The cable is put back: the chip starts anew. */
  plug(): void {
    if (this.#stop) return;
    if (this.time > 0 && this.#port) this.reset();
    this.#runOn();
  }

  get isPlugged(): boolean {
    return this.#stop !== undefined;
  }

  #runOn(): void {
    this.#stop = this.#clock.after(this.#step, () => {
      this.#runOn();
      this.run(this.#step);
    });
  }

  #connect(): Port {
    let stop: Cancel | undefined;
    let gone: ((message: string) => void) | undefined;
    const close = (): void => {
      stop?.();
      gone = undefined;
    };
    return {
      name: 'memory',
      write: (bytes) => this.isPlugged && this.line.send(bytes),
      hear: (take, whenGone) => {
        stop = this.line.onBytes(take);
        gone = whenGone;
      },
      close: async () => close(),
      cut: (cause) => {
        const tell = gone;
        close();
        tell?.(`memory: ${cause}; it is opened again by itself`);
      },
    };
  }
}
