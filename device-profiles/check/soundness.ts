import { registersOf } from '../decode.ts';
import { type ModbusPoint, type ModbusProfile, type PlantowerProfile, type Profile, pointsOf } from '../profile.ts';
import { checkDlt645 } from './dlt645-soundness.ts';
import type { Locate, ProfileFault } from './faults.ts';
import { checkHj212 } from './hj212-soundness.ts';
import { checkFrames } from './rules/frames.ts';
import type { FieldPath } from './yaml-document.ts';

/*
 * What the schema cannot say: rules between fields and between points. Each rule reports through `complain`, so that all
 * faults of a profile are found in one go.
 */

export type Complain = (path: FieldPath, fault: string, remedy: string) => void;

/** Every fault of a profile that has the right shape. `leftOut`: points that are not in it because of other faults. */
export function soundnessFaults(profile: Profile, locate: Locate, leftOut: ReadonlySet<string>): ProfileFault[] {
  const faults: ProfileFault[] = [];
  const complain: Complain = (path, fault, remedy) => faults.push({ ...locate(path), fault, remedy });
  if (pointsOf(profile).length + leftOut.size === 0)
    complain(['points'], 'is empty', 'give at least 1 point, or slots');
  checkPointsTogether(profile, complain);
  checkNumbers(profile, complain);
  if (profile.protocol === 'modbus') checkModbus(profile, complain);
  else if (profile.protocol === 'dlt645') checkDlt645(profile, complain);
  else if (profile.protocol === 'hj212') checkHj212(profile, complain);
  else checkPlantower(profile, complain);
  return faults;
}

function checkPointsTogether(profile: Profile, complain: Complain): void {
  const ids = new Set<string>();
  const series = new Map<string, string>();
  profile.points.forEach(({ id, factor, channel }, index) => {
    if (ids.has(id)) complain(['points', index, 'id'], `the id ${id} is used twice`, 'give each point its own id');
    ids.add(id);
    const key = `${channel ?? ''} ${factor}`;
    const other = series.get(key);
    if (other !== undefined && other !== id) {
      const fault = `${factor} is already given by the point ${other}`;
      complain(['points', index, 'factor'], fault, 'keep one of the two, or give each its channel');
    }
    series.set(key, id);
  });
}

