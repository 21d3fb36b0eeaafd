import type { Cancel, Clock, Monotonic } from '../../../gateway/clock.ts';
import type { BoardFault, Output } from '../board.ts';

export interface RelaySettings {
  /** Milliseconds that people nearby are warned before it is switched on; 0 for none. */
  readonly warning: number;
  /** Milliseconds that it is on at the longest, whatever was asked. */
  readonly longest: number;
  /** Milliseconds that it rests between off and the next on: a pump or a cannon must not be made to chatter. */
  readonly rest: number;
  /** Milliseconds after which it falls back to off when whoever asked for it has not said again that it is wanted. */
  readonly deadman: number;
}

export interface RelayParts {
  readonly clock: Clock;
  readonly settings: RelaySettings;
  /** Its safe level is off. */
  readonly output: Output;
  /** The level at which it is on. */
  readonly onIs: 'high' | 'low';
  /** A lamp or horn that is on during the warning. */
  readonly lamp?: { readonly output: Output; readonly onIs: 'high' | 'low' };
  /** The switch at the machine: true while it releases the machine to be switched from afar; null when that is not known. */
  readonly isReleased?: () => boolean | null;
  readonly onChange: (change: RelayChange) => void;
}

/** What the relay is. `unknown`: the board did not confirm. */
export type RelayState = 'off' | 'warning' | 'on' | 'unknown';

/** Why it changed. */
export type RelayCause =
  | 'asked'
  /** Its longest time on, or the time that was asked for, is over. */
  | 'time-over'
  /** Whoever asked has not said again that it is wanted. */
  | 'deadman'
  /** The switch at the machine is no longer at remote, or nobody knows. */
  | 'locked-out'
  /** The board did not confirm, or was lost. */
  | 'board';

export interface RelayChange {
  readonly state: RelayState;
  readonly was: RelayState;
  readonly cause: RelayCause;
  readonly at: Monotonic;
}

/** Why it was not switched on; nothing has moved then. */
export interface RelayRefusal {
  readonly kind: 'locked-out' | 'lock-out-unknown' | 'resting' | 'busy' | 'cancelled' | 'board';
  /** What, and what to do; English. */
  readonly message: string;
}

/**
 * A relay that is off unless somebody wants it on and says so again and again. On its way on: the lock-out is read, people
 * are warned, the lock-out is read again, the board confirms the pin, and the lock-out is read once more. It falls back to
 * off at the end of its time, at the lock-out, at a silent asker and at any doubt. It never switches twice within its rest.
 */
export class Relay {
  readonly #parts: RelayParts;
  #state: RelayState = 'off';
  #timers: Cancel[] = [];
  #deadman: Cancel | undefined;
  #offAt: Monotonic | undefined;
  #isUnderWay = false;
  /** Counts the wishes, so that one that was overtaken goes no further. */
  #wish = 0;

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  get state(): RelayState {
    return this.#state;
  }

  /**
   * Switches it on for so many milliseconds, or for its longest time if that is less. Resolves to null when the board has
   * confirmed it and the lock-out still releases it; else to why not, and it is off.
   */
  async switchOn(duration: number): Promise<RelayRefusal | null> {
    const refusal = this.#refusal();
    if (refusal) return refusal;
    this.#isUnderWay = true;
    const answer = await this.#goOn(duration);
    this.#isUnderWay = false;
    return answer;
  }

  /** Switches it off, also during its warning. Resolves to null when the board has confirmed that. */
  async switchOff(): Promise<BoardFault | null> {
    return this.#fallBack('asked');
  }

  /** Says again that it is wanted. Without it, it is off when the time of its deadman is over. */
  feed(): void {
    if (this.#state === 'off' && !this.#isUnderWay) return;
    this.#deadman?.();
    this.#deadman = this.#parts.clock.after(this.#parts.settings.deadman, () => {
      if (this.#state !== 'off') void this.#fallBack('deadman');
    });
  }

