import { obstacleIn, requestRules } from '../../plan/request-rules.ts';
import { contains, hullOf } from '../../plan/span.ts';
import { spanOf, spanOfFrame } from '../../plan.ts';
import type { ModbusAuxiliary, ModbusPoint, ModbusProfile } from '../../profile.ts';
import type { FieldPath } from '../yaml-document.ts';
import { both, type Complain } from './complain.ts';

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
    checkWithin(profile, name, together, complain);
    const isAlike = checkAlike(name, together, complain);
    if (isAlike) checkSpan(profile, name, together, complain);
  }
}

/** What stands in a frame whose request is spelled out stands within that request. */
function checkWithin(profile: ModbusProfile, name: string, members: readonly Member[], complain: Complain): void {
  const whole = profile.frames[name];
  if (whole === undefined) return;
  const last = whole.register + whole.count - 1;
  for (const { read, path } of members) {
    if (contains(spanOfFrame(whole), spanOf(read))) continue;
    complain(
      [...path, 'register'],
      both(
        `does not lie within the frame ${name}, which is asked as ${whole.register} to ${last} by function code ${whole.functionCode}`,
        `不在帧 ${name} 之内：该帧按功能码 ${whole.functionCode} 读 ${whole.register} 到 ${last}`,
      ),
      both('correct the register, or the frame under frames', '改正寄存器，或改正 frames 中的该帧'),
    );
  }
}

function checkAlike(name: string, members: readonly Member[], complain: Complain): boolean {
  const [first] = members as [Member];
  const inTime = members.find(({ read }) => 'cadence' in read);
  let isAlike = true;
  for (const { read, path } of members) {
    if (read.functionCode !== first.read.functionCode) {
      complain(
        [...path, 'functionCode'],
        both(
          `${read.functionCode} is not that of ${first.read.id}, which is in the frame ${name} as well`,
          `${read.functionCode} 与同在帧 ${name} 的 ${first.read.id} 不同`,
        ),
        both(
          'write the same function code, or take one of the two out of the frame',
          '改为相同的功能码，或把其中一个移出该帧',
        ),
      );
      isAlike = false;
    }
    const cadence = cadenceIn(read);
    if (cadence === undefined || !inTime || cadence === cadenceIn(inTime.read)) continue;
    const fault = both(
      `${cadence} is not that of ${inTime.read.id}, which is in the frame ${name} as well`,
      `${cadence} 与同在帧 ${name} 的 ${inTime.read.id} 不同`,
    );
    const remedy = both(
      'read all of a frame equally often, or take one of the two out of the frame',
      '同一帧的读取频度应一致，或把其中一个移出该帧',
    );
    const field = 'cadence' in read ? 'cadence' : 'once';
    complain([...path, field], fault, remedy);
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
  const whole = profile.frames[name];
  const span = hullOf([...members.map(({ read }) => spanOf(read)), ...(whole ? [spanOfFrame(whole)] : [])]);
  const obstacle = obstacleIn(requestRules(profile, span.functionCode), span);
  // A single value that cannot be read is told as a fault of its own.
  if (obstacle === null || members.length === 1) return;
  const path = [...(members.at(-1) as Member).path, 'frame'];
  const from = `the frame ${name} takes ${span.count} registers from ${span.start}`;
  const fromZh = `帧 ${name} 从 ${span.start} 起占 ${span.count} 个寄存器`;
  if (obstacle.kind === 'too-long') {
    const limit = span.functionCode <= 2 ? 'limits.maxBits' : 'limits.maxRegisters';
    complain(
      path,
      both(
        `${from}, but ${limit} allows ${obstacle.most} in one request`,
        `${fromZh}，而 ${limit} 每次只允许 ${obstacle.most}`,
      ),
      both(`raise ${limit} if the instrument bears it, or make two frames`, `仪器允许时加大 ${limit}，或分成两帧`),
    );
    return;
  }
  const { from: first, to: last } = obstacle.stretch;
  if (obstacle.kind === 'hole') {
    complain(
      path,
      both(`${from} and lies across the hole ${first} to ${last}`, `${fromZh}，跨越空洞 ${first} 到 ${last}`),
      both('make two frames, or correct the hole', '分成两帧，或改正空洞'),
    );
  } else {
    const { maxHole } = profile.limits;
    const unlisted = last - first + 1;
    complain(
      path,
      both(
        `${from}, with ${unlisted} unlisted ones from ${first}, but limits.maxHole allows ${maxHole}`,
        `${fromZh}，其中从 ${first} 起有 ${unlisted} 个未列出，而 limits.maxHole 只允许 ${maxHole}`,
      ),
      both(
        'raise limits.maxHole if they can be read through, list them, or make two frames',
        '可以读过时加大 limits.maxHole，或列出这些寄存器，或分成两帧',
      ),
    );
  }
}
