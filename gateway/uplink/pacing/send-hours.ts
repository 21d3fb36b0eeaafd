import * as z from 'zod';
import type { LocalTime, WallTime } from '../../clock.ts';

const day = 24 * 60;

function minuteOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}

/** `"22:00-06:00"`, the site's local time; a stretch that ends earlier than it begins goes over midnight. */
export const sendHours = z
  .string()
  .regex(
    /^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/,
    'from and to in the local time of the site, such as "22:00-06:00"',
  )
  .refine((text) => {
    const [from, to] = text.split('-');
    return from !== to;
  }, 'begins when it ends: leave sendWithin out where the site may send at any time');

/** When a site may have a connection: some lines are wanted for other things by day, some tariffs are cheap at night. */
export class SendHours {
  readonly #ranges: readonly { readonly from: number; readonly to: number }[];
  readonly #localTime: LocalTime;

  /** No range at all means any time. */
  constructor(ranges: readonly string[], localTime: LocalTime) {
    this.#ranges = ranges.map((range) => {
      const [from = '', to = ''] = range.split('-');
      return { from: minuteOf(from), to: minuteOf(to) };
    });
    this.#localTime = localTime;
  }

  isOpen(at: WallTime): boolean {
    const minute = this.#minute(at);
    return (
      this.#ranges.length === 0 ||
      this.#ranges.some(({ from, to }) => (from < to ? from <= minute && minute < to : minute >= from || minute < to))
    );
  }

  /** The local time at which it opens next, `22:00`; null while it is open. */
  opensAt(at: WallTime): string | null {
    if (this.isOpen(at)) return null;
    const minute = this.#minute(at);
    const waits = this.#ranges.map(({ from }) => (from - minute + day) % day);
    const next = (minute + Math.min(...waits)) % day;
    const two = (n: number): string => String(n).padStart(2, '0');
    return `${two(Math.floor(next / 60))}:${two(next % 60)}`;
  }

  /** Minutes since midnight on the site's clock, whatever summer time makes of them. */
  #minute(at: WallTime): number {
    return minuteOf(this.#localTime.stamp(at).slice(11, 16));
  }
}
