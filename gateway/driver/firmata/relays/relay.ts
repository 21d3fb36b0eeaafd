import type { Relay as RelayProfile } from '../../../../device-profiles/profile.ts';
import type { Output } from '../../../../edge/site-io/board.ts';
import type { Cancel, Clock, Monotonic } from '../../../clock.ts';

/** Who asks for a relay to be switched. */
export interface Asker {
  readonly who: string;
  /** Where a platform does: while it cannot be reached nobody could take it back. */
  readonly uplink?: string | undefined;
  /** When it was asked: an order waits for its record, and what ends the relay's orders meanwhile ends this one too. */
  readonly at: Monotonic;
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
  /** Has the warning lamp on for this relay, or no longer; resolves to whether the board says so. True where there is none. */
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
  /** Whether the warning for whoever asked is over: the pin is to be on for him. */
  #isDue = false;
  /** Other relays that need it on: a lamp that warns of them. */
  readonly #holders = new Set<string>();
  #cancel: Cancel = () => undefined;
  /** When orders were last ended, by whatever it was: one that was asked before is void. */
  #endedAt: number = Number.NEGATIVE_INFINITY;
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
    this.#end();
    this.#output = output;
    this.#become(off);
  }

  /** The board is lost, or about to be closed: every order is void, and none is taken. How it stands is told by {@link ended}. */
  detach(): void {
    this.#end();
    this.#holders.clear();
    this.#output = undefined;
  }

  /** The board is gone; `isOff` where it confirmed before that it let go. */
  ended(cause: 'board-lost' | 'stopping', isOff: boolean): void {
    this.#become({ ...off, state: isOff ? 'off' : 'unknown', cause });
  }

  async order(order: RelayOrder, asker: Asker): Promise<RelayAnswer> {
    if (!order.on) this.#end();
    if (this.#output === undefined) return noBoard;
    if (!order.on) {
      await this.#off('asked', asker);
      return this.#standing.state === 'unknown' ? notConfirmed : { kind: 'done', standing: this.#standing };
    }
    if (asker.at <= this.#endedAt) return superseded;
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
    // An earlier order may be switching it on in this moment.
    void this.#drive();
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

  /**
   * The switch at the machine was moved, or its state is not known any more. Told at every change, so that what waits for
   * its warning or for the board ends with it as well.
   */
  lockChanged(): void {
    if (this.#options.isReleased() === true) return;
    const wasAsked = this.#asker !== undefined;
    this.#end();
    if (wasAsked) void this.#off('locked-out');
  }

  /** That platform cannot be reached any more. */
  askerLost(uplink: string): void {
    if (this.#asker?.uplink === uplink) void this.#off('asker-lost');
  }

  /** The relay of that name, which it warns of, needs it on, or no longer. Resolves to whether it is so. */
  async hold(holder: string, on: boolean): Promise<boolean> {
    if (this.#output === undefined) return false;
    if (on) this.#holders.add(holder);
    else this.#holders.delete(holder);
    const isWanted = this.#isWanted;
    // Somebody asked for it as well: how it stands is what he asked for.
    if (this.#asker !== undefined) return this.#drive();
    await this.#off('warning');
    return this.#standing.state === (isWanted ? 'on' : 'off');
  }

  get #isWanted(): boolean {
    return this.#isDue || this.#holders.size > 0;
  }

  async #on(asker: Asker, until: Monotonic): Promise<RelayAnswer> {
    const turn = ++this.#turn;
    const { clock } = this.#options;
    this.#isDue = true;
    const isDriven = await this.#drive();
    if (turn !== this.#turn) return superseded;
    if (!isDriven) {
      await this.#off('not-confirmed');
      return notConfirmed;
    }
    void this.#options.warn(false);
    this.#become({ state: 'on', cause: 'asked', who: asker.who, next: null, until });
    this.#cancel = clock.after(until - clock.monotonic(), () => void this.#off('time-over'));
    return { kind: 'done', standing: this.#standing };
  }

  /** Nobody wants it on any more, but what it warns of. */
  async #off(cause: RelayCause, asker?: Asker): Promise<void> {
    const turn = this.#letGo();
    const isWanted = this.#isWanted;
    const isDriven = await this.#drive();
    if (turn !== this.#turn) return;
    const state = isDriven ? (isWanted ? 'on' : 'off') : 'unknown';
    this.#become({ ...off, state, cause: state === 'on' ? 'warning' : cause, who: asker?.who ?? null });
  }

  /** Whatever was asked up to now is void. */
  #end(): void {
    this.#endedAt = this.#options.clock.monotonic();
    this.#letGo();
  }

  /** Nobody wants it on any more, and nothing need be warned of. */
  #letGo(): number {
    if (this.#asker !== undefined) void this.#options.warn(false);
    return this.#forget();
  }

  /** What was asked before is no longer wanted; a warning that is under way goes on for what is asked now. */
  #forget(): number {
    this.#cancel();
    this.#cancel = () => undefined;
    this.#asker = undefined;
    this.#isDue = false;
    return ++this.#turn;
  }

  /** Drives the pin as it is wanted now, and resolves to whether the board says that it does so; one that does not is lost. */
  async #drive(): Promise<boolean> {
    return (await this.#output?.set(this.#isWanted)) === null;
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
  detail: 'something else was asked of it meanwhile, its lock-out was opened, or its board was lost',
  remedy: 'see how it stands',
};

function lockedOut(isReleased: boolean | null): RelayAnswer {
  const detail =
    isReleased === null
      ? 'whether the switch at the machine is closed is not known yet'
      : 'the switch at the machine is open: it is locked against remote control';
  return { kind: 'refused', reason: 'locked-out', detail, remedy: 'whoever works there closes it when he is done' };
}
