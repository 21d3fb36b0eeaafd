import { type Decoded, interpret, nothingKnown, type Raw, readModbus } from '../../../device-profiles/decode.ts';
import type { FactorCode } from '../../../device-profiles/factors.ts';
import { fittingVariants, probeReadOf } from '../../../device-profiles/modbus/choose-variant.ts';
import type { Span } from '../../../device-profiles/plan/span.ts';
import { type ModbusRequest, requestOf, spanOf } from '../../../device-profiles/plan.ts';
import { isComputed, type ModbusProfile, type ProfilePoint, pointsOf } from '../../../device-profiles/profile.ts';
import { type Candidate, requestsOf } from '../candidates.ts';
import type { Reader, Said } from '../reader.ts';
import { isFloat, judgeValue } from './plausible.ts';
import { type Relation, relationsIn } from './relations.ts';

/** One value of an instrument as a profile reads it. */
export interface FitValue {
  readonly point: string;
  readonly factor: FactorCode;
  /** In the unit of the factor; null where what came says that there is none. */
  readonly value: number | null;
  /**
   * `plausible` and `implausible` values are judged; `zero` says nothing, for many registers hold nothing; `none`: the
   * instrument says that it has no value, or what it means hangs on what only the site knows.
   */
  readonly verdict: 'plausible' | 'implausible' | 'zero' | 'none';
}

/** How well an instrument fits a profile. */
export interface Fit {
  /** As the site file names the profile. */
  readonly id: string;
  readonly name: { readonly zh: string; readonly en: string };
  /** The variant that was told at the instrument, where there was one to tell. */
  readonly variant: string | null;
  readonly values: readonly FitValue[];
  readonly relations: readonly Relation[];
  /** Registers that every instrument of the profile has and this one refuses. */
  readonly refused: readonly Span[];
  /** Optional points that say something plausible: sensors that are probably fitted. */
  readonly fitted: readonly string[];
  /**
   * How much speaks for it: an instrument that holds anything else would answer like this once in 2^score times. Values
   * that cannot be right take it down.
   */
  readonly score: number;
  /** `fits`; `weak`: nothing speaks against it, but too little was said to tell; `contradicted`: values cannot be right. */
  readonly verdict: 'fits' | 'weak' | 'contradicted';
}

/** Why a profile is not the instrument's, or could not be compared. */
export type NoFit = 'refuses' | 'silent' | 'other-variant' | 'not-asked';

/** A score from which a profile is told from chance. */
export const enough = 8;
/** What a value that cannot be right takes off. */
const implausibleCosts = 6;
/** What 0 takes off where no running instrument reads it, and elsewhere. */
const oddZeroCosts = 2;
const zeroCosts = 0.25;
/** What an optional value takes off that cannot be right: a sensor that is not fitted may read as anything. */
const optionalCosts = 1;
/** So many of the judged values may be wrong, an input that is broken or not connected, and the profile still fits. */
const mostWrong = 0.2;
/** What refused registers take off at most. */
const mostRefusedBits = 3;
/** Parts of a request that was refused which are tried before it is believed of all. */
const mostTried = 2;
/** Registers of a profile that an instrument may lack, as a share. */
const mostRefused = 0.25;

/** An instrument that refuses registers says something by answering at these, which hardly any other has. */
const rareRegister = 100;
const rareRegisterBits = 3;

/** Compares an instrument with a profile, asking for what is not known yet. Rejects where the line can be asked no more. */
export async function compare(candidate: Candidate, reader: Reader): Promise<Fit | NoFit> {
  const raws = new Map<string, Raw>();
  const variant = await variantOf(candidate, reader);
  if (variant === 'other-variant' || variant === 'not-asked') return variant;
  const profile = variant?.profile ?? candidate.profile;
  const { required, optional } = variant ? requestsOf(profile) : candidate;
  const refused: Span[] = [];
  for (const request of required) {
    const fault = await readInto(raws, refused, request, reader, profile);
    if (fault) return fault;
    if (raws.size === 0) return 'refuses';
    if (refused.length > mostRefused * required.reduce((sum, { units }) => sum + units.length, 0)) return 'refuses';
  }
  // What it may have is not worth a question while what it must have says nothing.
  for (const request of optional) await readOptional(raws, request, reader, profile);
  const isRare = reader.isSelective && required.some(({ start }) => start >= rareRegister);
  return judged(candidate, profile, variant?.id ?? null, raws, refused, isRare ? rareRegisterBits : 0);
}

