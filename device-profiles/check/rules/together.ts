import { isSlot, type Profile, type ProfilePoint, pointsOf } from '../../profile.ts';
import type { FieldPath } from '../yaml-document.ts';
import { both, type Complain } from './complain.ts';

/** A part of the profile with the path to it. */
interface Placed<Part> {
  readonly part: Part;
  readonly path: FieldPath;
}

/** Every point of the profile, with where it stands. */
export function placedPoints(profile: Profile): Placed<ProfilePoint>[] {
  const read = profile.points.length;
  const slots = profile.protocol === 'modbus' ? profile.slots : [];
  const meanings = slots.flatMap((list, at) => list.meanings.map((_, index) => ['slots', at, 'meanings', index]));
  return pointsOf(profile).map((part, index) => {
    if (index < read) return { part, path: ['points', index] };
    const slot = meanings[index - read];
    return { part, path: slot ?? ['computed', index - read - meanings.length] };
  });
}

/** Every auxiliary value of the profile, with where it stands. */
export function placedAuxiliaries(profile: Profile) {
  const auxiliaries = 'auxiliaries' in profile ? profile.auxiliaries : [];
  return auxiliaries.map((part, index) => ({ part, path: ['auxiliaries', index] }));
}

/** Names are unique, each series is given once, and numbers can occur. */
export function checkTogether(profile: Profile, complain: Complain): void {
  checkNames(profile, complain);
  checkSeries(profile, complain);
  for (const { part, path } of placedPoints(profile)) checkRange(part, path, complain);
  for (const { part, path } of [...placedPoints(profile), ...placedAuxiliaries(profile)]) {
    checkSentinels(part, path, complain);
  }
}

function checkNames(profile: Profile, complain: Complain): void {
  const ids = new Set<string>(Object.keys(profile.parameters));
  for (const { part, path } of [...placedPoints(profile), ...placedAuxiliaries(profile)]) {
    const { id } = part;
    if (ids.has(id))
      complain(
        [...path, 'id'],
        both(`the id ${id} is used twice`, `id ${id} 重复`),
        both('give each point its own id', '每个测点各用一个 id'),
      );
    ids.add(id);
  }
}

/** Meanings of a list of slots may share a factor: the instrument lists one of them. */
function checkSeries(profile: Profile, complain: Complain): void {
  const series = new Map<string, ProfilePoint>();
  for (const { part, path } of placedPoints(profile)) {
    const key = `${part.channel ?? ''} ${part.factor}`;
    const other = series.get(key);
    series.set(key, part);
    if (other === undefined || other.id === part.id || (isSlot(part) && isSlot(other))) continue;
    const fault = both(
      `${part.factor} is already given by the point ${other.id}`,
      `${part.factor} 已由测点 ${other.id} 给出`,
    );
    complain(
      [...path, 'factor'],
      fault,
      both('keep one of the two, or give each its channel', '保留其一，或各写 channel'),
    );
  }
}

/** The whole numbers that a type can give: raw values outside can never occur. */
const wholeRanges: Record<string, [number, number]> = {
  bit: [0, 1],
  u8: [0, 0xff],
  'u8-high': [0, 0xff],
  'u8-low': [0, 0xff],
  's8-high': [-0x80, 0x7f],
  's8-low': [-0x80, 0x7f],
  u16: [0, 0xffff],
  s16: [-0x8000, 0x7fff],
  bcd16: [-7999, 9999],
  u24: [0, 0xff_ffff],
  s24: [-0x80_0000, 0x7f_ffff],
  u32: [0, 0xffff_ffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
  bcd32: [-79_999_999, 99_999_999],
};

type Numbers = { readonly type?: string; readonly sentinels?: number[] | undefined; readonly bits?: unknown };

function checkSentinels({ type, sentinels = [], bits }: Numbers, path: FieldPath, complain: Complain): void {
  const possible = type === undefined || bits !== undefined ? undefined : wholeRanges[type];
  if (!possible) return;
  for (const sentinel of sentinels) {
    if (Number.isInteger(sentinel) && sentinel >= possible[0] && sentinel <= possible[1]) continue;
    const remedy = both(
      `write a whole number from ${possible[0]} to ${possible[1]}: the raw value as ${type} reads it`,
      `写 ${possible[0]} 到 ${possible[1]} 的整数：按 ${type} 读出的原始值`,
    );
    complain(
      [...path, 'sentinels'],
      both(`${sentinel} can never be read as ${type}`, `${type} 读不出 ${sentinel}`),
      remedy,
    );
  }
}

function checkRange({ range }: ProfilePoint, path: FieldPath, complain: Complain): void {
  if (!range || range[0] < range[1]) return;
  const fault = both(`the range ${range[0]} to ${range[1]} holds nothing`, `量程 ${range[0]} 到 ${range[1]} 为空`);
  complain(
    [...path, 'range'],
    fault,
    both('write [lowest, highest] with lowest below highest', '写 [下限, 上限]，下限小于上限'),
  );
}
