import type { ClockPicture } from '../../../http/picture.ts';

/** Words about the time: how far it is known, and what waits for it. */
export interface TimeWords {
  readonly title: string;
  readonly trusted: string;
  readonly notTrusted: string;
  readonly now: string;
  readonly source: string;
  readonly sources: { readonly [S in NonNullable<ClockPicture['source']>]: string };
  readonly nobody: string;
  readonly since: string;
  readonly uncertainty: string;
  readonly unbounded: string;
  readonly upTo: (time: string) => string;
  readonly systemClock: string;
  readonly systemAhead: (time: string) => string;
  readonly systemBehind: (time: string) => string;
  readonly held: (readings: string, time: string | null) => string;
  readonly releasing: (readings: string) => string;
  readonly earlier: (readings: string) => string;
  readonly jumps: string;
  readonly jump: { readonly [C in ClockPicture['jumps'][number]['cause']]: (by: string) => string };
  readonly forward: (time: string) => string;
  readonly back: (time: string) => string;
  readonly offer: string;
  readonly offered: (who: string, time: string, taken: boolean) => string;
  readonly tell: string;
  readonly tellHint: (phone: string) => string;
  readonly taken: string;
  readonly notTaken: string;
  readonly problem: string;
  readonly problemHeld: (readings: string) => string;
}