async function variantOf({ choices }: Candidate, reader: Reader) {
  if (choices.length === 0) return undefined;
  const raws = new Map<string, Raw>();
  for (const choice of choices) {
    const read = probeReadOf(choice);
    if (!read) continue;
    const said = await reader.read(spanOf(read), choice.profile.limits);
    if (said.kind === 'not-asked') return 'not-asked';
    if (said.kind === 'block') raws.set(read.id, readModbus(read, said.block, read.register));
  }
  const [fitting, ...others] = fittingVariants(choices, reader.address, raws);
  return fitting && others.length === 0 ? fitting : 'other-variant';
}

/** Reads a request; where it is refused as a whole, its parts, for a firmware may lack one or bear no long requests. */
async function readInto(
  raws: Map<string, Raw>,
  refused: Span[],
  request: ModbusRequest,
  reader: Reader,
  profile: ModbusProfile,
): Promise<NoFit | undefined> {
  const said = await reader.read(request, profile.limits);
  if (take(raws, request, said)) return undefined;
  if (said.kind === 'not-asked') return 'not-asked';
  if (said.kind !== 'refused') return 'silent';
  for (const [place, unit] of request.units.entries()) {
    const one = requestOf([unit]);
    const answer = request.units.length === 1 ? said : await reader.read(one, profile.limits);
    if (take(raws, one, answer)) continue;
    if (answer.kind === 'not-asked') return 'not-asked';
    refused.push({ functionCode: one.functionCode, start: one.start, count: one.count });
    if (raws.size === 0 && place + 1 >= mostTried) return 'refuses';
  }
  return undefined;
}

async function readOptional(raws: Map<string, Raw>, request: ModbusRequest, reader: Reader, profile: ModbusProfile) {
  const said = await reader.read(request, profile.limits);
  if (take(raws, request, said) || said.kind !== 'refused') return;
  for (const unit of request.units) {
    const one = requestOf([unit]);
    take(raws, one, await reader.read(one, profile.limits));
  }
}

function take(raws: Map<string, Raw>, request: ModbusRequest, said: Said): boolean {
  if (said.kind !== 'block') return false;
  for (const read of request.reads) raws.set(read.id, readModbus(read, said.block, request.start));
  return true;
}

function judged(
  { id, profile: { name } }: Candidate,
  profile: ModbusProfile,
  variant: string | null,
  raws: ReadonlyMap<string, Raw>,
  refused: readonly Span[],
  rarity: number,
): Fit {
  // What is computed is judged by what it is made of, where that is a point itself.
  const own = pointsOf(profile).filter((point) => !isComputed(point));
  const points = own.length > 0 ? own : pointsOf(profile);
  const decoded = interpret(profile, points, raws, nothingKnown);
  const all = points.flatMap((point): Judged[] => {
    const one = decoded.get(point.id);
    return one === undefined ? [] : [judge(profile, point, one, raws)];
  });
  const values = all.map(({ value }) => value);
  const relations = relationsOf(points, values);
  const isRightFloat = all.some(({ point, value }) => value.verdict === 'plausible' && isFloat(point));
  const always = sum(all.filter(({ point }) => !point.optional).map(({ bits }) => bits));
  const score =
    always +
    optionalBits(all, always) +
    sum(relations.map(({ bits }) => bits)) -
    Math.min(mostRefusedBits, refused.length) +
    rarity +
    (isRightFloat ? floatBits : 0);
  const fitted = all.flatMap(({ point, value }) => (point.optional && value.verdict === 'plausible' ? point.id : []));
  const evidence = { values, relations, refused, score, fitted };
  return { id, name, variant, ...evidence, verdict: verdictOf(evidence) };
}

