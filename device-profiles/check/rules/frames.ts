import { obstacleIn, requestRules } from '../../plan/request-rules.ts';
import { hullOf } from '../../plan/span.ts';
import { spanOf } from '../../plan.ts';
import type { ModbusAuxiliary, ModbusPoint, ModbusProfile } from '../../profile.ts';
import type { FieldPath } from '../yaml-document.ts';
import type { Complain } from './complain.ts';

interface Member {
  readonly read: ModbusPoint | ModbusAuxiliary;
  readonly path: FieldPath;
}

/** What stands in one frame is read by one request: that must be possible. */
export function checkFrames(profile: ModbusProfile, complain: Complain): void {
  const members: Member[] = [
    ...profile.points.map((read, index) => ({ read, path: ['points', index] })),
    ...profile.auxiliaries.map((read, index) => ({ read, path: ['auxiliaries', index] })),
  ];
  for (const [name, together] of Map.groupBy(members, ({ read }) => read.frame)) {
    if (name === undefined) continue;
    const isAlike = checkAlike(name, together, complain);
    if (isAlike) checkSpan(profile, name, together, complain);
  }
}

function checkAlike(name: string, members: readonly Member[], complain: Complain): boolean {
  const [first] = members as [Member];
  const inTime = members.find(({ read }) => 'cadence' in read);
  let isAlike = true;
  for (const { read, path } of members) {
    if (read.functionCode !== first.read.functionCode) {
      const fault = `${read.functionCode} is not that of ${first.read.id}, which is in the frame ${name} as well`;
      complain(
        [...path, 'functionCode'],
        fault,
        'write the same function code, or take one of the two out of the frame',
      );
      isAlike = false;
    }
    const cadence = cadenceIn(read);
    if (cadence === undefined || !inTime || cadence === cadenceIn(inTime.read)) continue;
    const fault = `${cadence} is not that of ${inTime.read.id}, which is in the frame ${name} as well`;
    const field = 'cadence' in read ? 'cadence' : 'once';
    complain([...path, field], fault, 'read all of a frame equally often, or take one of the two out of the frame');
    isAlike = false;
  }
  return isAlike;
}

/** How often it is read; undefined for an auxiliary value, which is read with the points that lean on it. */
function cadenceIn(read: Member['read']): string | undefined {
  if ('cadence' in read) return read.cadence;
  return read.once ? 'once' : undefined;
}

function checkSpan(profile: ModbusProfile, name: string, members: readonly Member[], complain: Complain): void {
  const span = hullOf(members.map(({ read }) => spanOf(read)));
  const obstacle = obstacleIn(requestRules(profile, span.functionCode), span);
  // A single value that cannot be read is told as a fault of its own.
  if (obstacle === null || members.length === 1) return;
  const path = [...(members.at(-1) as Member).path, 'frame'];
  const from = `the frame ${name} takes ${span.count} registers from ${span.start}`;
  if (obstacle.kind === 'too-long') {
    const limit = span.functionCode <= 2 ? 'limits.maxBits' : 'limits.maxRegisters';
    const remedy = `raise ${limit} if the instrument bears it, or make two frames`;
    complain(path, `${from}, but ${limit} allows ${obstacle.most} in one request`, remedy);
    return;
  }
  const { from: first, to: last } = obstacle.stretch;
  if (obstacle.kind === 'hole') {
    complain(path, `${from} and lies across the hole ${first} to ${last}`, 'make two frames, or correct the hole');
  } else {
    const fault = `${from}, with ${last - first + 1} unlisted ones from ${first}, but limits.maxHole allows ${profile.limits.maxHole}`;
    complain(path, fault, 'raise limits.maxHole if they can be read through, list them, or make two frames');
  }
}
