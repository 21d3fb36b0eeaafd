import type { Relay as RelayProfile } from '../../../../device-profiles/profile.ts';
import type { Output } from '../../../../edge/site-io/board.ts';
import type { Cancel, Clock, Monotonic } from '../../../clock.ts';

/** Who asks for a relay to be switched; `uplink` where a platform does: while it cannot be reached nobody could take it back. */
export interface Asker {
  readonly who: string;
  readonly uplink?: string | undefined;
}

/** What is asked of a relay: on for so many seconds, or off. */
export type RelayOrder = { readonly on: false } | { readonly on: true; readonly seconds: number };

/** Why a relay is as it is; `asked` names who did, all others are the gateway's own doing. */
export const relayCauses = [
  'asked',
  'warning', // a lamp, on because something else is about to be switched on
  'time-over', // it was on for as long as was asked for
  'locked-out', // the switch at the machine was opened, or its state is not known any more
  'board-lost', // nobody can tell the board anything; one that is reset lets everything fall off
  'not-confirmed', // the board did not say that it drives the pin so
  'asker-lost', // the platform that asked for it cannot be reached any more
  'stopping', // the gateway stops
] as const;
export type RelayCause = (typeof relayCauses)[number];

/** `warning`: asked for, and people nearby are being warned. `unknown`: a change was not confirmed, or the board is lost. */
export type RelayState = 'off' | 'warning' | 'on' | 'unknown';

/** How a relay stands now. */
export interface RelayStanding {
  readonly state: RelayState;
  readonly cause: RelayCause | null;
  /** Who asked for it; null where nobody did. */
  readonly who: string | null;
  /** When it goes on, during a warning; when it goes off by itself. */
  readonly next: Monotonic | null;
  readonly until: Monotonic | null;
}

/** What became of an order. */
export type RelayAnswer =
  | { readonly kind: 'done'; readonly standing: RelayStanding }
  | {
      readonly kind: 'refused';
      readonly reason: 'no-board' | 'locked-out' | 'resting' | 'too-long' | 'not-confirmed' | 'superseded';
      readonly detail: string;
      readonly remedy: string;
    };

export interface RelayOptions {
  readonly profile: RelayProfile;
  readonly clock: Clock;
  /** Whether the switch at the machine is closed for remote; null while that is not known. Always true where there is none. */
  readonly isReleased: () => boolean | null;
  /** Has the warning lamp on, or no longer; resolves to whether the board says so. True where there is none. */
  readonly warn: (on: boolean) => Promise<boolean>;
  readonly tell: (standing: RelayStanding, before: RelayState) => void;
}

const off: RelayStanding = { state: 'off', cause: null, who: null, next: null, until: null };

/**
 * One relay of a board. It is on only while somebody asked for it, for a bounded time, after the warning, with the switch
 * at the machine closed before, during and after; at any doubt it is off. A board that is lost forgets every order.
 */