  /** To be called at every change of the lock-out contact, and when it becomes unknown. */
  lockOutChanged(): void {
    if ((this.#state === 'on' || this.#state === 'warning') && this.#lockedOut()) void this.#fallBack('locked-out');
  }

  /** The board is gone: its pins do not do anything that we know of. It is opened again with the relay off. */
  lose(): void {
    this.#stopTimers();
    this.#become('unknown', 'board');
  }

  async #goOn(duration: number): Promise<RelayRefusal | null> {
    const wish = ++this.#wish;
    const { clock, settings } = this.#parts;
    this.feed();
    if (settings.warning > 0) {
      const unwarned = await this.#warn(wish, settings.warning);
      if (unwarned) return this.#giveUp({ kind: 'board', message: unwarned.message }, 'board');
    }
    if (wish !== this.#wish) return cancelled;
    const locked = this.#lockedOut();
    if (locked) return this.#giveUp(locked, 'locked-out');
    const fault = await this.#drive(true);
    if (fault) return this.#giveUp({ kind: 'board', message: fault.message }, 'board');
    if (wish !== this.#wish) return cancelled;
    this.#become('on', 'asked');
    this.#timers.push(clock.after(Math.min(duration, settings.longest), () => void this.#fallBack('time-over')));
    // Whoever turned the switch meanwhile must not find it running.
    const after = this.#lockedOut();
    return after ? this.#giveUp(after, 'locked-out') : null;
  }

  /** Resolves after the warning, or at the end of the wish; to a fault when the lamp did not go on. */
  async #warn(wish: number, milliseconds: number): Promise<BoardFault | null> {
    this.#become('warning', 'asked');
    const unwarned = await this.#lamp(true);
    if (unwarned) return unwarned;
    if (wish === this.#wish) await this.#pause(milliseconds);
    return this.#lamp(false);
  }

  #refusal(): RelayRefusal | null {
    const { clock, settings } = this.#parts;
    if (this.#state === 'unknown') return { kind: 'board', message: 'the board does not confirm what the relay is' };
    if (this.#state !== 'off' || this.#isUnderWay) {
      return { kind: 'busy', message: 'it is on, or on its way there; switch it off first' };
    }
    const rested = this.#offAt === undefined ? settings.rest : clock.monotonic() - this.#offAt;
    if (rested < settings.rest) {
      const seconds = Math.ceil((settings.rest - rested) / 1000);
      return { kind: 'resting', message: `it was switched a moment ago; ask again in ${seconds} s` };
    }
    return this.#lockedOut();
  }

  #lockedOut(): RelayRefusal | null {
    const { isReleased } = this.#parts;
    const released = isReleased ? isReleased() : true;
    if (released === true) return null;
    if (released === false) {
      return {
        kind: 'locked-out',
        message: 'the switch at the machine is not at remote; somebody may be working there',
      };
    }
    return {
      kind: 'lock-out-unknown',
      message: 'it is not known how the switch at the machine stands; check its wire',
    };
  }

  async #giveUp(refusal: RelayRefusal, cause: RelayCause): Promise<RelayRefusal> {
    await this.#fallBack(cause);
    return refusal;
  }

  async #fallBack(cause: RelayCause): Promise<BoardFault | null> {
    this.#wish += 1;
    this.#stopTimers();
    const fault = await this.#drive(false);
    await this.#lamp(false);
    if (fault) this.#become('unknown', 'board');
    else this.#become('off', cause);
    return fault;
  }

  #drive(on: boolean): Promise<BoardFault | null> {
    const { output, onIs } = this.#parts;
    return output.set(on === (onIs === 'high'));
  }

  async #lamp(on: boolean): Promise<BoardFault | null> {
    const { lamp } = this.#parts;
    return lamp ? lamp.output.set(on === (lamp.onIs === 'high')) : null;
  }

  /** Ends early when the wish is overtaken. */
  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(milliseconds, resolve);
      this.#timers.push(() => {
        cancel();
        resolve();
      });
    });
  }

  #stopTimers(): void {
    this.#deadman?.();
    for (const stop of this.#timers.splice(0)) stop();
  }

  #become(state: RelayState, cause: RelayCause): void {
    const was = this.#state;
    if (state === was) return;
    const at = this.#parts.clock.monotonic();
    if (was === 'on' || was === 'unknown') this.#offAt = at;
    this.#state = state;
    this.#parts.onChange({ state, was, cause, at });
  }
}

const cancelled: RelayRefusal = { kind: 'cancelled', message: 'it was switched off before it was on' };
