/** Time on a scale that only runs forward, milliseconds since an arbitrary origin of this process. For waiting and ages. */
export type Monotonic = number & { readonly scale: 'monotonic' };

/** Time of day, milliseconds since the Unix epoch, as far as this machine knows it. For stamps; it may jump. */
export type WallTime = number & { readonly scale: 'wall' };

/** Takes back a timer; doing so twice, or after it fired, does nothing. */
export type Cancel = () => void;

/**
 * Where every station gets its time from. A simulated clock stands in for it in tests, so nothing in the
 * product reads `Date.now()` or `setTimeout` by itself.
 */
export interface Clock {
  /** Milliseconds, with a fraction. */
  monotonic(): Monotonic;
  /** Milliseconds, whole. */
  wall(): WallTime;
  /** Calls `action` once, `delay` milliseconds from now or a little later. */
  after(delay: number, action: () => void): Cancel;
  /** False while wall time is only a guess: nothing may be judged by it then. Absent where it is always known. */
  isKnown?(): boolean;
}

/** Resolves after `delay` milliseconds of the given clock, or at once when the signal is raised. */
export function pause(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delay, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/**
 * The machine's own clock. The event loop cuts fractions of a millisecond off, so they are rounded up here. It also counts
 * from the beginning of its present turn, so a timer set late in a long turn may still fire a little early: who must not
 * be early looks at the clock again.
 */
export const systemClock: Clock = {
  monotonic: () => performance.now() as Monotonic,
  wall: () => Date.now() as WallTime,
  after(delay, action) {
    const timer = setTimeout(action, Math.max(0, Math.ceil(delay)));
    return () => clearTimeout(timer);
  },
};

/**
 * Writes local time with its offset, `2026-11-24T11:45:00.000+08:00`.
 * One instance serves one time zone (IANA name); creating it throws a RangeError for a name the machine does not know.
 */
export class LocalTime {
  readonly timezone: string;
  readonly #format: Intl.DateTimeFormat;
  #quarter = Number.NaN;
  #offset = 0;

  constructor(timezone: string) {
    this.timezone = timezone;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /** Offset east of UTC in milliseconds at that moment. Zones change on quarter hours at the finest, so it is kept for one. */
  offsetAt(time: WallTime): number {
    const quarter = Math.floor(time / 900_000);
    if (quarter !== this.#quarter) {
      const part: Record<string, number> = {};
      const start = quarter * 900_000;
      for (const { type, value } of this.#format.formatToParts(start)) part[type] = Number(value);
      const local = Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute, part.second);
      this.#offset = local - start;
      this.#quarter = quarter;
    }
    return this.#offset;
  }

  /** Stamp with milliseconds. */
  stamp(time: WallTime): string {
    const offset = this.offsetAt(time);
    const sign = offset < 0 ? '-' : '+';
    const minutes = Math.abs(offset) / 60_000;
    const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
    return `${new Date(time + offset).toISOString().slice(0, -1)}${sign}${two(minutes / 60)}:${two(minutes % 60)}`;
  }

  /**
   * The moment that an instrument's clock means: ISO 8601 local time without offset, or UTC with a Z; undefined when the
   * text is none. Of a local hour that comes twice, the first.
   */
  momentOf(text: string): WallTime | undefined {
    const isUtc = text.endsWith('Z');
    const asUtc = Date.parse(isUtc ? text : `${text}Z`);
    if (Number.isNaN(asUtc)) return undefined;
    if (isUtc) return asUtc as WallTime;
    const guess = (asUtc - this.offsetAt(asUtc as WallTime)) as WallTime;
    return (asUtc - this.offsetAt(guess)) as WallTime;
  }

  /** Start of the local minute that holds this moment. Every zone in use has whole-minute offsets. */
  minuteStart(time: WallTime): WallTime {
    return (Math.floor(time / 60_000) * 60_000) as WallTime;
  }
}

/** Reads a stamp written by {@link LocalTime}; undefined when it is none. */
export function readStamp(stamp: string): WallTime | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/.test(stamp)) return undefined;
  const time = Date.parse(stamp);
  return Number.isNaN(time) ? undefined : (time as WallTime);
}