/** The whole numbers that a type can give: raw values outside can never occur. */
const wholeRanges: Record<string, [number, number]> = {
  bit: [0, 1],
  u8: [0, 0xff],
  u16: [0, 0xffff],
  s16: [-0x8000, 0x7fff],
  u32: [0, 0xffff_ffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
};

function checkNumbers(profile: Profile, complain: Complain): void {
  profile.points.forEach((point, index) => {
    const { range, sentinels } = point;
    const type = 'type' in point ? point.type : undefined;
    if (range && range[0] >= range[1]) {
      const fault = `the range ${range[0]} to ${range[1]} holds nothing`;
      complain(['points', index, 'range'], fault, 'write [lowest, highest] with lowest below highest');
    }
    const possible = type && wholeRanges[type];
    for (const sentinel of sentinels ?? []) {
      if (!possible || (Number.isInteger(sentinel) && sentinel >= possible[0] && sentinel <= possible[1])) continue;
      const remedy = `write a whole number from ${possible[0]} to ${possible[1]}: the raw value as ${type} reads it`;
      complain(['points', index, 'sentinels'], `${sentinel} can never be read as ${type}`, remedy);
    }
  });
}

function checkModbus(profile: ModbusProfile, complain: Complain): void {
  const { address, holes } = profile;
  if (address.range[0] > address.range[1]) {
    complain(['address', 'range'], 'lowest is above highest', 'write [lowest, highest]');
  } else if (address.default < address.range[0] || address.default > address.range[1]) {
    const fault = `${address.default} is not within the range ${address.range[0]} to ${address.range[1]}`;
    complain(['address', 'default'], fault, 'correct the default or the range');
  }
  holes.forEach(({ from, to }, index) => {
    if (from > to) complain(['holes', index, 'to'], `${to} is below ${from}`, 'write the last register of the hole');
  });
  profile.points.forEach((point, index) => {
    checkRegisters(profile, point, index, complain);
    checkBit(point, index, complain);
  });
  checkOverlaps(profile.points, complain);
  checkFrames(profile, complain);
}

function checkRegisters(profile: ModbusProfile, point: ModbusPoint, index: number, complain: Complain): void {
  const path = ['points', index, 'register'];
  const count = registersOf(point);
  const last = point.register + count - 1;
  if (last > 0xffff) {
    const remedy = `write a register of at most ${0x10000 - count} for ${point.type}`;
    complain(path, `${point.type} at ${point.register} would end beyond register 65535`, remedy);
  }
  if (point.functionCode >= 3 && count > profile.limits.maxRegisters) {
    const fault = `${point.type} takes ${count} registers, but limits.maxRegisters allows ${profile.limits.maxRegisters}`;
    complain(path, fault, 'raise limits.maxRegisters or choose a shorter type');
  }
  for (const hole of profile.holes) {
    if (hole.functionCode !== point.functionCode || hole.from > last || hole.to < point.register) continue;
    const fault = `lies in the hole ${hole.from} to ${hole.to}`;
    complain(path, fault, 'correct the register, or make the hole smaller');
  }
}

function checkBit({ functionCode, type, bit }: ModbusPoint, index: number, complain: Complain): void {
  if (functionCode <= 2) {
    if (type !== 'bit') {
      complain(['points', index, 'type'], `function code ${functionCode} reads bits, not ${type}`, 'write type: bit');
    }
    if (bit !== undefined) {
      complain(['points', index, 'bit'], 'the register is the bit already', 'remove bit, write the bit as register');
    }
  } else if (type === 'bit' && bit === undefined) {
    complain(['points', index, 'bit'], 'is missing', 'write which bit of the register it is, 0 = lowest');
  } else if (type !== 'bit' && bit !== undefined) {
    complain(['points', index, 'bit'], `${type} takes whole registers`, 'remove bit, or write type: bit');
  }
}

/** Bits of one register may be named beside each other, and beside the whole register; nothing else may overlap. */
function checkOverlaps(points: readonly ModbusPoint[], complain: Complain): void {
  points.forEach((point, index) => {
    const other = points.slice(0, index).find((candidate) => overlap(candidate, point));
    if (!other) return;
    const fault = `overlaps the point ${other.id} (${other.type} at ${other.register})`;
    complain(['points', index, 'register'], fault, 'correct the register or the type of one of the two');
  });
}

function overlap(a: ModbusPoint, b: ModbusPoint): boolean {
  if (a.functionCode !== b.functionCode) return false;
  if (a.register + registersOf(a) <= b.register || b.register + registersOf(b) <= a.register) return false;
  const aIsBit = a.bit !== undefined;
  const bIsBit = b.bit !== undefined;
  return aIsBit && bIsBit ? a.bit === b.bit : aIsBit === bIsBit;
}

function checkPlantower({ frame, points }: PlantowerProfile, complain: Complain): void {
  const lastData = frame.length - 3;
  if (frame.allZero && (frame.allZero[0] > frame.allZero[1] || frame.allZero[1] > lastData)) {
    complain(['frame', 'allZero'], 'is no span of data bytes', `write [first, last] within 4 to ${lastData}`);
  }
  const taken = new Map<number, string>();
  points.forEach(({ id, byteOffset, type }, index) => {
    const path = ['points', index, 'byteOffset'];
    const last = byteOffset + (type === 'u8' ? 0 : 1);
    if (last > lastData) {
      const fault = `${type} at byte ${byteOffset} would end beyond the data`;
      complain(path, fault, `write a byte of at most ${lastData - (last - byteOffset)}: the checksum follows`);
    }
    const other = taken.get(byteOffset) ?? taken.get(last);
    if (other !== undefined) complain(path, `overlaps the point ${other}`, 'correct the byte of one of the two');
    for (let byte = byteOffset; byte <= last; byte += 1) taken.set(byte, id);
  });
}
