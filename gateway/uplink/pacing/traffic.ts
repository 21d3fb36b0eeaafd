import type { Clock, LocalTime } from '../../clock.ts';

/** What a month of one uplink took so far. */
export interface MonthOfTraffic {
  /** `2026-11`, by the site's local time. */
  readonly month: string;
  readonly bytes: number;
}

/** Where the count stands while no gateway runs. */
export interface TrafficBook {
  read(uplink: string): MonthOfTraffic | null;
  /** Durable soon; what a power cut takes of it is the count of a few minutes. */
  write(uplink: string, month: MonthOfTraffic): void;
}

interface TrafficParts {
  /** The line is encrypted by TLS. */
  readonly isSecure: boolean;
  /** Milliseconds of silence after which the broker is asked whether it is there. */
  readonly keepAlive: number;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly book: TrafficBook | null;
}

/** So many parts of a metered month are written down one after the other, each before it is used. */
const parts = 500;
/** No gateway ran before: a clock that says so was never set, and its month is none. */
const firstMonth = '2024-01';
/** Part of the month's bytes that the backlog may have from its first day on, before the even course. */
const headStart = 0.1;
/** Part of the month's bytes that the backlog leaves to the fresh minutes of the month's end. */
const reserve = 0.05;
/** TCP and IP headers of a message, its acknowledgement, and the bare acknowledgements of TCP: 40 bytes each (RFC 791, 9293). */
const headers = 160;
/** What TLS adds to the two of them: 5 bytes of record header, 8 or more of nonce and padding, 16 of tag (RFC 8446). */
const tls = 58;
/** MQTT's own bytes for a publish at QoS 1 and its PUBACK, topic and payload left out. */
const mqtt = 24;
/** A ping and its answer (MQTT 5.0 sections 3.12 and 3.13). */
const ping = 4;
/** A TCP handshake, a TLS handshake with two certificates, CONNECT and SUBSCRIBE, both ways. */
const handshake = { plain: 700, tls: 7000 };

/**
 * Counts what a line carries, as near as can be told above TCP to what a carrier counts, and says whether the backlog may have more of it. On a metered line fresh records go out
 * whatever was used; the backlog, and samples once the month is used up, wait for what an even course through the month
 * leaves them.
 */
export class Traffic {
  /** Bytes a month; null where nobody counts. */
  readonly limit: number | null;
  readonly #uplink: string;
  readonly #clock: Clock;
  readonly #localTime: LocalTime;
  readonly #book: TrafficBook | null;
  readonly #isSecure: boolean;
  readonly #keepAlive: number;
  /** When something was sent last over this connection. */
  #sentAt: number;
  #now: MonthOfTraffic;
  /** Months that were left again when the clock was set. */
  readonly #left = new Map<string, number>();
  /** Bytes of this month that are written down: on a metered line never fewer than were used. */
  #written: number;

  constructor(uplink: string, limit: number | null, { isSecure, keepAlive, clock, localTime, book }: TrafficParts) {
    this.#uplink = uplink;
    this.#isSecure = isSecure;
    this.#keepAlive = keepAlive;
    this.#sentAt = clock.monotonic();
    this.limit = limit;
    this.#clock = clock;
    this.#localTime = localTime;
    this.#book = book;
    const month = this.#month();
    const kept = book?.read(uplink) ?? null;
    this.#now = kept !== null && (kept.month === month || month < firstMonth) ? kept : { month, bytes: 0 };
    this.#written = this.#now.bytes;
  }

  /** This month so far. */
  get month(): MonthOfTraffic {
    const month = this.#month();
    if (month !== this.#now.month && month >= firstMonth) {
      this.#left.set(this.#now.month, this.#now.bytes);
      // A clock that was set back and forth has few months; a year of them is more than enough.
      for (const [oldest] of this.#left) if (this.#left.size > 12) this.#left.delete(oldest);
      this.#now = { month, bytes: this.#left.get(month) ?? 0 };
      this.#written = 0;
    }
    return this.#now;
  }

  /** A publish of ours or of the other side, with its acknowledgement. `bytes`: topic and payload. */
  message(bytes: number): void {
    const silence = this.#clock.monotonic() - this.#sentAt;
    this.#sentAt += silence;
    const pings = Math.floor(silence / this.#keepAlive) * (ping + this.#frame);
    this.#add(bytes + mqtt + this.#frame + pings);
  }

  /** A connection was made. */
  connected(): void {
    this.#sentAt = this.#clock.monotonic();
    this.#add(this.#isSecure ? handshake.tls : handshake.plain);
  }

  /** What carries a message and its answer. */
  get #frame(): number {
    return headers + (this.#isSecure ? tls : 0);
  }

  #add(bytes: number): void {
    const { month, bytes: before } = this.month;
    this.#now = { month, bytes: before + bytes };
    // A power cut must not give a metered line more than its month: the next part is written down before it is used.
    if (this.limit !== null && this.#now.bytes > this.#written) this.#write(this.#now.bytes + this.limit / parts);
  }

  /** Writes the count down as it is. */
  keep(): void {
    if (this.limit === null || this.month.bytes > this.#written) this.#write(this.month.bytes);
  }

  /** The last word before a stop: what was written down ahead is taken back. */
  close(): void {
    this.#write(this.month.bytes);
  }

  #write(bytes: number): void {
    this.#written = Math.ceil(bytes);
    this.#book?.write(this.#uplink, { month: this.month.month, bytes: this.#written });
  }

  /** The month's bytes are used up: only fresh records go out. */
  get isUsedUp(): boolean {
    return this.limit !== null && this.month.bytes >= this.limit;
  }

  /** Whether the backlog may have some of the line now. */
  get allowsBacklog(): boolean {
    if (this.limit === null) return true;
    const course = Math.min(1 - reserve, this.#elapsed() + headStart);
    return this.month.bytes < this.limit * course;
  }

  #month(): string {
    return this.#localTime.stamp(this.#clock.wall()).slice(0, 7);
  }

  /** Part of the month that is over. */
  #elapsed(): number {
    const stamp = this.#localTime.stamp(this.#clock.wall());
    const [year = 0, month = 1, date = 1] = stamp.slice(0, 10).split('-').map(Number);
    const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const hours = Number(stamp.slice(11, 13)) + Number(stamp.slice(14, 16)) / 60;
    return (date - 1 + hours / 24) / days;
  }
}
