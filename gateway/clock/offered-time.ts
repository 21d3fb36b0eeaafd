import type { WallTime } from '../clock.ts';
import type { ClockSettings } from './settings.ts';
import type { TimeSource } from './trust.ts';

/** How precise the word of a person or of a platform is, milliseconds. */
export const wordOfMouth = { platform: 10_000, technician: 5000 } as const;

/**
 * Nobody is believed who says that so much time has passed since the last record, milliseconds. A platform's own clock
 * is out of our sight; a box that lay in a store room for years gets its time from NTP or from whoever puts it up.
 */
const absurd = { platform: 400 * 86_400_000, technician: 5 * 365.25 * 86_400_000 } as const;

/** The better one corrects the worse one, and one of the same rank the other. */
export const rank: { readonly [source in TimeSource]: number } = {
  technician: 1,
  platform: 1,
  'battery-clock': 2,
  system: 3,
  ntp: 3,
};

/** What an offered time is judged by. */
export interface Judgement {
  readonly also: ClockSettings['also'];
  readonly releasedAt: WallTime;
  /** Nothing is recorded later. */
  readonly notBefore: WallTime;
  /** The time that is trusted already, and by whom; null where none is. */
  readonly trusted: { readonly source: TimeSource; readonly now: WallTime } | null;
}

/** Why a time by word of mouth is not taken; null where it is. */
export function whyRefused(
  source: 'platform' | 'technician',
  time: WallTime,
  { also, releasedAt, notBefore, trusted }: Judgement,
): string | null {
  if (!also.includes(source)) return `the site does not take the time from the ${source} (clock.also)`;
  if (trusted !== null && rank[trusted.source] > rank[source]) {
    return `the time is trusted already, by something better: ${trusted.source}`;
  }
  if (trusted !== null && Math.abs(time - trusted.now) < wordOfMouth[source]) {
    return `it agrees with the time that is trusted already, by ${trusted.source}`;
  }
  if (time < releasedAt) return 'this software is newer than that: the time is certainly wrong';
  if (time < notBefore) return 'records later than that exist already';
  // Before the first record only the age of the software bounds it.
  const farthest = notBefore > releasedAt ? absurd[source] : absurd.technician;
  if (time > notBefore + farthest) {
    return `that is more than ${Math.round(farthest / 86_400_000)} days after the last record`;
  }
  return null;
}
