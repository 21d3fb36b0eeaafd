import { contains, endOf, type Span } from '../../../device-profiles/plan/span.ts';
import type { Candidate } from '../candidates.ts';
import type { Reader } from '../reader.ts';
import { type OrderSuggestion, suggestOrders } from './byte-orders.ts';
import { compare, type Fit, type NoFit } from './fit.ts';

/** What an instrument was found to be. */
export interface Identity {
  /** The profiles that fit best and cannot be told apart; none where none fits. The order among them says nothing. */
  readonly best: readonly Fit[];
  /** Other profiles that nothing speaks against, by how much speaks for them, but only those that come near. */
  readonly others: readonly Fit[];
  /** Profiles whose registers it answers with values that cannot be right, by how near they come. */
  readonly contradicted: readonly Fit[];
  /** How many profiles it is not: it refuses their registers, or keeps silent at them. */
  readonly ruledOut: number;
  /**
   * How many were not compared: too many questions had been asked, the search was broken off, or their registers are
   * elsewhere while so much speaks for another one that nobody need ask there.
   */
  readonly notTried: number;
  /** Where no profile fits: how its registers may have to be read. */
  readonly orders: readonly OrderSuggestion[];
}

interface IdentifyOptions {
  readonly reader: Reader;
  readonly candidates: readonly Candidate[];
  /** Told before each profile. */
  readonly onTry: (tried: number) => void;
  readonly signal: AbortSignal;
}

/** Fits that differ by less than this, or by a share of the better one, are as good as each other. */
const asGood = 5;
const asGoodShare = 0.1;
/** Others that are told, beside an instrument that is known and where none is. */
const mostOthers = 3;
const mostWeak = 12;
/** Below this something speaks against it. */
const leastScore = -4;

/** Compares an instrument with every profile. Rejects where the line can be asked no more. */
export async function identify({ reader, candidates, onTry, signal }: IdentifyOptions): Promise<Identity> {
  const fits: Fit[] = [];
  const without: NoFit[] = [];
  for (const [tried, candidate] of likelyFirst(candidates, reader).entries()) {
    onTry(tried);
    const isNeedless = fits.some(isStrong) && !touches(candidate, reader);
    const found = signal.aborted || isNeedless ? 'not-asked' : await compare(candidate, reader);
    if (typeof found === 'string') without.push(found);
    else fits.push(found);
  }
  fits.sort((a, b) => b.score - a.score);
  const sound = fits.filter(({ verdict }) => verdict !== 'contradicted');
  const first = sound[0]?.verdict === 'fits' ? sound[0] : undefined;
  // One that says too little by itself may be the instrument as well as one that says a little more.
  const best = first ? sound.filter(({ score }) => score >= first.score - margin(first)) : [];
  if (best.length === 0 && !signal.aborted) await readSome(reader);
  return {
    best,
    others: others(fits, best),
    contradicted: fits.filter(({ verdict }) => verdict === 'contradicted').slice(0, mostOthers),
    ruledOut: without.filter((why) => why !== 'not-asked').length,
    notTried: without.filter((why) => why === 'not-asked').length,
    orders: best.length === 0 ? suggestOrders(reader.blocks) : [],
  };
}

function margin({ score }: Fit): number {
  return Math.max(asGood, score * asGoodShare);
}

/** So much speaks for it that nobody need look for it elsewhere. */
const strong = 40;

function isStrong({ verdict, score }: Fit): boolean {
  return verdict === 'fits' && score >= strong;
}

/** True for a profile with registers among those that were read: it may explain them as well, or more of them. */
function touches({ required }: Candidate, { blocks }: Reader): boolean {
  return required.some((one) =>
    blocks.some(
      ({ span }) => span.functionCode === one.functionCode && span.start < endOf(one) && one.start < endOf(span),
    ),
  );
}

/** Beside an instrument that is told, what explains not half as much is not worth a word. */
function others(fits: readonly Fit[], best: readonly Fit[]): Fit[] {
  const floor = best.length > 0 ? (best[0]?.score ?? 0) / 2 : leastScore;
  return fits
    .filter((one) => !best.includes(one) && one.verdict !== 'contradicted' && one.score >= floor)
    .slice(0, best.length > 0 ? mostOthers : mostWeak);
}

/**
 * The profiles whose registers it has answered already come first, then those that are delivered at its address: some
 * instruments keep silent at what they do not have, and are not asked for ever.
 */
function likelyFirst(candidates: readonly Candidate[], reader: Reader): Candidate[] {
  const isAnswered = (asked: Span): boolean =>
    reader.blocks.some(({ span }) => contains(asked, span) || contains(span, asked));
  const rank = ({ required, profile }: Candidate): number => {
    const isLikely = required.some(isAnswered) ? 0 : profile.quirks.silentRefusal ? 2 : 4;
    return isLikely + (profile.address.default === reader.address ? 0 : 1);
  };
  return [...candidates].sort((a, b) => rank(a) - rank(b));
}

/** Lengths in which unknown registers are asked for: the first that is not refused. */
const lengths = [16, 12, 8, 6, 4, 2] as const;

/** A few registers from the beginning of what it has, for somebody to look at. */
async function readSome(reader: Reader): Promise<void> {
  const answered = reader.blocks.map(({ span }) => span);
  for (const functionCode of [3, 4] as const) {
    const starts = new Set([
      0,
      ...answered.filter((span) => span.functionCode === functionCode).map(({ start }) => start),
    ]);
    for (const start of [...starts].slice(0, 3)) {
      for (const count of lengths) {
        const said = await reader.read({ functionCode, start, count });
        if (said.kind !== 'refused') break;
      }
    }
  }
}