interface Judged {
  readonly point: ProfilePoint;
  readonly value: FitValue;
  readonly bits: number;
}

/** That a float is a number of sense at all, in this order of its bytes. */
const floatBits = 4;
/** Of two profiles that say as little, the one is the likelier that makes sense of more. */
const plausibleBits = 0.1;

function judge(profile: ModbusProfile, point: ProfilePoint, decoded: Decoded, raws: ReadonlyMap<string, Raw>): Judged {
  const of = (verdict: FitValue['verdict'], bits: number): Judged => ({
    point,
    value: { point: point.id, factor: point.factor, value: decoded.value, verdict },
    bits,
  });
  const wrong = (): Judged => (point.optional ? of('none', -optionalCosts) : of('implausible', -implausibleCosts));
  if (decoded.value === null) return isContradiction(point, decoded.reason, raws, profile) ? wrong() : of('none', 0);
  const verdict = judgeValue(point, decoded.value);
  if (verdict.kind === 'implausible') return wrong();
  if (verdict.kind === 'plausible') return of('plausible', verdict.bits + plausibleBits);
  return of('zero', point.optional ? 0 : verdict.isOdd ? -oddZeroCosts : -zeroCosts);
}

/**
 * What optional values say. Of several meanings of one register only one can be there, and which is not known; and what
 * an instrument may have cannot say more than what it must have.
 */
function optionalBits(all: readonly Judged[], always: number): number {
  const places = Map.groupBy(
    all.filter(({ point }) => point.optional),
    ({ point }) => ('register' in point ? `${point.functionCode} ${point.register}` : point.id),
  );
  const each = [...places.values()].map((alike) => {
    const most = Math.max(...alike.map(({ bits }) => bits));
    return (most - (most > 0 ? Math.log2(alike.length) : 0)) / 2;
  });
  return Math.min(sum(each), Math.max(0, always) + 1);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Reasons for which no value is there that show a number read in the wrong place, and not one that is missing. */
function isContradiction(
  { scaleFrom, unitFrom, times = [] }: ProfilePoint,
  reason: string,
  raws: ReadonlyMap<string, Raw>,
  { parameters }: ModbusProfile,
): boolean {
  if (reason === 'not-a-number' || reason === 'beyond-precision') return true;
  // What the site states is not known here.
  const isStated = (name: string): boolean => name in parameters && parameters[name]?.default === undefined;
  if (reason !== 'scale-unknown' || times.some(isStated)) return false;
  return [scaleFrom, unitFrom].some((from) => from !== undefined && raws.has(from.auxiliary));
}

/** Of an instrument with several channels, the values of one factor do not belong together. */
function relationsOf(points: readonly ProfilePoint[], values: readonly FitValue[]): Relation[] {
  const channelOf = new Map(points.map(({ id, channel }) => [id, channel ?? '']));
  const channels = Map.groupBy(values, ({ point }) => channelOf.get(point) ?? '');
  return [...channels.values()].flatMap((together) => {
    const known = together.flatMap(({ factor, value }) => (value === null ? [] : [[factor, value] as const]));
    return relationsIn(new Map(known));
  });
}

function verdictOf({ values, relations, score }: Pick<Fit, 'values' | 'relations' | 'score'>): Fit['verdict'] {
  const wrong = values.filter(({ verdict }) => verdict === 'implausible').length;
  const right = values.filter(({ verdict }) => verdict === 'plausible').length;
  const contradicts = relations.some(({ kind, agrees }) => !agrees && kind !== 'particles');
  if (contradicts || wrong > mostWrong * (wrong + right)) return 'contradicted';
  return score >= enough ? 'fits' : 'weak';
}
