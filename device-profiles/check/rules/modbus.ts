import { registersOf } from '../../decode.ts';
import { type ModbusProfile, type ModbusRead, modbusTypes } from '../../profile.ts';
import type { FieldPath } from '../yaml-document.ts';
import type { Complain } from './complain.ts';

/** Rules of a Modbus profile between fields: addresses, registers, bits, holes. */
export function checkModbus(profile: ModbusProfile, complain: Complain): void {
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
    checkPlace(profile, { ...point, path: ['points', index] }, complain);
  });
  profile.auxiliaries.forEach((auxiliary, index) => {
    checkPlace(profile, { ...auxiliary, cadence: 'fast', path: ['auxiliaries', index] }, complain);
  });
  checkOverlaps(profile.points, complain);
}

type PlacedRead = ModbusRead & { readonly path: FieldPath };

function checkPlace(profile: ModbusProfile, read: PlacedRead, complain: Complain): void {
  checkRegisters(profile, read, complain);
  checkBit(read, complain);
  checkType(read, complain);
}

function checkRegisters(profile: ModbusProfile, read: PlacedRead, complain: Complain): void {
  const path = [...read.path, 'register'];
  const count = registersOf(read);
  const last = read.register + count - 1;
  if (last > 0xffff) {
    const remedy = `write a register of at most ${0x10000 - count} for ${read.type}`;
    complain(path, `${read.type} at ${read.register} would end beyond register 65535`, remedy);
  }
  if (read.functionCode >= 3 && count > profile.limits.maxRegisters) {
    const fault = `${read.type} takes ${count} registers, but limits.maxRegisters allows ${profile.limits.maxRegisters}`;
    complain(path, fault, 'raise limits.maxRegisters or choose a shorter type');
  }
  for (const hole of profile.holes) {
    if (hole.functionCode !== read.functionCode || hole.from > last || hole.to < read.register) continue;
    const fault = `lies in the hole ${hole.from} to ${hole.to}`;
    complain(path, fault, 'correct the register, or make the hole smaller');
  }
}

function checkBit({ functionCode, type, bit, path }: PlacedRead, complain: Complain): void {
  if (functionCode <= 2) {
    if (type !== 'bit') {
      complain([...path, 'type'], `function code ${functionCode} reads bits, not ${type}`, 'write type: bit');
    }
    if (bit !== undefined) {
      complain([...path, 'bit'], 'the register is the bit already', 'remove bit, write the bit as register');
    }
  } else if (type === 'bit' && bit === undefined) {
    complain([...path, 'bit'], 'is missing', 'write which bit of the register it is, 0 = lowest');
  } else if (type !== 'bit' && bit !== undefined) {
    complain([...path, 'bit'], `${type} takes whole registers`, 'remove bit, or write type: bit, or bits');
  }
}

/** Fields that go with some types only. */
function checkType({ type, bits, signBit, registers, path }: PlacedRead, complain: Complain): void {
  if (bits) {
    const width = modbusTypes[type].registers * 16;
    if (modbusTypes[type].kind !== 'whole' || type === 'bit') {
      complain([...path, 'bits'], `${type} is no word of bits`, 'write type: u16, u32 or u64');
    } else if (bits[0] > bits[1] || bits[1] >= width) {
      complain([...path, 'bits'], `are not within ${type}`, `write [lowest, highest] within 0 to ${width - 1}`);
    }
  }
  if (signBit && !type.startsWith('bcd')) complain([...path, 'signBit'], 'is for BCD only', 'remove it');
  if (type === 'text' && registers === undefined) {
    complain([...path, 'registers'], 'is missing', 'write how many registers the text takes');
  } else if (type !== 'text' && registers !== undefined) {
    complain([...path, 'registers'], `${type} says itself how many registers it takes`, 'remove it');
  }
}

/** Bits of one register may be named beside each other, and beside the whole register; nothing else may overlap. */
function checkOverlaps(points: readonly ModbusRead[], complain: Complain): void {
  points.forEach((point, index) => {
    const other = points.slice(0, index).find((candidate) => overlap(candidate, point));
    if (!other) return;
    const fault = `overlaps the point ${other.id} (${other.type} at ${other.register})`;
    complain(['points', index, 'register'], fault, 'correct the register or the type of one of the two');
  });
}

function overlap(a: ModbusRead, b: ModbusRead): boolean {
  if (a.functionCode !== b.functionCode) return false;
  if (a.register + registersOf(a) <= b.register || b.register + registersOf(b) <= a.register) return false;
  const [bitsOfA, bitsOfB] = [bitsTaken(a), bitsTaken(b)];
  if (bitsOfA === undefined || bitsOfB === undefined) return bitsOfA === bitsOfB;
  return a.register === b.register && bitsOfA[0] <= bitsOfB[1] && bitsOfB[0] <= bitsOfA[1];
}

/** Which bits it takes, where it does not take whole registers. */
function bitsTaken({ type, bit, bits }: ModbusRead): readonly [number, number] | undefined {
  if (bit !== undefined) return [bit, bit];
  if (bits !== undefined) return bits;
  if (type.endsWith('-high')) return [8, 15];
  return type.endsWith('-low') ? [0, 7] : undefined;
}
