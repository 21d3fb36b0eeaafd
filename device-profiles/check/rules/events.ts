import type { Profile } from '../../profile.ts';
import { partsOf } from '../../value/leaning.ts';
import { both, type Complain } from './complain.ts';
import { checkName, namesOf } from './meaning.ts';

/** Events: of points that exist, each in one event, at a time that is read. */
export function checkEvents(profile: Profile, leftOut: ReadonlySet<string>, complain: Complain): void {
  const names = namesOf(profile, leftOut);
  const { auxiliaries } = partsOf(profile);
  const times = [...auxiliaries.values()].filter(({ type }) => type.startsWith('time-')).map(({ id }) => id);
  const taken = new Map<string, string>();
  profile.events.forEach(({ id, points, at }, index) => {
    const path = ['events', index];
    points.forEach((point, place) => {
      checkName(point, names.points, [...path, 'points', place], names, complain);
      const other = taken.get(point);
      if (other !== undefined) {
        complain(
          [...path, 'points', place],
          both(`${point} belongs to the event ${other}`, `${point} 已属于事件 ${other}`),
          both('name it in one event only', '只写在一个事件中'),
        );
      }
      taken.set(point, id);
    });
    if (at !== undefined) checkName(at, times, [...path, 'at'], names, complain);
  });
}
