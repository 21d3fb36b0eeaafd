import type { GatewayTimes } from '../world/gateway-times.ts';
import type { DoorState, SoakBoard } from '../world/soak-board.ts';
import { isMeanOfSome } from './node-minutes.ts';
import { type Told, timeOf } from './told.ts';

const minute = 60_000;
/** From a change to its stamp, milliseconds: it has to stand still for a time. */
const slack = 1500;
/** What a loss of power takes: records in the second before their commit; what waits for the time, ten seconds; samples. */
const ofRecords = 2500;
const ofHeld = 12_000;
const ofSamples = 62_000;
/** Milliseconds between two readings of the board. */
export const boardEvery = 10_000;

export interface BoardTruth {
  readonly board: SoakBoard;
  readonly told: Told;
  readonly times: GatewayTimes;
  readonly origin: number;
}

type Tell = (text: string) => void;

/** What is wrong with what the platform has of the door at the board. */
export function boardFindings(truth: BoardTruth): string[] {
  const divergences: string[] = [];
  const tell = (text: string): void => void divergences.push(`door: ${text}`);
  compareEvents(truth, tell);
  compareShares(truth, tell);
  return divergences;
}

interface Expected {
  readonly at: number;
  readonly event: string;
  readonly state: string;
  /** The board was gone again so soon that it may not have been told. */
  readonly isBrief: boolean;
}

/** What has to be told of the door: how it stands when the board is opened, and each change. */
function expectedOf({ board, times }: BoardTruth): Expected[] {
  return board.there.flatMap(({ from, to }) => {
    const run = times.runAt(from);
    const until = Math.min(to, run?.to ?? to);
    const state = ({ closed }: DoorState): string => (closed ? 'closed' : 'open');
    const first = board.door.findLast(({ at }) => at <= from);
    const later = board.door.filter(({ at }) => at > from && at < until);
    const all = [
      ...(first === undefined ? [] : [{ at: from, event: 'contact-state', state: state(first) }]),
      ...later.map((one) => ({ at: one.at, event: 'contact-changed', state: state(one) })),
    ];
    return all.map((one) => ({ ...one, isBrief: until - one.at <= 1000 }));
  });
}

function compareEvents(truth: BoardTruth, tell: Tell): void {
  const { told, times, origin } = truth;
  const events = told.events.filter(({ details }) => (details as { contact?: string } | null)?.contact === 'door');
  for (const { at, event, state, isBrief } of expectedOf(truth)) {
    const index = events.findIndex((one) => {
      const isIt = one.event === event && (one.details as { state: string }).state === state;
      return isIt && times.errorsBetween(at, at + slack).some((error) => isNear(timeOf(one.at), at + origin + error));
    });
    if (index >= 0) events.splice(index, 1);
    else if (!isBrief && !times.mayBeLost(at, times.isKnownAt(at) ? ofRecords : ofHeld))
      tell(`${event} ${state} of ${new Date(at + origin).toISOString()} is not at the platform`);
  }
  for (const { at, event, details } of events)
    tell(`the platform has ${event} ${JSON.stringify(details)} of ${at}, which was not`);
}

function isNear(told: number, time: number): boolean {
  return told - time > -slack && told - time < slack;
}

/** Readings are the share of time in which it was closed; a minute is the mean of readings that follow each other. */
function compareShares({ board, told, times, origin }: BoardTruth, tell: Tell): void {
  const samples = told.samplesOf('io').filter(({ factor, value }) => factor === 'door-closed' && value !== null);
  const errors = times.errorsBetween(0, Number.POSITIVE_INFINITY);
  for (const { at, value } of samples) {
    const isTrue = errors.some(
      (error) => Math.abs(closedShare(board.door, at - origin - error) - (value as number)) < 3,
    );
    if (!isTrue) tell(`was said to be closed for ${value} % of the ten seconds before ${new Date(at).toISOString()}`);
  }
  const byMinute = Map.groupBy(samples, ({ at }) => Math.floor(at / minute) * minute);
  for (const [from, words] of told.wordsOf('cabinet', 'door-closed')) {
    const word = words.at(-1);
    if (word === undefined || word.count === 0 || times.isDisturbed(from)) continue;
    const end = from - origin + minute;
    // Its samples may be gone, while it stands.
    if (times.runs.some((run) => run.to - end < ofSamples && run.to > end - minute) || times.mayBeLost(end, ofSamples))
      continue;
    if (!isMeanOfSome(byMinute.get(from) ?? [], word.count, word.average))
      tell(`${new Date(from).toISOString()} says ${word.average} of ${word.count}, which no readings make`);
  }
}

/** Percent of the ten seconds up to a moment. */
function closedShare(door: readonly DoorState[], until: number): number {
  let [closed, before] = [0, until - boardEvery];
  let state = door.findLast(({ at }) => at <= before)?.closed ?? false;
  for (const change of door) {
    if (change.at <= before || change.at > until) continue;
    if (state) closed += change.at - before;
    [before, state] = [change.at, change.closed];
  }
  if (state) closed += until - before;
  return (closed / boardEvery) * 100;
}
