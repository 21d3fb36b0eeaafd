import { registersOf } from './decode.ts';
import { obstacleIn, requestRules } from './plan/request-rules.ts';
import { contains, endOf, hullOf, type Span } from './plan/span.ts';
import { type Cadence, cadences, type ModbusProfile, type ModbusRead } from './profile.ts';

/*
 * What is to be read, gathered into the fewest requests.
 *
 * Whether a request may be asked hangs on its span alone, and what may not be asked may not be asked as a part of
 * something longer either: too long stays too long, a hole or a refused span stays inside. So among the best plans there
 * is one whose requests, put in order, hold units that follow each other, once units that lie within another unit are put
 * to that one (they are read with it at no cost). Dynamic programming over the sorted units therefore finds a best plan.
 */

/** What is never read apart: one value, or all values of a frame. */
export interface ReadUnit<Read extends ModbusRead = ModbusRead> extends Span {
  readonly cadence: Cadence;
  readonly reads: readonly Read[];
}

/** One read request, and what its reply holds. */
export interface ModbusRequest<Read extends ModbusRead = ModbusRead> extends Span {
  readonly cadence: Cadence;
  /** In the order of their registers. */
  readonly units: readonly ReadUnit<Read>[];
  /** What the units hold. */
  readonly reads: readonly Read[];
}

/**
 * The fewest requests that read all of this, and among those the ones with the fewest registers. A request is of one
 * function code and one cadence, splits no value and no frame, and keeps within the profile's limits and `holes`.
 * Among equally good plans the requests are of as equal a length as can be: an instrument that refuses one for its length
 * then tells the most.
 *
 * `refused`: spans that this unit is known to refuse. No request contains one; what lies in one by itself is left out.
 */
export function planRequests<Read extends ModbusRead>(
  profile: ModbusProfile,
  reads: readonly Read[],
  refused: readonly Span[] = [],
): ModbusRequest<Read>[] {
  return planUnits(profile, readUnits(reads, profile), refused);
}

/** The same for units. */
export function planUnits<Read extends ModbusRead>(
  profile: ModbusProfile,
  units: readonly ReadUnit<Read>[],
  refused: readonly Span[],
): ModbusRequest<Read>[] {
  const isRefused = (span: Span): boolean => refused.some((one) => contains(span, one));
  const kinds = Map.groupBy(units, ({ functionCode, cadence }) => `${functionCode} ${cadence}`);
  return [...kinds.values()].flatMap((alike) => {
    const rules = requestRules(profile, (alike[0] as ReadUnit).functionCode);
    const mayAsk = (span: Span): boolean => obstacleIn(rules, span) === null && !isRefused(span);
    return planAlike(
      alike.filter((unit) => !isRefused(unit)),
      mayAsk,
    );
  });
}

/**
 * What is read, gathered into what must not be read apart; in the order of function code, cadence and register. A frame
 * whose request the profile spells out is that long, whatever of it is read.
 */
export function readUnits<Read extends ModbusRead>(
  reads: readonly Read[],
  { frames: spelled }: Pick<ModbusProfile, 'frames'>,
): ReadUnit<Read>[] {
  const frames = Map.groupBy(reads, (read) =>
    read.frame === undefined ? read : `${read.functionCode} ${read.cadence} ${read.frame}`,
  );
  const units = [...frames.values()].map((together): ReadUnit<Read> => {
    const cadence = (together[0] as Read).cadence;
    const whole = spelled[(together[0] as Read).frame ?? ''];
    const span = hullOf([...together.map(spanOf), ...(whole ? [spanOfFrame(whole)] : [])]);
    return { ...span, cadence, reads: together };
  });
  return units.sort(
    (a, b) =>
      a.functionCode - b.functionCode ||
      cadences.indexOf(a.cadence) - cadences.indexOf(b.cadence) ||
      a.start - b.start ||
      b.count - a.count,
  );
}

/** The request that reads these units of one kind, at least one. */
export function requestOf<Read extends ModbusRead>(units: readonly ReadUnit<Read>[]): ModbusRequest<Read> {
  const { cadence } = units[0] as ReadUnit<Read>;
  return { ...hullOf(units), cadence, units, reads: units.flatMap(({ reads }) => reads) };
}

/** The registers of one value. */
export function spanOf(read: Pick<ModbusRead, 'functionCode' | 'register' | 'type' | 'registers'>): Span {
  return { functionCode: read.functionCode, start: read.register, count: registersOf(read) };
}

/** The registers of a frame whose request the profile spells out. */
export function spanOfFrame({ functionCode, register, count }: ModbusProfile['frames'][string]): Span {
  return { functionCode, start: register, count };
}

/** What a plan costs, up to some unit; the fields are in the order of their weight. */
interface Cost {
  readonly requests: number;
  readonly registers: number;
  /** Sum of the squared lengths: the smaller, the more equal they are. */
  readonly squares: number;
  /** Where the last request begins. */
  readonly first: number;
}

function isLess(a: Cost, b: Cost): boolean {
  if (a.requests !== b.requests) return a.requests < b.requests;
  return a.registers === b.registers ? a.squares < b.squares : a.registers < b.registers;
}

/** The best plan for units of one function code and cadence, in their order. */
function planAlike<Read extends ModbusRead>(
  units: readonly ReadUnit<Read>[],
  mayAsk: (span: Span) => boolean,
): ModbusRequest<Read>[] {
  const groups = withWhatLiesWithin(units);
  const costs = leastCosts(
    groups.map(([unit]) => unit as ReadUnit),
    mayAsk,
  );
  const requests: ModbusRequest<Read>[] = [];
  for (let end = groups.length; end > 0; end = (costs[end] as Cost).first) {
    requests.unshift(requestOf(groups.slice((costs[end] as Cost).first, end).flat()));
  }
  return requests;
}

/** What the best plan for the first so many units costs, from none of them to all; starts and ends of the units rise. */
function leastCosts(units: readonly ReadUnit[], mayAsk: (span: Span) => boolean): Cost[] {
  const costs: Cost[] = [{ requests: 0, registers: 0, squares: 0, first: 0 }];
  let earliest = 0;
  units.forEach((unit, last) => {
    const { functionCode } = unit;
    const countFrom = (start: number): number => endOf(unit) - start;
    const mayBegin = ({ start }: Span): boolean => mayAsk({ functionCode, start, count: countFrom(start) });
    // What may not be asked from here may not be asked from here to a later end either.
    while (earliest < last && !mayBegin(units[earliest] as ReadUnit)) earliest += 1;
    let least: Cost | undefined;
    for (let first = last; first >= earliest; first -= 1) {
      const before = costs[first] as Cost;
      const count = countFrom((units[first] as ReadUnit).start);
      const { requests, registers, squares } = before;
      const cost = { requests: requests + 1, registers: registers + count, squares: squares + count * count, first };
      if (!least || isLess(cost, least)) least = cost;
    }
    costs.push(least as Cost);
  });
  return costs;
}

/** Each unit that no other contains, with those that lie within it behind it. Starts and ends of the first ones rise. */
function withWhatLiesWithin<Read extends ModbusRead>(units: readonly ReadUnit<Read>[]): ReadUnit<Read>[][] {
  const groups: ReadUnit<Read>[][] = [];
  for (const unit of units) {
    const open = groups.at(-1);
    if (open && contains(open[0] as ReadUnit, unit)) open.push(unit);
    else groups.push([unit]);
  }
  return groups;
}
