import type { LocalTime, WallTime } from '../clock.ts';
import type { StorePicture } from '../http/picture.ts';
import type { Leaving, StoreEvent, StreamHead } from '../store/port.ts';

/** The current picture of the store. */
export class StoreState {
  #heads: readonly StreamHead[] = [];
  #size: (StoreEvent & { kind: 'store-size' }) | null = null;
  #salvage: StorePicture['salvage'] = null;
  #leaving: Leaving | null = null;
  #apart: { readonly reason: NonNullable<StorePicture['apart']>['reason']; readonly at: WallTime } | null = null;
  #dropped = 0;
  #lastCommitAt: WallTime | null = null;
  #fault: string | null = null;

  get isSound(): boolean {
    return this.#fault === null;
  }

  heads(heads: readonly StreamHead[]): void {
    this.#heads = heads;
  }

  event(event: StoreEvent, at: WallTime): void {
    switch (event.kind) {
      case 'store-committed':
        this.#lastCommitAt = at;
        this.#fault = null;
        break;
      case 'store-dropped':
        this.#dropped += event.entries;
        break;
      case 'store-fault':
        this.#fault = event.message;
        break;
      case 'store-size':
        this.#size = event;
        break;
      case 'store-leaving':
        this.#leaving = event.leaving;
        break;
      case 'store-retention':
        if (event.reason !== 'expired') this.#dropped += event.entries;
        break;
      case 'store-salvage': {
        const { file, share, entries, finished } = event;
        this.#salvage = { file, share, entries, finished };
        break;
      }
      case 'store-epoch':
        this.#apart = { reason: event.reason, at };
        break;
      case 'store-recovered':
        break;
    }
  }

  picture(localTime: LocalTime): StorePicture {
    const head = (stream: string): StorePicture['records'] => {
      const found = this.#heads.find((one) => one.stream === stream);
      return found === undefined ? null : { epoch: found.epoch, seq: found.seq, oldest: found.oldest };
    };
    return {
      records: head('records'),
      samples: head('samples'),
      bytes: this.#size?.bytes ?? null,
      room: roomOf(this.#size),
      salvage: this.#salvage,
      leaving: leavingOf(this.#leaving, localTime),
      apart: this.#apart && { reason: this.#apart.reason, at: localTime.stamp(this.#apart.at) },
      dropped: this.#dropped,
      lastCommitAt: this.#lastCommitAt === null ? null : localTime.stamp(this.#lastCommitAt),
      fault: this.#fault,
    };
  }
}

function leavingOf(leaving: Leaving | null, localTime: LocalTime): StorePicture['leaving'] {
  if (leaving === null) return null;
  const stamp = (time: number): string => localTime.stamp(time as WallTime);
  const { since, until, at, by } = leaving;
  return { since: stamp(since), at: stamp(at), days: Math.max(1, Math.ceil((until - since) / 86_400_000)), by };
}

/** What can still be written, and for how long at the present growth. */
function roomOf(size: (StoreEvent & { kind: 'store-size' }) | null): StorePicture['room'] {
  if (size === null) return null;
  const { bytes, free, limit, bytesPerDay } = size;
  const room = Math.max(0, Math.min(free, limit === null ? free : limit - bytes));
  return { bytes: room, days: bytesPerDay === null || bytesPerDay <= 0 ? null : room / bytesPerDay };
}
