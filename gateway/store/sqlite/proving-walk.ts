import { type Stream, streams } from '../../record/record.ts';
import type { Ledger } from './ledger.ts';

/** Blocks that one step proves: a few milliseconds. */
const blocksInStep = 16;
/** Seals of the first layout that one step turns round. */
const sealsInStep = 8;
/** Damaged blocks that are remembered, so that each is told once. */
const mostRemembered = 10_000;

/** Entries that the walk found unreadable. */
interface Unreadable {
  readonly stream: Stream;
  readonly entries: number;
}

/**
 * Walks through everything the store holds, again and again and a few blocks at a time, and proves it: damage is told
 * when it happens and not when somebody asks for what is gone. Files of the first layout are turned round on the way.
 */
export class ProvingWalk {
  readonly #ledger: Ledger;
  readonly #damaged = new Set<string>();
  /** Where the walk stands: a stream in an epoch, and the next seq. */
  #round: { stream: Stream; epochNo: number }[] = [];
  #seq = 1;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** One step. Undefined when all that was looked at holds together. Throws what SQLite throws. */
  step(): Unreadable | undefined {
    if (this.#turnOlder()) return undefined;
    if (this.#round.length === 0) {
      this.#round = this.#ledger.epochs.flatMap(({ no }) => streams.map((stream) => ({ stream, epochNo: no })));
    }
    const [place] = this.#round;
    const epoch = this.#ledger.epochs.find(({ no }) => no === place?.epochNo);
    if (place === undefined || epoch === undefined) return undefined;
    const table = this.#ledger.tables[place.stream];
    let entries = 0;
    for (let block = 0; block < blocksInStep; block++) {
      const seal = table.blockFrom(epoch, this.#seq);
      if (seal === undefined) {
        this.#round.shift();
        this.#seq = 1;
        break;
      }
      this.#seq = seal.last + 1;
      if (table.prove(epoch, seal)) continue;
      const name = `${place.stream} ${epoch.no} ${seal.last}`;
      if (this.#damaged.has(name) || this.#damaged.size >= mostRemembered) continue;
      this.#damaged.add(name);
      entries += seal.last - seal.first + 1;
    }
    return entries === 0 ? undefined : { stream: place.stream, entries };
  }

  #turnOlder(): boolean {
    for (const stream of streams) {
      const table = this.#ledger.tables[stream];
      if (table.older === undefined) continue;
      if (!table.older.turnSome(this.#ledger.epochs, sealsInStep)) table.older = undefined;
      return true;
    }
    return false;
  }
}
