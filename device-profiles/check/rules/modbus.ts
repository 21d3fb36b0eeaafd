import { registersOf } from '../../decode.ts';
import { type ModbusPoint, type ModbusProfile, type ModbusRead, modbusTypes } from '../../profile.ts';
import type { FieldPath } from '../yaml-document.ts';
import { both, type Complain } from './complain.ts';

/** Rules of a Modbus profile between fields: addresses, registers, bits, holes. */
export function checkModbus(profile: ModbusProfile, complain: Complain): void {
  const { address, holes } = profile;
  if (address.range[0] > address.range[1]) {
    complain(
      ['address', 'range'],
      both('lowest is above highest', '下限大于上限'),
      both('write [lowest, highest]', '写 [下限, 上限]'),
    );
  } else if (
    address.default !== undefined &&
    (address.default < address.range[0] || address.default > address.range[1])
  ) {
    const fault = both(
      `${address.default} is not within the range ${address.range[0]} to ${address.range[1]}`,
      `${address.default} 不在 ${address.range[0]} 到 ${address.range[1]} 之内`,
    );
    complain(['address', 'default'], fault, both('correct the default or the range', '改正 default 或 range'));
  }
  holes.forEach(({ from, to }, index) => {
    if (from > to)
      complain(
        ['holes', index, 'to'],
        both(`${to} is below ${from}`, `${to} 小于 ${from}`),
        both('write the last register of the hole', '写空洞的最后一个寄存器'),
      );
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
    const remedy = both(
      `write a register of at most ${0x10000 - count} for ${read.type}`,
      `${read.type} 的寄存器最大为 ${0x10000 - count}`,
    );
    complain(
      path,
      both(
        `${read.type} at ${read.register} would end beyond register 65535`,
        `${read.register} 处的 ${read.type} 超出寄存器 65535`,
      ),
      remedy,
    );
  }
  if (read.functionCode >= 3 && count > profile.limits.maxRegisters) {
    const fault = both(
      `${read.type} takes ${count} registers, but limits.maxRegisters allows ${profile.limits.maxRegisters}`,
      `${read.type} 占 ${count} 个寄存器，而 limits.maxRegisters 只允许 ${profile.limits.maxRegisters}`,
    );
    complain(
      path,
      fault,
      both('raise limits.maxRegisters or choose a shorter type', '加大 limits.maxRegisters，或改用较短的类型'),
    );
  }
  for (const hole of profile.holes) {
    if (hole.functionCode !== read.functionCode || hole.from > last || hole.to < read.register) continue;
    const fault = both(`lies in the hole ${hole.from} to ${hole.to}`, `位于空洞 ${hole.from} 到 ${hole.to}`);
    complain(path, fault, both('correct the register, or make the hole smaller', '改正寄存器，或缩小空洞'));
  }
}

function checkBit({ functionCode, type, bit, path }: PlacedRead, complain: Complain): void {
  if (functionCode <= 2) {
    if (type !== 'bit') {
      complain(
        [...path, 'type'],
        both(`function code ${functionCode} reads bits, not ${type}`, `功能码 ${functionCode} 读位，不读 ${type}`),
        both('write type: bit', '写 type: bit'),
      );
    }
    if (bit !== undefined) {
      complain(
        [...path, 'bit'],
        both('the register is the bit already', '寄存器本身就是位'),
        both('remove bit, write the bit as register', '删去 bit，把位号写作 register'),
      );
    }
  } else if (type === 'bit' && bit === undefined) {
    complain(
      [...path, 'bit'],
      both('is missing', '缺少此项'),
      both('write which bit of the register it is, 0 = lowest', '写是寄存器的第几位，最低位为 0'),
    );
  } else if (type !== 'bit' && bit !== undefined) {
    complain(
      [...path, 'bit'],
      both(`${type} takes whole registers`, `${type} 占整个寄存器`),
      both('remove bit, or write type: bit, or bits', '删去 bit，或写 type: bit，或用 bits'),
    );
  }
}

/** Fields that go with some types only. */
function checkType({ type, bits, signBit, registers, path }: PlacedRead, complain: Complain): void {
  if (bits) {
    const width = modbusTypes[type].registers * 16;
    if (modbusTypes[type].kind !== 'whole' || type === 'bit') {
      complain(
        [...path, 'bits'],
        both(`${type} is no word of bits`, `${type} 不是按位的字`),
        both('write type: u16, u32 or u64', '写 type: u16、u32 或 u64'),
      );
    } else if (bits[0] > bits[1] || bits[1] >= width) {
      complain(
        [...path, 'bits'],
        both(`are not within ${type}`, `超出 ${type}`),
        both(`write [lowest, highest] within 0 to ${width - 1}`, `写 [最低位, 最高位]，0 到 ${width - 1}`),
      );
    }
  }
  if (signBit && !type.startsWith('bcd'))
    complain([...path, 'signBit'], both('is for BCD only', '只用于 BCD'), both('remove it', '删去'));
  if (type === 'text' && registers === undefined) {
    complain(
      [...path, 'registers'],
      both('is missing', '缺少此项'),
      both('write how many registers the text takes', '写文本占几个寄存器'),
    );
  } else if (type !== 'text' && registers !== undefined) {
    complain(
      [...path, 'registers'],
      both(`${type} says itself how many registers it takes`, `${type} 的寄存器数由类型决定`),
      both('remove it', '删去'),
    );
  }
}

/** Bits of one register may be named beside each other, and beside the whole register; nothing else may overlap. */
function checkOverlaps(points: readonly ModbusPoint[], complain: Complain): void {
  points.forEach((point, index) => {
    const other = points
      .slice(0, index)
      .find((candidate) => overlap(candidate, point) && !areAlternatives(candidate, point));
    if (!other) return;
    const fault = both(
      `overlaps the point ${other.id} (${other.type} at ${other.register})`,
      `与测点 ${other.id} 重叠（${other.register} 处的 ${other.type}）`,
    );
    complain(
      ['points', index, 'register'],
      fault,
      both('correct the register or the type of one of the two', '改正其中一个的寄存器或类型'),
    );
  });
}

/** True for two optional points in the very same registers: the site says which of them an input stands for. */
export function areAlternatives(a: ModbusPoint, b: ModbusPoint): boolean {
  const isSamePlace = a.functionCode === b.functionCode && a.register === b.register && a.type === b.type;
  return a.optional && b.optional && isSamePlace && a.order === b.order;
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
