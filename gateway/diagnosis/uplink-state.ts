import type { LocalTime, Monotonic, WallTime } from '../clock.ts';
import type { UplinkPicture } from '../http/picture.ts';
import type { Backlog } from '../store/port.ts';
import type { UplinkEvent, UplinkPace } from '../uplink/port.ts';
import { Draining } from './draining.ts';
import type { UplinkDescription } from './sources.ts';

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
  readonly #draining = new Draining();

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
        this.#draining.forget();
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

  backlog(backlog: Backlog, at: Monotonic): void {
    this.#backlog = backlog;
    if (this.#state === 'connected') this.#draining.look(backlog.records + backlog.samples, at);
  }

  picture(now: WallTime, localTime: LocalTime): UplinkPicture {
    const { records = 0, samples = 0, oldestCommittedAt = null, refused = this.#refused } = this.#backlog ?? {};
    const drainsIn = this.#draining.secondsLeft;
    return {
      ...this.#description,
      state: this.#state,
      detail: this.#detail,
      backlog: {
        records,
        samples,
        hours: oldestCommittedAt === null ? null : Math.max(0, now - oldestCommittedAt) / 3_600_000,
        ...(drainsIn === null ? {} : { drainsIn }),
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
