import type { WallTime } from '../clock.ts';
import type { NtpView } from './machine.ts';
import type { ClockSettings } from './settings.ts';
import type { ClockState } from './trust.ts';
import { starting } from './words.ts';

/** What is known about the clock, for the page and for `fenceline doctor`. */
export interface ClockReport {
  readonly setting: ClockSettings['trust'];
  readonly state: ClockState;
  readonly ntp: NtpView | null;
  readonly battery: {
    readonly name: string;
    readonly difference: number | null;
    readonly checkedAt: WallTime | null;
  } | null;
  /** The system's clock less our own, milliseconds; our own is only the larger of two guesses while it is not trusted. */
  readonly systemAhead: number;
  readonly machineTimezone: string | null;
}

/** Before any source was asked. */
export const notAsked: ClockReport = {
  setting: 'system',
  state: { trusted: false, source: null, since: null, uncertainty: null, ...starting },
  ntp: null,
  battery: null,
  systemAhead: 0,
  machineTimezone: null,
};