export class Relay {
  readonly #options: RelayOptions;
  #output: Output | undefined;
  #standing: RelayStanding = { ...off, state: 'unknown' };
  #asker: Asker | undefined;
  /** Others that need it on: a lamp that warns. */
  #isHeld = false;
  #cancel: Cancel = () => undefined;
  /** When it was last switched off. */
  #offAt = Number.NEGATIVE_INFINITY;
  /** Another number: what was under way is no longer wanted. */
  #turn = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  get profile(): RelayProfile {
    return this.#options.profile;
  }

  get standing(): RelayStanding {
    return this.#standing;
  }

  /** A board was opened, and drives the pin to off. */
  attach(output: Output): void {
    this.#output = output;
    this.#become(off);
  }

  /** The board is lost or closed: every order is void. */
  detach(cause: 'board-lost' | 'stopping'): void {
    this.#forget();
    this.#isHeld = false;
    this.#output = undefined;
    this.#become({ ...off, state: cause === 'stopping' ? 'off' : 'unknown', cause });
  }

  async order(order: RelayOrder, asker: Asker): Promise<RelayAnswer> {
    if (this.#output === undefined) return noBoard;
    if (!order.on) {
      await this.#off('asked', asker);
      return this.#standing.state === 'unknown' ? notConfirmed : { kind: 'done', standing: this.#standing };
    }
    const { longestSeconds, warning } = this.profile;
    if (order.seconds > longestSeconds) {
      const detail = `it is never on for longer than ${longestSeconds} s, and ${order.seconds} s were asked for`;
      return { kind: 'refused', reason: 'too-long', detail, remedy: `ask for ${longestSeconds} s or less` };
    }
    if (this.#options.isReleased() !== true) return lockedOut(this.#options.isReleased());
    const rested = this.#options.clock.monotonic() - this.#offAt;
    if (this.profile.use === 'mist-cannon' && rested < rest) return resting(rest - rested);
    const now = this.#options.clock.monotonic();
    const isOn = this.#standing.state === 'on' && this.#asker !== undefined;
    const delay = isOn ? 0 : warning.seconds * 1000;
    const until = (now + delay + order.seconds * 1000) as Monotonic;
    this.#forget();
    this.#asker = asker;
    if (delay === 0) return this.#on(asker, until);
    return this.#warn(asker, delay, until);
  }

  /** People are warned first; where the lamp does not go on, nothing else does. */
  async #warn(asker: Asker, delay: number, until: Monotonic): Promise<RelayAnswer> {
    const turn = ++this.#turn;
    const { clock, warn } = this.#options;
    this.#become({
      state: 'warning',
      cause: 'asked',
      who: asker.who,
      next: (clock.monotonic() + delay) as Monotonic,
      until,
    });
    this.#cancel = clock.after(delay, () => void this.#on(asker, until));
    const isLit = await warn(true);
    if (turn !== this.#turn) return superseded;
    if (isLit) return { kind: 'done', standing: this.#standing };
    await this.#off('not-confirmed');
    return notConfirmed;
  }

  /** The switch at the machine was moved, or its state is not known any more. */
  lockChanged(): void {
    if (this.#asker !== undefined && this.#options.isReleased() !== true) void this.#off('locked-out');
  }

  /** That platform cannot be reached any more. */
  askerLost(uplink: string): void {
    if (this.#asker?.uplink === uplink) void this.#off('asker-lost');
  }

  /** Something that it warns of needs it on, or no longer. Resolves to whether it is so. */
  async hold(on: boolean): Promise<boolean> {
    this.#isHeld = on;
    if (this.#asker === undefined) {
      await this.#off('warning');
      return this.#standing.state === (on ? 'on' : 'off');
    }
    // Somebody asked for it as well: it stays for him, and may have to be on before his own warning is over.
    return !on || this.#drive(true, this.#turn);
  }

  async #on(asker: Asker, until: Monotonic): Promise<RelayAnswer> {
    const turn = ++this.#turn;
    const { clock, isReleased } = this.#options;
    if (isReleased() !== true) {
      await this.#off('locked-out');
      return lockedOut(isReleased());
    }
    const isDriven = await this.#drive(true, turn);
    if (turn !== this.#turn) return superseded;
    if (!isDriven) {
      await this.#off('not-confirmed');
      return notConfirmed;
    }
    void this.#options.warn(false);
    // It may have been moved in the meantime.
    if (isReleased() !== true) {
      await this.#off('locked-out');
      return lockedOut(isReleased());
    }
    this.#become({ state: 'on', cause: 'asked', who: asker.who, next: null, until });
    this.#cancel = clock.after(until - clock.monotonic(), () => void this.#off('time-over'));
    return { kind: 'done', standing: this.#standing };
  }

  /** Nobody wants it on any more, but what it warns of. */
  async #off(cause: RelayCause, asker?: Asker): Promise<void> {
    const turn = this.#forget();
    const isDriven = await this.#drive(this.#isHeld, turn);
    if (turn !== this.#turn) return;
    const state = isDriven ? (this.#isHeld ? 'on' : 'off') : 'unknown';
    this.#become({ ...off, state, cause: state === 'on' ? 'warning' : cause, who: asker?.who ?? null });
  }

  /** Nobody wants it on any more. */
  #forget(): number {
    this.#cancel();
    this.#cancel = () => undefined;
    if (this.#asker !== undefined) void this.#options.warn(false);
    this.#asker = undefined;
    return ++this.#turn;
  }

  /** Resolves to whether the board says that it drives the pin so. One that does not is told once more to let go. */
  async #drive(on: boolean, turn: number): Promise<boolean> {
    const output = this.#output;
    if (output === undefined) return false;
    const fault = await output.set(on);
    if (fault === null) return true;
    if (turn === this.#turn) void output.set(false);
    return false;
  }

  #become(standing: RelayStanding): void {
    const before = this.#standing.state;
    this.#standing = standing;
    // Off stays off, whatever for; on may be on for longer, or for somebody else.
    if (before === 'on' && standing.state !== 'on') this.#offAt = this.#options.clock.monotonic();
    if (before !== standing.state || standing.state === 'on') this.#options.tell(standing, before);
  }
}

/** Milliseconds that a mist cannon rests between off and on: its pump and motor must not be made to chatter. */
const rest = 10_000;

const resting = (left: number): RelayAnswer => ({
  kind: 'refused',
  reason: 'resting',
  detail: 'it was switched off a moment ago, and its pump must rest',
  remedy: `ask again in ${Math.ceil(left / 1000)} s`,
});

const noBoard: RelayAnswer = {
  kind: 'refused',
  reason: 'no-board',
  detail: 'the board is not connected',
  remedy: 'see its link on the page',
};

const notConfirmed: RelayAnswer = {
  kind: 'refused',
  reason: 'not-confirmed',
  detail: 'the board did not confirm it, and was told to let the relay fall off',
  remedy: 'look at the machine; see the link of the board on the page',
};

const superseded: RelayAnswer = {
  kind: 'refused',
  reason: 'superseded',
  detail: 'something else was asked of it meanwhile, or its lock-out was opened',
  remedy: 'see how it stands',
};

function lockedOut(isReleased: boolean | null): RelayAnswer {
  const detail =
    isReleased === null
      ? 'whether the switch at the machine is closed is not known yet'
      : 'the switch at the machine is open: it is locked against remote control';
  return { kind: 'refused', reason: 'locked-out', detail, remedy: 'whoever works there closes it when he is done' };
}
