import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Stream } from '../../record/record.ts';
import type { SeqRanges } from '../../record/seq-set.ts';
import type { StoreEvent, Vouched } from '../port.ts';
import { packSpan } from '../sent-span.ts';
import type { CommittedPart, FromThread, Question, Questions, ThreadOptions, ToThread } from '../worker-messages.ts';
import { sqliteFault } from './database.ts';
import { readMarks } from './delivered.ts';
import type { Epoch } from './epochs.ts';
import { Ledger } from './ledger.ts';
import { beginApart, listedEpochs, openAnew, openLedger } from './opening.ts';
import { Rescue } from './salvage/rescue.ts';
import { readLabels } from './timeline.ts';
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

const tellEvent = (event: StoreEvent): void => tell({ kind: 'event', event });

/** What the thread works with; all of it changes when a damaged file is set aside. */
interface Work {
  readonly ledger: Ledger;
  readonly upkeep: Upkeep;
  readonly rescue: Rescue;
}

/** Site version in force, as far as the thread was told. */
let { site } = options;
/** A medium that damages one file after the other is not given a new one again and again. */
let wasMoved = false;
/** Foreign receipts without end must not begin epochs without end. */
let epochsLeft = 10;
const pauseAfterFault = 60_000;
let rescueTimer: NodeJS.Timeout | NodeJS.Immediate | undefined;

const opened = openLedger(options, tellEvent);
if (opened instanceof Ledger) serve(workOn(opened));
else tell({ kind: 'refused', refusal: opened });

function workOn(ledger: Ledger): Work {
  const upkeep = new Upkeep(ledger, options, tellEvent);
  const rescue = new Rescue({
    ledger,
    options,
    listed: listedEpochs(options),
    site: () => site,
    hasRoom: () => upkeep.hasRoom(),
    tell: tellEvent,
    committed: (commit) => tell({ kind: 'committed', commit }),
  });
  return { ledger, upkeep, rescue };
}

function serve(first: Work): void {
  let work = first;
  port.on('message', (asked: ToThread) => {
    try {
      const answer = answered(asked);
      tell({ kind: 'answer', id: asked.id, answer });
      if (asked.question === 'close') end();
      if (asked.question === 'commit') keepUp(() => work.upkeep.afterCommit());
    } catch (error) {
      // Also a row that reads as nonsense ends here: a damaged page must not stop the gateway.
      tell({ kind: 'fault', id: asked.id, message: messageOf(error) });
    }
  });
  tell({ kind: 'opened', last: work.ledger.last, begun: work.ledger.begun });
  // Each thread keeps what it compiled for itself.
  flushCompileCache();
  keepUp(() => work.upkeep.look());
  rescueOn(work.rescue);

  /** A step of upkeep that fails is told and tried again after a later commit: nobody waits for it. */
  function keepUp(step: () => void): void {
    try {
      step();
    } catch (error) {
      const fault = sqliteFault(error);
      if (fault?.corrupt === true && !wasMoved) work = move(work, fault.message);
      else complain(`upkeep of the store failed: ${messageOf(error)}`);
    }
  }

  /** A file that turns out to be damaged is left for a new one, and the question asked again there. */
  function answered(asked: ToThread): Questions[Question]['answer'] {
    try {
      return answerTo(work.ledger, work.upkeep, asked);
    } catch (error) {
      const fault = sqliteFault(error);
      if (fault?.corrupt !== true || wasMoved || asked.question === 'close') throw error;
      work = move(work, fault.message);
      return answerTo(work.ledger, work.upkeep, asked);
    }
  }
}

function move(former: Work, damage: string): Work {
  wasMoved = true;
  stopRescue();
  const now = Math.max(former.ledger.newestAt, options.now);
  former.rescue.close();
  former.ledger.database.close();
  const ledger = openAnew({ ...options, now, site }, tellEvent, damage);
  for (const uplink of options.uplinks) ledger.claim(uplink);
  const work = workOn(ledger);
  tell({ kind: 'moved', last: ledger.last, begun: ledger.begun });
  rescueOn(work.rescue);
  return work;
}

