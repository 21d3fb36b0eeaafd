import { isComputed, isSlot, type ProfilePoint } from '../../device-profiles/profile.ts';

/** Lowest and highest number that each type can hold; a type that is not here holds any. */
const limits: Readonly<Record<string, readonly [number, number]>> = {
  bit: [0, 1],
  'u8-high': [0, 255],
  'u8-low': [0, 255],
  's8-high': [-128, 127],
  's8-low': [-128, 127],
  u8: [0, 255],
  s8: [-128, 127],
  u14: [0, 16_383],
  u16: [0, 65_535],
  s16: [-32_768, 32_767],
  u24: [0, 16_777_215],
  s24: [-8_388_608, 8_388_607],
  u32: [0, 4_294_967_295],
  s32: [-2_147_483_648, 2_147_483_647],
  bcd16: [-7999, 9999],
  bcd32: [-79_999_999, 99_999_999],
};

/** The numbers that can stand on the wire for the point: by its type, or by the digits of its format. */
function limitsOf(point: ProfilePoint): readonly [number, number] | undefined {
  if ('bits' in point && point.bits) return [0, 2 ** (point.bits[1] - point.bits[0] + 1) - 1];
  if ('format' in point) {
    const most = Number(point.format.replaceAll('X', '9'));
    return [point.signed ? -most : 0, most];
  }
  return 'type' in point ? limits[String(point.type)] : undefined;
}

/**
 * What of a value cannot be true whatever was on the wire, by the profile alone; null where nothing speaks against it.
 * Nothing is said of numbers that go through curves, parameters or other units.
 */
export function impossibleIn(point: ProfilePoint, value: number): string | null {
  if (!Number.isFinite(value)) return `${point.id} is ${value}`;
  const { scale, offset, sentinels = [], curve, times, unit, scaleFrom, unitFrom } = { unitFrom: undefined, ...point };
  if (isComputed(point) || isSlot(point) || curve || times || unit || scaleFrom || unitFrom) return null;
  const shown = (raw: number): number => raw * scale + offset;
  const isNear = (number: number): boolean => Math.abs(value - number) <= Math.abs(number) * 1e-12;
  if (sentinels.some((raw) => isNear(shown(raw)))) return `${point.id} is ${value}, which means that there is none`;
  const ends = limitsOf(point)?.map(shown);
  if (!ends || ends.some(isNear) || (value > Math.min(...ends) && value < Math.max(...ends))) return null;
  return `${point.id} is ${value}, which its type cannot hold`;
}
