import type { Cancel, Clock, Monotonic, WallTime } from '../clock.ts';
import type { ClockReport } from './clock-report.ts';
import { jumpThreshold, ownDrift } from './computer-clock.ts';
import type { ClockMemory, Machine, NtpView } from './machine.ts';
import { Insistence, rank, taken, whyRefused, wordOfMouth } from './offered-time.ts';
import type { ClockSettings } from './settings.ts';
import { BatteryWatch } from './sources/battery-watch.ts';
import { isNewer, wordOfNtp } from './sources/ntp-word.ts';
import type { ClockEvent, ClockShift, ClockState, ClockTrust, JudgedTime, TimeSource } from './trust.ts';
import * as words from './words.ts';

/** How often the system's clock is compared with our own; every poll that brings readings does so as well. */
const lookEvery = 5000;
/** How often the sources are asked while a better one may come, and once the best vouches. */
const askOften = 10_000;
const askSeldom = 60_000;
/** A clock that stands this much before what is recorded has run backwards. */
const backwards = 60_000;

interface SiteClockOptions {
  /** The machine's own clock. */
  readonly clock: Clock;
  readonly machine: Machine;
  readonly settings: ClockSettings;
  readonly memory: ClockMemory;
  /** No moment before this can be now. */
  readonly releasedAt: WallTime;
  readonly observe: (event: ClockEvent) => void;
}

/**
 * The clock of every station. Its wall time is monotonic time plus an offset that only this class moves, so that two
 * stamps are always as far apart as they were in truth, whatever happens to the system's clock in between: that one is
 * followed only where it is vouched for. While the time is not trusted, wall time is a guess that lies after everything
 * recorded, and nothing may be stamped with it.
 */
export class SiteClock implements Clock, ClockTrust {
  readonly #options: SiteClockOptions;
  readonly #changed = new Set<() => void>();
  readonly #shifted = new Set<(shift: ClockShift) => void>();
  /** Wall time less monotonic time; boot time less monotonic time. */
  #offset: number;
  #bootOffset: number;
  #source: TimeSource | null = null;
  #sourceSince: Monotonic | null = null;
  #uncertainty: { readonly of: number; readonly at: Monotonic; readonly drifts: boolean } | null = null;
  #why: words.ClockReason = words.starting;
  #whyNotFollowed: words.ClockReason | null = null;
  /** The system's clock as it stood when it was found to have jumped and nobody had vouched for that. */
  #unvouched: { readonly system: WallTime; readonly at: Monotonic } | null = null;
  /** The system's clock, less monotonic time, when somebody's word was taken against it. */
  #disbelieved = 0;
  readonly #insistence = new Insistence();
  #notBefore: WallTime;
  #ntp: NtpView | null = null;
  readonly #battery: BatteryWatch;
  #timers: Cancel[] = [];
  #asking: Promise<void> | null = null;
  #stopped = false;

  private constructor(options: SiteClockOptions, battery: BatteryWatch) {
    this.#options = options;
    this.#battery = battery;
    const { clock, machine, releasedAt } = options;
    this.#notBefore = releasedAt;
    this.#offset = Math.max(clock.wall(), releasedAt) - clock.monotonic();
    this.#bootOffset = machine.uptime() - clock.monotonic();
  }

  /** Asks the sources once and goes on asking; resolves after the first answers, which take seconds at most. */
  static async start(options: SiteClockOptions): Promise<SiteClock> {
    const site = new SiteClock(options, await BatteryWatch.open(options.machine, options.memory));
    await site.ask();
    site.#arm();
    return site;
  }

  monotonic(): Monotonic {
    return this.#options.clock.monotonic();
  }

