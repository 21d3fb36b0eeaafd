import type { InstrumentPicture, Picture, ValuePicture } from '../../http/picture.ts';

/** Milliseconds without a picture after which the gateway counts as lost; it sends one every three seconds at least. */
export const lostAfter = 7000;

/** A picture, and how long ago this browser got it. */
export interface Seen {
  readonly picture: Picture;
  /** Milliseconds since it came, by the browser's own monotonic clock. */
  readonly since: number;
  /** Nothing has been heard for so long that no value may be shown as fresh. */
  readonly lost: boolean;
}

export function seenNow(picture: Picture, receivedAt: number, now: number): Seen {
  const since = Math.max(0, now - receivedAt);
  return { picture, since, lost: since > lostAfter };
}

/** Age of a value now: what the gateway said, and the time since it said so. Null before the first reading. */
export function ageOf({ age }: ValuePicture, since: number): number | null {
  return age === null ? null : age + since;
}

/** Whether a value is older than three polls, 15 s at least: then its age is a warning. */
export function isOld(age: number | null, { every }: InstrumentPicture): boolean {
  return age !== null && age > Math.max(15_000, 3 * (every ?? 60_000));
}

/** Milliseconds from a stamp to now, both by the gateway's wall clock. */
export function sinceStamp(stamp: string, { picture, since }: Seen): number {
  return Math.max(0, Date.parse(picture.gateway.now) - Date.parse(stamp)) + since;
}

/** Milliseconds from now until a stamp, by the gateway's wall clock; 0 once it is past. */
export function untilStamp(stamp: string, { picture, since }: Seen): number {
  return Math.max(0, Date.parse(stamp) - Date.parse(picture.gateway.now) - since);
}
