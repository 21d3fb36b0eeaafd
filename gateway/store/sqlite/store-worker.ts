import { parentPort, workerData } from 'node:worker_threads';
import type { Stream } from '../../record/record.ts';
import type { SeqRanges } from '../../record/seq-set.ts';
import type { CommittedPart, FromThread, Question, Questions, ThreadOptions, ToThread } from '../worker-messages.ts';
import { sqliteFault } from './database.ts';
import type { Epoch } from './epochs.ts';
import { Ledger } from './ledger.ts';
import { openLedger } from './opening.ts';
import { Upkeep } from './upkeep.ts';

/*
 * The store's thread: it alone touches the database, so a disk that stalls stalls nothing else. Questions are answered
 * one at a time in the order they came.
 */
if (parentPort === null) throw new Error('the store worker runs as a worker thread only');
const port = parentPort;
const options: ThreadOptions = workerData;
const tell = (message: FromThread): void => port.postMessage(message);
const complain = (message: string): void => tell({ kind: 'event', event: { kind: 'store-fault', message } });

const opened = openLedger(options, (event) => tell({ kind: 'event', event }));
if (opened instanceof Ledger) serve(opened);
else tell({ kind: 'refused', refusal: opened });

function serve(ledger: Ledger): void {
  const upkeep = new Upkeep(ledger, options, (event) => tell({ kind: 'event', event }));
  port.on('message', (asked: ToThread) => {
    try {
      const answer = answerTo(ledger, upkeep, asked);
      tell({ kind: 'answer', id: asked.id, answer });
      if (asked.question === 'close') port.close();
      if (asked.question === 'commit') keepUp(upkeep);
    } catch (error) {
      // Also a row that reads as nonsense ends here: a damaged page must not stop the gateway.
      const message = sqliteFault(error)?.message ?? (error instanceof Error ? error.message : String(error));
      tell({ kind: 'fault', id: asked.id, message });
    }
  });
  tell({ kind: 'opened', last: ledger.last, begun: ledger.begun });
  keepUp(upkeep, () => upkeep.look());
}

/** A step of upkeep that fails is told and tried again after a later commit: nobody waits for it. */
function keepUp(upkeep: Upkeep, step = (): void => upkeep.afterCommit()): void {
  try {
    step();
  } catch (error) {
    complain(`upkeep of the store failed: ${sqliteFault(error)?.message ?? String(error)}`);
  }
}

/** A commit that finds the medium full is tried once more when room could be made. */
function commit(ledger: Ledger, upkeep: Upkeep, asked: Questions['commit']['ask']): Questions['commit']['answer'] {
  const start = performance.now();
  let done: { at: number; parts: CommittedPart[] };
  try {
    done = ledger.commit(asked);
  } catch (error) {
    if (!sqliteFault(error)?.full || !upkeep.makeRoom()) throw error;
    done = ledger.commit(asked);
  }
  return { ...done, milliseconds: performance.now() - start };
}

function answerTo(ledger: Ledger, upkeep: Upkeep, asked: ToThread): Questions[Question]['answer'] {
  switch (asked.question) {
    case 'commit':
      return commit(ledger, upkeep, asked.ask);
    case 'pending':
      return ledger.pending(asked.ask);
    case 'acknowledge':
      acknowledge(ledger, asked.ask);
      return null;
    case 'refuse': {
      const { uplink, key, reason, at } = asked.ask;
      const { epoch, known } = knownPart(ledger, uplink, key.stream, key.epoch, [[key.seq, key.seq]]);
      if (epoch !== undefined && known.length > 0) {
        ledger.claims(uplink).refuse(key.stream, epoch, key.seq, reason, at);
      }
      return null;
    }
    case 'backlog':
      return ledger.backlog(asked.ask.uplink);
    case 'heads':
      return ledger.heads();
    case 'covered':
      return ledger.covered();
    case 'recent':
      return ledger.recent(asked.ask.limit, asked.ask.point);
    case 'close':
      ledger.database.close();
      return null;
  }
}

function acknowledge(ledger: Ledger, { uplink, stream, epoch: id, have }: Questions['acknowledge']['ask']): void {
  const { epoch, known } = knownPart(ledger, uplink, stream, id, have);
  if (epoch !== undefined && known.length > 0) ledger.claims(uplink).acknowledge(stream, epoch, known);
}

/** What of a receipt is about entries that this store has committed; the rest is told as a fault. */
function knownPart(
  ledger: Ledger,
  uplink: string,
  stream: Stream,
  id: string,
  ranges: SeqRanges,
): { epoch: Epoch | undefined; known: SeqRanges } {
  const epoch = ledger.epoch(id);
  if (epoch === undefined) {
    complain(
      `uplink ${uplink}: a receipt names epoch ${id} of ${stream}, which this store has never had; it was ignored`,
    );
    return { epoch, known: [] };
  }
  const last = ledger.lastSeq(stream, epoch);
  const beyond = ranges.reduce((highest, range) => Math.max(highest, range[1]), 0);
  if (beyond > last) {
    complain(
      `uplink ${uplink}: a receipt reaches seq ${beyond} of ${stream} ${id}, but the store ends at ${last}; an older copy of the store may be in use`,
    );
  }
  const known: [number, number][] = [];
  for (const [first, end] of ranges) {
    if (Math.max(first, 1) <= Math.min(end, last)) known.push([Math.max(first, 1), Math.min(end, last)]);
  }
  return { epoch, known };
}
