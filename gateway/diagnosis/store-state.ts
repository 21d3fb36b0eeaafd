import type { LocalTime, WallTime } from '../clock.ts';
import type { StorePicture } from '../http/picture.ts';
import type { StoreEvent, StreamHead } from '../store/port.ts';

/** The current picture of the store. */
export class StoreState {
  #heads: readonly StreamHead[] = [];
  #bytes: number | null = null;
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
        this.#bytes = event.bytes;
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
      bytes: this.#bytes,
      dropped: this.#dropped,
      lastCommitAt: this.#lastCommitAt === null ? null : localTime.stamp(this.#lastCommitAt),
      fault: this.#fault,
    };
  }
}
