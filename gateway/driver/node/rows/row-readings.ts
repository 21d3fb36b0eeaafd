import { isOfFrames, madeOf, type NodeRow } from '../../../../device-profiles/node-message.ts';
import { decodeNodeRow } from '../../../../device-profiles/node-values.ts';
import { isComputed, type NodeProfile, type ProfilePoint, pointsOf } from '../../../../device-profiles/profile.ts';
import type { Mark, Reading } from '../../../reading/reading.ts';
import { type Instrument, knownOf, type Moment, missing, readingOf, wantedPoints } from '../../instrument.ts';

/** Something that hangs on a node. */
export type NodeInstrument = Instrument & { readonly profile: NodeProfile };

/** A period of which less was seen than this is a part of one (the 75 % of HJ 212-2017 annex D). */
const wholeShare = 0.75;

const noFrames: Mark = { flag: 'B', reason: 'no-answer', basis: 'observed' };
/** Samples were taken, and some were at the end of what the input can tell: no mean of them is true. */
const beyondInput: Mark = { flag: 'D', reason: 'over-range', basis: 'observed' };
const notSent: Mark = { flag: 'B', reason: 'not-sent', basis: 'observed' };
/** The node tells what it made a value of. */
const tooFew: Mark = { flag: 'B', reason: 'too-few-samples', basis: 'observed' };

/** What one row says of an instrument, for every point that the site wants. */
export function readingsOfRow(instrument: NodeInstrument, row: NodeRow, moment: Moment): Reading[] {
  const { profile } = instrument;
  const decoded = decodeNodeRow(profile, row, knownOf(instrument));
  return wantedPoints(instrument, pointsOf(profile)).flatMap((point) => {
    const found = decoded.get(point.id);
    if (found === undefined) return missing(instrument, point, whyMissing(point, row), moment);
    const readings = readingOf(instrument, point, found, moment);
    return isThin(instrument, point, row) ? readings.map(asThin) : readings;
  });
}

function whyMissing(point: ProfilePoint, row: NodeRow): Mark {
  if (!('column' in point)) return noFrames;
  if (!row.values.has(point.column)) return notSent;
  return !isOfFrames(point.column) && row.samples > 0 ? beyondInput : noFrames;
}

/** What else is said of a value explains more. */
function asThin(reading: Reading): Reading {
  return reading.mark.flag === 'N' ? { ...reading, mark: tooFew } : reading;
}

/** Made of too few frames or samples for its length, or of a part of the period only. */
function isThin({ settings, profile }: NodeInstrument, point: ProfilePoint, row: NodeRow): boolean {
  if (row.length * 1000 < settings.every * wholeShare) return true;
  const columns =
    isComputed(point) || !('column' in point) ? profile.points.map(({ column }) => column) : [point.column];
  const least = Math.ceil((profile.leastPerMinute * row.length) / 60);
  return columns.some((column) => row.values.has(column) && madeOf(column, row) < least);
}
