import type { ClockReport } from '../clock/clock-report.ts';
import type { ClockEvent, ClockShift } from '../clock/trust.ts';
import type { LocalTime, Monotonic } from '../clock.ts';
import type { HoldingEvent } from '../holding/holding.ts';
import type { ClockPicture } from '../http/picture.ts';

/** Jumps that are shown. */
const shownJumps = 5;

/** The current picture of the time: how far it is known, what waits for it, and what it did since the start. */
export class ClockPictures {
  #held: (HoldingEvent & { kind: 'holding' }) | null = null;
  #heldAt: Monotonic | null = null;
  #shifts: readonly ClockShift[] = [];
  #offer: (ClockEvent & { kind: 'clock-offer' }) | null = null;

  event(event: ClockEvent | HoldingEvent, now: Monotonic): void {
    if (event.kind === 'clock-shift') this.#shifts = [event, ...this.#shifts].slice(0, shownJumps);
    else if (event.kind === 'clock-offer') this.#offer = event;
    else if (event.kind === 'holding') {
      this.#held = event;
      this.#heldAt = now;
    }
  }

  picture(
    { setting, state, systemAhead, machineTimezone }: ClockReport,
    localTime: LocalTime,
    now: Monotonic,
  ): ClockPicture {
    const { trusted, source, since, uncertainty, why, next } = state;
    const offer = this.#offer;
    return {
      trusted,
      source,
      since: since === null ? null : localTime.stamp(since),
      uncertainty,
      why: { ...why },
      next: next && { ...next },
      setting,
      systemAhead: Math.round(systemAhead),
      machineTimezone,
      held: this.#heldNow(now),
      jumps: this.#shifts.map(({ cause, before, after, source }) => ({
        at: localTime.stamp(after),
        by: Math.round(after - before),
        cause,
        source,
      })),
      offer: offer && {
        from: offer.source,
        time: localTime.stamp(offer.time),
        taken: offer.taken,
        why: offer.why,
      },
    };
  }

  #heldNow(now: Monotonic): ClockPicture['held'] {
    const { readings = 0, earlier = 0, since = null, releasing = false } = this.#held ?? {};
    const waited = since === null ? null : since + now - (this.#heldAt ?? now);
    return { readings, earlier, seconds: waited === null ? null : Math.round(waited / 1000), releasing };
  }
}
