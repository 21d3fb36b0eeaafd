import type { ClockEvent } from '../clock/trust.ts';
import type { LocalTime } from '../clock.ts';
import type { UnstampedRecord } from './held-items.ts';

/**
 * What of the clock's events stands in the records: who vouches for the time, and who offered one. Jumps are averaging's
 * to record, which knows what they do to the minutes. Null for what is only told.
 */
export function clockRecord(event: ClockEvent, localTime: LocalTime): UnstampedRecord | null {
  switch (event.kind) {
    case 'clock-state': {
      const { trusted, source, uncertainty, why } = event.state;
      const name = trusted ? 'clock-trusted' : 'clock-untrusted';
      return { kind: 'event', event: name, details: { source, uncertainty, why: why.en }, revision: 1 };
    }
    case 'clock-not-followed': {
      const details = { system: localTime.stamp(event.system), why: event.why };
      return { kind: 'event', event: 'clock-not-followed', details, revision: 1 };
    }
    case 'clock-offer': {
      const { source, time, taken, why } = event;
      const details = { time: localTime.stamp(time), taken, why };
      return { kind: 'audit', who: source, action: 'time-offered', details, revision: 1 };
    }
    default:
      return null;
  }
}