/** Reads on in damaged files between the questions. */
function rescueOn(rescue: Rescue): void {
  let pause: number | null;
  try {
    pause = rescue.step();
  } catch (error) {
    // A medium that is full or fails may do better later; anything else would only fail again.
    const fault = sqliteFault(error);
    pause = fault?.full === true || fault?.doubtful === true ? pauseAfterFault : null;
    const next = pause === null ? 'at the next start' : 'in a minute';
    complain(`a damaged store could not be read on: ${messageOf(error)}; it is kept, and tried again ${next}`);
  }
  if (pause === null) rescueTimer = undefined;
  else rescueTimer = pause === 0 ? setImmediate(rescueOn, rescue) : setTimeout(rescueOn, pause, rescue);
}

function stopRescue(): void {
  if (rescueTimer === undefined) return;
  clearImmediate(rescueTimer as NodeJS.Immediate);
  clearTimeout(rescueTimer as NodeJS.Timeout);
}

function end(): void {
  stopRescue();
  port.close();
}

function messageOf(error: unknown): string {
  return sqliteFault(error)?.message ?? (error instanceof Error ? error.message : String(error));
}

/** A commit that finds the medium full is tried once more when room could be made. */
function commit(ledger: Ledger, upkeep: Upkeep, asked: Questions['commit']['ask']): Questions['commit']['answer'] {
  const start = performance.now();
  site = asked.site;
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
    case 'pending': {
      const span = ledger.pending(asked.ask);
      return span === null ? null : packSpan(span);
    }
    case 'acknowledge':
      acknowledge(ledger, asked.ask);
      return null;
    case 'vouch':
      return vouch(ledger, asked.ask);
    case 'claimAgain':
      return claimAgain(ledger, asked.ask);
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
    case 'marks':
      return readMarks(ledger.database);
    case 'said':
      return ledger.said(asked.ask.minutes);
    case 'recent':
      return ledger.recent(asked.ask.limit, asked.ask.point);
    case 'close':
      ledger.database.close();
      return null;
  }
}

function vouch(ledger: Ledger, { stream, epoch: id, proofs }: Questions['vouch']['ask']): Vouched[] {
  const epoch = ledger.epoch(id);
  if (epoch === undefined) return proofs.map(() => 'unknown');
  const vouched = proofs.map((proof) => ledger.vouch(stream, epoch, proof));
  if (vouched.includes('foreign')) {
    const seq = proofs[vouched.indexOf('foreign')]?.[0];
    standApart(ledger, epoch, `a platform has other entries up to seq ${seq} of ${stream} than this store`);
  }
  return vouched;
}

/** An epoch that is not this store's alone is left to the others, whoever they are. */
function standApart(ledger: Ledger, epoch: Epoch, why: string): void {
  if (epoch.no !== ledger.current.no || epochsLeft === 0) return;
  epochsLeft--;
  const now = Math.max(ledger.newestAt, options.now);
  const reason = `${why}: an older copy of the store was put back, or another gateway has this identity`;
  beginApart(ledger, { ...options, now, site }, tellEvent, 'another-writer', reason);
  tell({ kind: 'moved', last: ledger.last, begun: ledger.begun });
}

function acknowledge(ledger: Ledger, { uplink, stream, epoch: id, have }: Questions['acknowledge']['ask']): void {
  const { epoch, known } = knownPart(ledger, uplink, stream, id, have);
  if (epoch !== undefined && known.length > 0) ledger.claims(uplink).acknowledge(stream, epoch, known);
}

/** What this store has never had is no fault here: whoever asks is told how much there was. */
function claimAgain(ledger: Ledger, { uplink, stream, epoch: id, ranges }: Questions['claimAgain']['ask']): number {
  const epoch = ledger.epoch(id);
  if (epoch === undefined) return 0;
  const last = ledger.lastSeq(stream, epoch);
  const known = ranges.flatMap(([first, end]) => (first <= last ? [[first, Math.min(end, last)] as const] : []));
  return ledger.claims(uplink).claimAgain(stream, epoch, known);
}

/** What of a receipt is about entries that this store has committed; an epoch that it never had is told as a fault. */
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
    standApart(
      ledger,
      epoch,
      `uplink ${uplink}: a receipt reaches seq ${beyond} of ${stream}, the store ends at ${last}`,
    );
    // What it is about are entries of somebody else: ours, it may be, never came there.
    return { epoch, known: [] };
  }
  const known: [number, number][] = [];
  for (const [first, end] of ranges) {
    if (Math.max(first, 1) <= end) known.push([Math.max(first, 1), end]);
  }
  return { epoch, known };
}
