import type { Catalogue } from '../../device-profiles/catalogue.ts';
import type { Raw } from '../../device-profiles/decode.ts';
import { anyDlt645Address, type Dlt645Edition, type Dlt645Question } from '../../device-profiles/dlt645.ts';
import { type Dlt645Request, decodeDlt645, planDlt645, readDlt645 } from '../../device-profiles/dlt645-values.ts';
import { type Dlt645Profile, pointsOf } from '../../device-profiles/profile.ts';
import type { Outcome } from '../driver/events.ts';
import { enough, type Fit, type FitValue } from './fingerprint/fit.ts';
import { judgeValue } from './fingerprint/plausible.ts';
import { relationsIn } from './fingerprint/relations.ts';

/** What a DL/T 645 meter answered. */
interface MeterAnswer {
  readonly outcome: Outcome;
  /** The data behind the identifier; null unless the outcome is `ok`. */
  readonly data: Uint8Array | null;
  /** The twelve digits of the meter that answered; null where none was understood. */
  readonly sender: string | null;
}

/** Asks the meters of a line. `wanted`: bytes of data that the answer has behind its identifier. Only reads can be asked. */
export type AskMeter = (question: Dlt645Question, wanted: number) => Promise<MeterAnswer>;

/** A profile of a meter, as the site file names it. */
export interface MeterCandidate {
  readonly id: string;
  readonly profile: Dlt645Profile;
}

/** A meter that answered. */
export interface FoundMeter {
  /** As they stand on its plate. */
  readonly digits: string;
  readonly edition: Dlt645Edition;
  /** The profiles of its edition, by what speaks for them. */
  readonly fits: readonly Fit[];
}

export interface MeterReport {
  readonly meters: readonly FoundMeter[];
  /** True where something answered that was not understood: several meters at once, as a rule. */
  readonly isCrowded: boolean;
}

interface MeterSearchOptions {
  readonly ask: AskMeter;
  readonly candidates: readonly MeterCandidate[];
  readonly signal: AbortSignal;
}

/** How often each question to any meter is asked. */
const tries = 2;
/** Requests with which a profile is tried. */
const mostRequests = 8;
/** Energy in all, the one value that every meter of the 1997 edition has: identifier and bytes. */
const energyOf1997 = { identifier: '9010', bytes: 4 } as const;

export function meterCandidatesOf(catalogue: Catalogue): MeterCandidate[] {
  return catalogue.list().flatMap(({ id, protocol, faults }) => {
    const profile = protocol === 'dlt645' && faults.length === 0 ? catalogue.find(id)?.profile : undefined;
    return profile?.protocol === 'dlt645' ? [{ id, profile }] : [];
  });
}

/**
 * Asks whatever DL/T 645 meter is on the line for its address: by the question of the 2007 edition for it, and where
 * nobody knows that, by reading the energy of any meter as the 1997 edition allows. One meter is found; several answer at
 * once, and none is understood.
 */
export async function searchMeters({ ask, candidates, signal }: MeterSearchOptions): Promise<MeterReport> {
  const address: Dlt645Question = { ask: 'address' };
  const { identifier, bytes } = energyOf1997;
  const energy: Dlt645Question = { ask: 'data', edition: 1997, address: anyDlt645Address, identifier };
  let isCrowded = false;
  for (const [question, wanted, edition] of [
    [address, 6, 2007],
    [energy, bytes, 1997],
  ] as const) {
    for (let time = 0; time < tries && !signal.aborted; time += 1) {
      const { outcome, sender } = await ask(question, wanted);
      if (outcome === 'ok' && sender !== null) {
        const fits = await fitsOf(sender, edition, { ask, candidates, signal });
        return { meters: [{ digits: sender, edition, fits }], isCrowded: false };
      }
      isCrowded ||= !['no-bytes', 'echo', 'line-lost'].includes(outcome);
    }
    // Whoever answered knows the edition; the other one would be no better understood.
    if (isCrowded) break;
  }
  return { meters: [], isCrowded };
}

async function fitsOf(address: string, edition: Dlt645Edition, options: MeterSearchOptions): Promise<Fit[]> {
  const fits: Fit[] = [];
  for (const candidate of options.candidates) {
    if (candidate.profile.edition !== edition) continue;
    fits.push(await compareMeter(candidate, address, options));
  }
  return fits.sort((a, b) => b.score - a.score);
}

async function compareMeter(
  { id, profile }: MeterCandidate,
  address: string,
  options: MeterSearchOptions,
): Promise<Fit> {
  const read = new Map<string, Raw | null>();
  const waiting = planDlt645(profile).slice(0, mostRequests);
  for (let request = waiting.shift(); request && !options.signal.aborted; request = waiting.shift()) {
    const isRead = await readInto(read, request, profile, address, options.ask);
    // A meter that does not know a block is asked for a few of its values one by one.
    if (!isRead) waiting.push(...request.apart.slice(0, 3));
  }
  const points = pointsOf(profile);
  const decoded = decodeDlt645(profile, points, read);
  let score: number = enough;
  const values = points.flatMap((point): FitValue[] => {
    const one = decoded.get(point.id);
    if (one === undefined) return [];
    const about = { point: point.id, factor: point.factor, value: one.value };
    const verdict = one.value === null ? 'none' : judgeValue(point, one.value).kind;
    score += verdict === 'plausible' ? 1 : verdict === 'implausible' ? -2 : 0;
    return [{ ...about, verdict }];
  });
  const relations = relationsIn(
    new Map(values.flatMap(({ factor, value }) => (value === null ? [] : [[factor, value] as const]))),
  );
  const evidence = { values, relations, refused: [], fitted: [], score, verdict: 'fits' as const };
  return { id, name: profile.name, variant: null, ...evidence };
}

async function readInto(
  read: Map<string, Raw | null>,
  { identifier, fields, length }: Dlt645Request,
  { edition }: Dlt645Profile,
  address: string,
  ask: AskMeter,
): Promise<boolean> {
  const { data } = await ask({ ask: 'data', edition, address, identifier }, length);
  if (data?.length !== length) return false;
  for (const field of fields) read.set(field.point.id, readDlt645(field, data));
  return true;
}
