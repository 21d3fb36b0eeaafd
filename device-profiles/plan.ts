import { registersOf } from './decode.ts';
import type { ModbusPoint, ModbusProfile } from './profile.ts';

/** One read request, and the points that its reply holds. */
export interface ModbusRequest {
  functionCode: ModbusPoint['functionCode'];
  /** First register or bit, 0-based. */
  start: number;
  /** How many registers or bits. */
  count: number;
  points: ModbusPoint[];
}

/**
 * Gathers points into few requests: neighbours are joined while the request stays within the profile's `maxRegisters`
 * (`maxBits` for function codes 1 and 2), reads through no more than `maxHole` unlisted registers in a row, and touches
 * no hole. A point is never split over two requests. Points come back in the order of their registers.
 */
export function planRequests(profile: ModbusProfile, points: readonly ModbusPoint[] = profile.points): ModbusRequest[] {
  const sorted = [...points].sort((a, b) => a.functionCode - b.functionCode || a.register - b.register);
  const requests: ModbusRequest[] = [];
  for (const point of sorted) {
    const open = requests.at(-1);
    const joined = open && join(profile, open, point);
    if (open && joined) {
      open.count = joined;
      open.points.push(point);
    } else {
      requests.push({
        functionCode: point.functionCode,
        start: point.register,
        count: registersOf(point),
        points: [point],
      });
    }
  }
  return requests;
}

/** The request's count once the point is in it, or 0 if it must not be. */
function join(profile: ModbusProfile, request: ModbusRequest, point: ModbusPoint): number {
  const { maxRegisters, maxBits, maxHole } = profile.limits;
  if (request.functionCode !== point.functionCode) return 0;
  const end = request.start + request.count;
  if (point.register - end > maxHole) return 0;
  const count = Math.max(end, point.register + registersOf(point)) - request.start;
  if (count > (point.functionCode <= 2 ? maxBits : maxRegisters)) return 0;
  const touchesHole = profile.holes.some(
    (hole) =>
      hole.functionCode === request.functionCode && hole.from < request.start + count && hole.to >= request.start,
  );
  return touchesHole ? 0 : count;
}
