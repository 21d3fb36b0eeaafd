import type { DatabaseSync } from 'node:sqlite';

/** What the platform cannot be at peace with. */
export type DisputeKind =
  /** Two histories with the gateway's own signature part here: two gateways with one key, or a card that was copied. */
  | 'fork'
  /** The same key came with another content or another history, and where the two part is not known here. */
  | 'conflict'
  /** Two batches that both hold do not follow from each other at this seq. */
  | 'chain-break'
  /** Sequence numbers that must exist and are not accounted for. */
  | 'missing'
  /** Entries do not lead to the hash that was signed. Not stored. */
  | 'altered'
  /** No key that was ever heard of signed it. Not stored. */
  | 'bad-signature'
  /** A key that is not trusted signed it, or is in a birth. Not stored. */
  | 'unknown-key'
  /** A key that was rotated long ago signed it. Not stored. */
  | 'former-key';

/** One of them, and where; what is null is not known. */
export interface Dispute {
  readonly kind: DisputeKind;
  readonly gateway: string;
  readonly stream: string | null;
  readonly epoch: string | null;
  readonly first: number | null;
  readonly last: number | null;
  /** How often it came. */
  readonly times: number;
  /** English, for whoever looks into it. */
  readonly detail: string;
}

/** Place of a dispute; `seq` as a stretch of numbers. */
type DisputedPlace = Partial<Pick<Dispute, 'stream' | 'epoch' | 'first' | 'last'>> & Pick<Dispute, 'gateway'>;

/** Kept at most; what comes after is counted. */
const bound = 1000;

/** Disputes about whole batches and births, durably. Those about single keys are in the tables of the keys. */
export class DisputeTable {
  readonly #database: DatabaseSync;
  /** Disputes beyond the bound. */
  more = 0;
  #rows: number;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`CREATE TABLE IF NOT EXISTS disputes (
      kind TEXT, gateway TEXT, stream TEXT, epoch TEXT, first INTEGER, last INTEGER, times INTEGER NOT NULL, detail TEXT NOT NULL,
      PRIMARY KEY (kind, gateway, stream, epoch, first, last)
    ) WITHOUT ROWID`);
    this.#rows = Number(database.prepare('SELECT count(*) AS n FROM disputes').get()?.n);
  }

  /** The same one again is counted, with its latest detail. */
  add(kind: DisputeKind, place: DisputedPlace, detail: string): void {
    const key = keyOf(kind, place);
    const again = `UPDATE disputes SET times = times + 1, detail = ?7 WHERE ${where}`;
    if (this.#database.prepare(again).run(...key, detail).changes > 0) return;
    if (this.#rows >= bound) {
      this.more++;
      return;
    }
    this.#database.prepare('INSERT INTO disputes VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7)').run(...key, detail);
    this.#rows++;
  }

  /** What came since has settled it. */
  settle(kind: DisputeKind, place: DisputedPlace): void {
    const { changes } = this.#database.prepare(`DELETE FROM disputes WHERE ${where}`).run(...keyOf(kind, place));
    this.#rows -= Number(changes);
  }

  /** All of that kind about a gateway are settled. */
  settleAll(kind: DisputeKind, gateway: string): void {
    const { changes } = this.#database
      .prepare('DELETE FROM disputes WHERE kind = ? AND gateway = ?')
      .run(kind, gateway);
    this.#rows -= Number(changes);
  }

  /** Where the chain breaks in a stream of an epoch, ascending. */
  breaksOf({ gateway, stream, epoch }: { gateway: string; stream: string; epoch: string }): number[] {
    const sql = `SELECT first FROM disputes WHERE kind = 'chain-break' AND gateway = ? AND stream = ? AND epoch = ? ORDER BY first`;
    return this.#database
      .prepare(sql)
      .all(gateway, stream, epoch)
      .map(({ first }) => Number(first));
  }

  all(): Dispute[] {
    return this.#database
      .prepare(`SELECT * FROM disputes LIMIT ${bound}`)
      .all()
      .map((row) => {
        const { kind, gateway, stream, epoch, first, last, times, detail } = row as unknown as Dispute;
        const known = (seq: number | null): number | null => (seq === nowhere ? null : seq);
        const place = { stream: stream || null, epoch: epoch || null, first: known(first), last: known(last) };
        return { kind, gateway, ...place, times, detail };
      });
  }
}

/** Stands for null in the key of a row. */
const nowhere = -1;
const where = 'kind = ?1 AND gateway = ?2 AND stream = ?3 AND epoch = ?4 AND first = ?5 AND last = ?6';

function keyOf(kind: DisputeKind, { gateway, stream, epoch, first, last }: DisputedPlace) {
  return [kind, gateway, stream ?? '', epoch ?? '', first ?? nowhere, last ?? nowhere] as const;
}

/** Stretches of neighbouring sequence numbers, of rows in the order of their place and seq. */
export function* stretchesOf<
  Row extends {
    readonly kind: DisputeKind;
    readonly gateway: string;
    readonly stream: string;
    readonly epoch: string;
    readonly seq: number;
  },
>(rows: Iterable<Row>): Generator<Dispute> {
  let open: (Dispute & { last: number; times: number }) | undefined;
  for (const { kind, gateway, stream, epoch, seq } of rows) {
    const isSame = open?.kind === kind && open.gateway === gateway && open.stream === stream && open.epoch === epoch;
    if (open !== undefined && isSame && seq - open.last <= 1) {
      open = { ...open, last: seq, times: open.times + 1 };
      continue;
    }
    if (open !== undefined) yield open;
    open = { kind, gateway, stream, epoch, first: seq, last: seq, times: 1, detail: disputedKeys[kind] ?? '' };
  }
  if (open !== undefined) yield open;
}

const disputedKeys: { readonly [kind in DisputeKind]?: string } = {
  fork: 'two signed histories go on from the same hash; the entries that came first hold, the others are kept beside them',
  conflict:
    'the same keys came again with other hashes; the entries that came first hold, the others are kept beside them',
};