  wall(): WallTime {
    return Math.round(this.monotonic() + this.#offset) as WallTime;
  }

  after(delay: number, action: () => void): Cancel {
    return this.#options.clock.after(delay, action);
  }

  isKnown(): boolean {
    return this.#source !== null;
  }

  /** Names this boot: what is held by its time is worth nothing in another. */
  get bootId(): string {
    return this.#options.machine.bootId;
  }

  /** Our wall time less the time since the boot: adding it to a moment of this boot gives its wall time. */
  get bootOrigin(): number {
    return this.#offset - this.#bootOffset;
  }

  state(): ClockState {
    const now = this.monotonic();
    const { of = null, at = now, drifts = false } = this.#uncertainty ?? {};
    return {
      trusted: this.isKnown(),
      source: this.#source,
      since: this.#sourceSince === null ? null : (Math.round(this.#sourceSince + this.#offset) as WallTime),
      uncertainty: of === null ? null : Math.round(of + (drifts ? (now - at) * ownDrift : 0)),
      ...(this.#whyNotFollowed ?? this.#why),
    };
  }

  report(): ClockReport {
    const { clock, machine, settings } = this.#options;
    return {
      setting: settings.trust,
      state: this.state(),
      ntp: this.#ntp,
      battery: this.#battery.report,
      systemAhead: clock.wall() - this.wall(),
      machineTimezone: machine.timezone(),
    };
  }

  onChanged(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  /** Called at once when our time moves while it is trusted, and after a sleep in any case, before anybody is given a stamp of the new time. */
  onShift(listener: (shift: ClockShift) => void): () => void {
    this.#shifted.add(listener);
    return () => this.#shifted.delete(listener);
  }

  /** Nothing is recorded later than this: an earlier time was not now. */
  setNotBefore(recorded: WallTime): void {
    this.#notBefore = Math.max(this.#notBefore, recorded) as WallTime;
    const behind = this.#notBefore - this.wall();
    if (behind <= backwards || this.#source === 'ntp') return;
    if (this.#source !== null) this.#distrust(words.ranBackwards);
    this.#offset += Math.max(0, this.#notBefore - this.wall());
  }

  /**
   * Compares our time with the system's, and tells how far our time moved by that, milliseconds: what was stamped just
   * before belongs so much later.
   */
  look(): number {
    const before = this.#offset;
    this.#watchSleep();
    const { clock } = this.#options;
    const ahead = clock.wall() - this.monotonic() - this.#offset;
    if (Math.abs(ahead) < jumpThreshold) {
      if (this.#follows) this.#offset += ahead;
      this.#unvouched = null;
      this.#whyNotFollowed = null;
    } else if (this.#source === 'system') this.#followSystem();
    else if (this.#source === null || this.#source === 'ntp') this.#suspect();
    return Math.round(this.#offset - before);
  }

  offerTime(source: 'platform' | 'technician', time: WallTime): JudgedTime {
    this.look();
    const { settings, releasedAt } = this.#options;
    const trusted = this.#source && { source: this.#source, now: this.wall() };
    const insists = this.#insistence.says(source, time, this.monotonic());
    const refused = whyRefused(source, time, {
      insists,
      also: settings.also,
      releasedAt,
      notBefore: this.#notBefore,
      trusted,
    });
    const said = refused ?? taken;
    const why = said.en;
    const { observe } = this.#options;
    observe({ kind: 'clock-offer', source, time, taken: refused === null, why });
    if (refused !== null) return { taken: false, why, said };
    this.#disbelieved = this.#options.clock.wall() - this.monotonic();
    this.#trust(source, time - this.monotonic(), wordOfMouth[source], words.told[source]);
    return { taken: true, why, said };
  }

  /** Asks every source what it says now. At most one such round is under way. */
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#timers) cancel();
  }

  /** Whether our time is the system's. */
  get #follows(): boolean {
    return this.#source === 'system' || this.#source === 'ntp';
  }

  #arm(): void {
    const { clock } = this.#options;
    let nextAsk: number = clock.monotonic() + (this.#follows ? askSeldom : askOften);
    const tick = (): void => {
      if (this.#stopped) return;
      this.look();
      if (clock.monotonic() >= nextAsk) {
        nextAsk = clock.monotonic() + (this.#follows ? askSeldom : askOften);
        void this.ask();
      }
      this.#timers = [clock.after(lookEvery, tick)];
    };
    this.#timers = [clock.after(lookEvery, tick)];
  }

  async #ask(): Promise<void> {
    const { settings, machine } = this.#options;
    if (settings.trust === 'ntp') this.#ntp = await machine.ntp();
    const wantsBattery = settings.trust === 'ntp' && settings.also.includes('battery-clock');
    const isDue = this.#battery.isDue(this.monotonic());
    if (wantsBattery && (this.#source === null || isDue)) await this.#battery.look();
    this.look();
    if (settings.trust === 'system') this.#considerSystem();
    else this.#considerNtp();
    if (this.#source === null && wantsBattery) this.#considerBattery();
    if (isDue) await this.#compareBattery();
  }

  #considerSystem(): void {
    if (this.#source === 'system') return;
    const found = this.#options.clock.wall();
    if (found < this.#options.releasedAt) this.#whyNot(words.beforeRelease);
    else if (found < this.#notBefore - backwards) this.#whyNot(words.ranBackwards);
    else if (this.#source === null || this.#wasSetSince()) {
      this.#trust('system', found - this.monotonic(), null, words.system);
    }
  }

  /** Left to itself, a clock that stood wrong when somebody told the time is wrong still, however plausible by now. */
  #wasSetSince(): boolean {
    return Math.abs(this.#options.clock.wall() - this.monotonic() - this.#disbelieved) >= jumpThreshold;
  }

  #considerNtp(): void {
    const { clock, settings, releasedAt } = this.#options;
    const found = clock.wall();
    // Who has the time by NTP keeps it, and its error is told.
    const within = this.#source === 'ntp' ? Number.POSITIVE_INFINITY : settings.within;
    const word = wordOfNtp(this.#ntp, found, releasedAt, within);
    if (word.vouches === null) this.#whyNot(word.reason);
    else if (
      this.#source !== 'ntp' ||
      this.#unvouched === null ||
      isNewer(word.vouches, this.#unvouched.system, found)
    ) {
      this.#unvouched = null;
      this.#whyNotFollowed = null;
      this.#trust('ntp', found - this.monotonic(), word.uncertainty, word.reason);
    }
  }

  #considerBattery(): void {
    const { settings, clock } = this.#options;
    const word = this.#battery.word(settings.batteryDrift);
    if (word === null) return;
    if (word.time === null) {
      this.#whyNot(word.reason);
    } else if (word.time < this.#notBefore - backwards) {
      this.#whyNot(words.ranBackwards);
    } else if (word.uncertainty > settings.within) {
      this.#whyNot(words.tooVague(word.uncertainty));
    } else {
      // The system's clock is finer; where it was set from the battery clock it is the one to take.
      const system = clock.wall();
      const time = Math.abs(system - word.time) <= 1500 ? system : word.time;
      this.#trust('battery-clock', time - this.monotonic(), word.uncertainty, word.reason);
    }
  }

  async #compareBattery(): Promise<void> {
    const isHeard = this.#ntp?.synchronized === true && this.#source === 'ntp' && this.#unvouched === null;
    if (!isHeard) return;
    try {
      await this.#battery.compare(this.wall(), this.monotonic());
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#options.observe({ kind: 'clock-memory-fault', message });
    }
  }

  /** A sleeping machine's monotonic time stands still and the time since its boot goes on. */
  #watchSleep(): void {
    const { machine } = this.#options;
    const asleep = machine.uptime() - this.monotonic() - this.#bootOffset;
    if (asleep < jumpThreshold) return;
    const before = this.wall();
    this.#bootOffset += asleep;
    this.#offset += asleep;
    this.#tellShift('suspended', before);
  }

  /** The system's clock was set, and this site takes its word. */
  #followSystem(): void {
    const { clock, releasedAt } = this.#options;
    const found = clock.wall();
    if (found < releasedAt) {
      this.#notFollow(found, words.setBeforeRelease);
      return;
    }
    const before = this.wall();
    this.#offset = found - this.monotonic();
    this.#tellShift('set', before);
  }

  /** The system's clock stands elsewhere than ours: whether NTP did that is asked at once. */
  #suspect(): void {
    const [system, at] = [this.#options.clock.wall(), this.monotonic()];
    const known = this.#unvouched;
    if (known !== null && Math.abs(system - known.system - (at - known.at)) < jumpThreshold) return;
    this.#unvouched = { system, at };
    if (this.#source === 'ntp') this.#notFollow(system, words.setWithoutNtp);
    if (this.#asking === null) void this.ask();
  }

  #notFollow(system: WallTime, reason: words.ClockReason): void {
    if (this.#whyNotFollowed === reason) return;
    this.#whyNotFollowed = reason;
    this.#options.observe({ kind: 'clock-not-followed', at: this.wall(), system, why: reason.why.en });
  }

  #trust(source: TimeSource, offset: number, uncertainty: number | null, why: words.ClockReason): void {
    const [was, before] = [this.#source, this.wall()];
    const moved = offset - this.#offset;
    this.#offset = offset;
    this.#why = why;
    this.#uncertainty = uncertainty === null ? null : { of: uncertainty, at: this.monotonic(), drifts: true };
    this.#source = source;
    if (was !== source) this.#sourceSince = this.monotonic();
    if (was !== null && Math.abs(moved) >= jumpThreshold) {
      this.#tellShift(rank[was] < rank[source] ? 'corrected' : 'set', before);
    }
    if (was !== source) this.#tellChanged();
  }

  #distrust(why: words.ClockReason): void {
    this.#source = null;
    this.#sourceSince = null;
    this.#uncertainty = null;
    this.#why = why;
    this.#tellChanged();
  }

  /** Why nobody vouches; a time that is known already stays known, and its error grows. */
  #whyNot(why: words.ClockReason): void {
    if (this.#source === null) this.#why = why;
    else if (this.#source === 'ntp') this.#why = words.withoutNtp;
  }

  #now(): { readonly monotonic: Monotonic; readonly source: TimeSource | null } {
    return { monotonic: this.monotonic(), source: this.#source };
  }

  #tellShift(cause: ClockShift['cause'], before: WallTime): void {
    const shift: ClockShift = { kind: 'clock-shift', cause, before, after: this.wall(), ...this.#now() };
    for (const listener of [...this.#shifted]) listener(shift);
    this.#options.observe(shift);
  }

  #tellChanged(): void {
    this.#options.observe({ kind: 'clock-state', at: this.wall(), state: this.state() });
    for (const listener of [...this.#changed]) listener();
  }
}
