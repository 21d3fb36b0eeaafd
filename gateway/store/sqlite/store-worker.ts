import { parentPort, workerData } from 'node:worker_threads';
import type { Stream } from '../../record/record.ts';
import type { SeqRanges } from '../../record/seq-set.ts';
import type { FromThread, Question, Questions, ThreadOptions, ToThread } from '../worker-messages.ts';
import { sqliteFault } from './database.ts';
import type { Epoch } from './epochs.ts';
import { Ledger } from './ledger.ts';
import { openLedger } from './opening.ts';
import { readLabels } from './timeline.ts';

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
  port.on('message', (asked: ToThread) => {
    try {
      const answer = answerTo(ledger, asked);
      tell({ kind: 'answer', id: asked.id, answer });
      if (asked.question === 'close') port.close();
    } catch (error) {
      // Also a row that reads as nonsense ends here: a damaged page must not stop the gateway.
      const message = sqliteFault(error)?.message ?? (error instanceof Error ? error.message : String(error));
      tell({ kind: 'fault', id: asked.id, message });
    }
  });
  tell({ kind: 'opened', last: ledger.last, bytes: ledger.bytes(), begun: ledger.begun });
}

function answerTo(ledger: Ledger, asked: ToThread): Questions[Question]['answer'] {
  switch (asked.question) {
    case 'commit': {
      const start = performance.now();
      const { at, parts } = ledger.commit(asked.ask);
      return { at, parts, milliseconds: performance.now() - start, bytes: ledger.bytes() };
    }
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
    case 'labels':
      return readLabels(ledger.database);
    case 'hold': {
      const { boot, rows, bound } = asked.ask;
      return ledger.holding.hold(boot, rows, bound);
    }
    case 'held': {
      const { boot, after, limit } = asked.ask;
      return ledger.holding.rows(boot, after, limit);
    }
    case 'heldBoots':
      return ledger.holding.boots();
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
