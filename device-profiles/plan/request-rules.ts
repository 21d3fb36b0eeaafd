import { registersOf } from '../decode.ts';
import type { ModbusProfile, ModbusRead } from '../profile.ts';
import { slotReads } from '../value/slots.ts';
import { endOf, type Span } from './span.ts';

/** Registers from one to another, both included. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What a profile says of read requests of one function code. */
interface RequestRules {
  /** Most registers or bits of one request. */
  readonly most: number;
  /** What must not be touched. */
  readonly holes: readonly Stretch[];
  /** Unlisted registers between listed ones that are too many in a row to be read through. */
  readonly gaps: readonly Stretch[];
}

/** Why a request must not be asked. */
type Obstacle =
  | { readonly kind: 'too-long'; readonly most: number }
  | { readonly kind: 'hole' | 'gap'; readonly stretch: Stretch };

/**
 * A register is listed if anything of the profile stands in it, whether the site reads that or not, or if it belongs to a
 * frame whose request the profile spells out.
 */
export function requestRules(profile: ModbusProfile, functionCode: Span['functionCode']): RequestRules {
  const { maxRegisters, maxBits, maxHole } = profile.limits;
  return {
    most: functionCode <= 2 ? maxBits : maxRegisters,
    holes: profile.holes.filter((hole) => hole.functionCode === functionCode),
    gaps: gapsBetween(listedBy(profile, functionCode)).filter(({ from, to }) => to - from + 1 > maxHole),
  };
}

/** What stands in the way of a request that begins and ends with listed registers; null if it may be asked. */
export function obstacleIn({ most, holes, gaps }: RequestRules, span: Span): Obstacle | null {
  if (span.count > most) return { kind: 'too-long', most };
  const touches = ({ from, to }: Stretch): boolean => from < endOf(span) && to >= span.start;
  const hole = holes.find(touches);
  if (hole) return { kind: 'hole', stretch: hole };
  const gap = gaps.find(touches);
  return gap ? { kind: 'gap', stretch: gap } : null;
}

type Listed = Pick<ModbusRead, 'functionCode' | 'register' | 'type' | 'registers'>;

function listedBy(profile: ModbusProfile, functionCode: Span['functionCode']): Stretch[] {
  const all: Listed[] = [...profile.points, ...profile.auxiliaries, ...profile.slots.flatMap(slotReads)];
  const frames = Object.values(profile.frames).map((frame) => ({ ...frame, to: frame.register + frame.count - 1 }));
  return [...all.map((read) => ({ ...read, to: read.register + registersOf(read) - 1 })), ...frames]
    .filter((read) => read.functionCode === functionCode)
    .map(({ register, to }) => ({ from: register, to }))
    .sort((a, b) => a.from - b.from);
}

function gapsBetween(listed: readonly Stretch[]): Stretch[] {
  const gaps: Stretch[] = [];
  let end = listed[0]?.from ?? 0;
  for (const { from, to } of listed) {
    if (from > end) gaps.push({ from: end, to: from - 1 });
    end = Math.max(end, to + 1);
  }
  return gaps;
}
