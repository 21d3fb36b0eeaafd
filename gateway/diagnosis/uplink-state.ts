import type { LocalTime, Monotonic, WallTime } from '../clock.ts';
import type { UplinkPicture } from '../http/picture.ts';
import type { Stream } from '../record/record.ts';
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
  #late = 0;
  #acknowledged = 0;
  #refused = 0;
  #malformed = 0;
  #lastReceiptAt: WallTime | null = null;
  #backlog: Backlog | null = null;
  #pace: UplinkPace | null = null;
  #credentials: Extract<UplinkEvent, { kind: 'uplink-credentials' }> | null = null;
  /** The latest entries that were refused. */
  #refusals: { stream: Stream; seq: number; reason: string }[] = [];
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
        if (event.late) this.#late += event.entries;
        break;
      case 'uplink-acknowledged':
        this.#acknowledged += event.entries;
        this.#lastReceiptAt = at;
        break;
      case 'uplink-refused':
        this.#refused++;
        this.#refusals = [{ stream: event.stream, seq: event.seq, reason: event.reason }, ...this.#refusals].slice(
          0,
          5,
        );
        break;
      case 'uplink-credentials':
        this.#credentials = event;
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
      backlogTurnIn: this.#pace?.backlogTurnIn ?? null,
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      again: this.#again,
      late: this.#late,
      refused,
      refusals: this.#refusals,
      credentials: (this.#credentials?.findings ?? []).map(({ field, fault, remedy }) => ({ field, fault, remedy })),
      certificates: (this.#credentials?.certificates ?? []).map(({ whose, names, until }) => ({
        whose,
        names: [...names],
        until: localTime.stamp(until),
      })),
      malformed: this.#malformed,
      lastReceiptAt: this.#lastReceiptAt === null ? null : localTime.stamp(this.#lastReceiptAt),
    };
  }
}
