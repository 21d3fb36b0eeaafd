import type { WallTime } from '../../clock.ts';
import { jumpThreshold, ownDrift } from '../computer-clock.ts';
import type { NtpView } from '../machine.ts';
import * as words from '../words.ts';

/** A mark of NTP older than a jump, less this, says nothing about the time after it, milliseconds. */
const markSlack = 10_000;

/** What NTP says of the system's clock: that it vouches, within `uncertainty` milliseconds where that is known, or why not. */
type NtpWord =
  | { readonly vouches: NtpView; readonly uncertainty: number | null; readonly reason: words.ClockReason }
  | { readonly vouches: null; readonly reason: words.ClockReason };

/** What NTP is worth while the system's clock shows `found`; `within`: the largest error that is taken, milliseconds. */
export function wordOfNtp(view: NtpView | null, found: WallTime, releasedAt: WallTime, within: number): NtpWord {
  if (view === null) return { vouches: null, reason: words.noNtp };
  if (!view.synchronized) return { vouches: null, reason: words.notSynchronized(view.service) };
  if (found < releasedAt) return { vouches: null, reason: words.beforeRelease };
  // A mark from the future was left before the clock was set back.
  const age = view.syncedAt === null ? 0 : Math.max(0, found - view.syncedAt);
  // Chrony counts its own drift already.
  const uncertainty = (view.uncertainty ?? 0) + (view.service === 'chrony' ? 0 : age * ownDrift);
  if (uncertainty > within) return { vouches: null, reason: words.tooVague(uncertainty) };
  const known = view.uncertainty === null ? null : uncertainty;
  return { vouches: view, uncertainty: known, reason: words.ntp(view.service) };
}

/** Whether NTP has heard a server since the system's clock was found set to `jumped`; `now`: that clock's present time. */
export function isNewer({ syncedAt }: NtpView, jumped: WallTime, now: WallTime): boolean {
  // Without a time of its own the mark is the kernel's, and setting the clock takes that one away.
  return syncedAt === null || (syncedAt >= jumped - markSlack && syncedAt <= now + jumpThreshold);
}
