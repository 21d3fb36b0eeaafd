import { isSlot, type Profile, pointsOf } from '../../../device-profiles/profile.ts';
import type { Picture } from './encoding/modbus-simulation.ts';

/** What a site states of an instrument, where nobody says otherwise. */

/** A parameter of transformers is 40, another one its default, else the middle of its range. */
export function usualParameters({ parameters }: Profile): Record<string, number> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { range, default: usual }]) => [name, usual ?? withinRange(name, range)]),
  );
}

function withinRange(name: string, [lowest, highest]: readonly [number, number]): number {
  if (/(^|-)low/.test(name)) return 0;
  if (/(^|-)high/.test(name)) return Math.min(highest, 1000);
  return lowest <= 1 && highest >= 40 ? 2 : (lowest + highest) / 2;
}

/** The optional points that one instrument can have at once: one for each series, and one for each register. */
export function allTogether(profile: Profile): string[] {
  const series = new Set(
    pointsOf(profile)
      .filter(({ optional }) => !optional)
      .map(({ factor, channel }) => `${factor} ${channel}`),
  );
  const places = new Set<string>();
  const room = profile.protocol === 'modbus' ? new Map(profile.slots.map(({ id, count }) => [id, count])) : new Map();
  return pointsOf(profile).flatMap((point) => {
    const { id, factor, channel, optional } = point;
    const place = 'register' in point ? `${point.functionCode} ${point.register} ${point.type}` : id;
    if (!optional || series.has(`${factor} ${channel}`) || places.has(place)) return [];
    if (isSlot(point)) {
      const left = room.get(point.slots) ?? 0;
      if (left === 0) return [];
      room.set(point.slots, left - 1);
    }
    series.add(`${factor} ${channel}`);
    if (!('bits' in point && point.bits)) places.add(place);
    return [id];
  });
}

/** As stated, or as delivered. */
export function addressOf(profile: Profile, probe: Picture['probe'], given: string | undefined): string | null {
  if (profile.protocol === 'dlt645') return (given ?? '161').padStart(12, '0');
  if (profile.protocol !== 'modbus') return null;
  return given ?? String(probe?.addresses?.[0] ?? profile.address.default ?? profile.address.range[0]);
}
