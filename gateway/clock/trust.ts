import type { Monotonic, WallTime } from '../clock.ts';

/** Who vouches for the time. */
export type TimeSource = 'ntp' | 'platform' | 'technician' | 'battery-clock' | 'system';

/** One thing said in both languages of the field. */
export interface Said {
  readonly en: string;
  readonly zh: string;
}

/** How far wall time can be trusted. */
export interface ClockState {
  readonly trusted: boolean;
  /** Who vouches for it; null while it is not trusted. */
  readonly source: TimeSource | null;
  /** Since when that is so, in today's reckoning; null while it is not trusted. */
  readonly since: WallTime | null;
  /** Largest error to be expected now, milliseconds; null where nothing bounds it. */
  readonly uncertainty: number | null;
  readonly why: Said;
  /** What to do about it; null where nothing has to be done. */
  readonly next: Said | null;
}

/** What became of a time that somebody offered. `why` goes back to who offered it. */
export interface OfferedTime {
  readonly taken: boolean;
  readonly why: string;
}

/** The same for a person, in both languages. */
export interface JudgedTime extends OfferedTime {
  readonly said: Said;
}

/** Whether wall time may be written into records. */
export interface ClockTrust {
  state(): ClockState;
  /** Calls back when trust is gained or its source changes. */
  onChanged(listener: () => void): () => void;
  /** The platform or a technician says what time it is now. */
  offerTime(source: 'platform' | 'technician', time: WallTime): JudgedTime;
}

/**
 * Our time moved against monotonic time while it was trusted. `suspended`: the machine slept, so the time between passed
 * without us. `set`: the clock that vouches was set. `corrected`: a better source took over from a worse one.
 */
export interface ClockShift {
  readonly kind: 'clock-shift';
  readonly cause: 'suspended' | 'set' | 'corrected';
  /** Our time just before, and the same moment (after a sleep: the present one) by the time that holds now. */
  readonly before: WallTime;
  readonly after: WallTime;
  readonly monotonic: Monotonic;
  readonly source: TimeSource | null;
}

/** What the clock tells about itself. */
export type ClockEvent =
  | ClockShift
  | { readonly kind: 'clock-state'; readonly at: WallTime; readonly state: ClockState }
  /** The system's clock was set without a word of who vouches; we went on with our own time. */
  | { readonly kind: 'clock-not-followed'; readonly at: WallTime; readonly system: WallTime; readonly why: string }
  | {
      readonly kind: 'clock-offer';
      readonly source: 'platform' | 'technician';
      readonly time: WallTime;
      readonly taken: boolean;
      readonly why: string;
    }
  | { readonly kind: 'clock-memory-fault'; readonly message: string };
