import type { LocalTime, WallTime } from '../clock.ts';
import type { UplinkPicture } from '../http/picture.ts';
import type { Backlog } from '../store/port.ts';
import type { UplinkEvent, UplinkPace } from '../uplink/port.ts';
import type { UplinkDescription } from './sources.ts';

/** How much one look at the backlog weighs in the rate at which it drains. */
const smoothing = 0.3;

/** The current picture of one way to a platform. */
export class UplinkState {
  readonly #description: UplinkDescription;
  #state: UplinkPicture['state'] = 'connecting';
  #detail = '';
  #sent = 0;
  #again = 0;
  #acknowledged = 0;
  #refused = 0;
  #malformed = 0;
  #lastReceiptAt: WallTime | null = null;
  #backlog: Backlog | null = null;
  #pace: UplinkPace | null = null;
  #looked: { at: WallTime; held: number } | null = null;
  /** Entries a second by which the backlog shrinks; negative while it grows. */
  #draining: number | null = null;

  constructor(description: UplinkDescription) {
    this.#description = description;
  }

  get isSound(): boolean {
    return this.#state === 'connected' || this.#state === 'connecting' || this.#state === 'scheduled';
  }

  event(event: UplinkEvent, at: WallTime): void {
    switch (event.kind) {
      case 'uplink-state':
        this.#state = event.state;
        this.#detail = event.detail;
        break;
      case 'uplink-sent':
        this.#sent += event.entries;
        if (event.again) this.#again += event.entries;
        break;
      case 'uplink-acknowledged':
        this.#acknowledged += event.entries;
        this.#lastReceiptAt = at;
        break;
      case 'uplink-refused':
        this.#refused++;
        break;
      case 'uplink-malformed':
        this.#malformed++;
        break;
      case 'uplink-deaf':
      case 'uplink-reply-dropped':
        break;
    }
  }

  pace(pace: UplinkPace): void {
    this.#pace = pace;
  }

  backlog(backlog: Backlog, at: WallTime): void {
    const held = backlog.records + backlog.samples;
    const seconds = this.#looked === null ? 0 : (at - this.#looked.at) / 1000;
    if (this.#looked !== null && seconds > 0) {
      const rate = (this.#looked.held - held) / seconds;
      this.#draining = this.#draining === null ? rate : this.#draining + smoothing * (rate - this.#draining);
    }
    this.#looked = { at, held };
    this.#backlog = backlog;
  }

  picture(now: WallTime, localTime: LocalTime): UplinkPicture {
    const { records = 0, samples = 0, oldestCommittedAt = null, refused = this.#refused } = this.#backlog ?? {};
    const draining = this.#draining ?? 0;
    return {
      ...this.#description,
      state: this.#state,
      detail: this.#detail,
      backlog: {
        records,
        samples,
        hours: oldestCommittedAt === null ? null : Math.max(0, now - oldestCommittedAt) / 3_600_000,
        ...(draining > 0 && records + samples > 0 ? { drainsIn: (records + samples) / draining } : {}),
      },
      bytesPerSecond: this.#pace?.bytesPerSecond ?? null,
      month: this.#pace?.month ?? null,
      opensAt: this.#pace?.opensAt ?? null,
      backlogWaits: this.#pace?.backlogWaits ?? null,
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      again: this.#again,
      refused,
      malformed: this.#malformed,
      lastReceiptAt: this.#lastReceiptAt === null ? null : localTime.stamp(this.#lastReceiptAt),
    };
  }
}
