import { scaled } from './decimal.ts';

/**
 * Units that sources of HJ 212 were seen to send, by kind, with what each is multiplied by to come to the first of its
 * kind. A unit of no kind is only ever taken as it is.
 */
const kinds: readonly Readonly<Record<string, number>>[] = [
  { 'ng/m³': 1, 'µg/m³': 1e3, 'mg/m³': 1e6, 'g/m³': 1e9 },
  { Pa: 1, hPa: 100, kPa: 1000 },
  { 'L/s': 1, 'm³/s': 1000 },
  { 'm³/h': 1 },
];

const alone = ['°C', '%', 'm/s', '°', 'dB', 'mm', 'lx', 'W/m²', 'A', 'V', 'kWh', 'ppm', 'ppb', '1'] as const;

export const hj212Units: readonly string[] = [...kinds.flatMap((kind) => Object.keys(kind)), ...alone];

/** The units that can be turned into this one, itself among them; `1` for what has none. */
export function unitsThatBecome(unit: string): readonly string[] {
  const kind = kinds.find((one) => unit in one);
  return kind ? Object.keys(kind) : [unit === '' ? '1' : unit];
}

/** The value in another unit of the same kind, digit by digit. Throws a RangeError where there is no way from one to the other. */
export function convert(value: number, from: string, to: string): number {
  if (from === to || (from === '1' && to === '')) return value;
  const kind = kinds.find((one) => from in one && to in one);
  const [many, few] = [kind?.[from], kind?.[to]];
  if (many === undefined || few === undefined) throw new RangeError(`${from} cannot be turned into ${to}`);
  return many > few ? scaled(value, many / few, 0) : scaled(value, Number(`1e-${Math.log10(few / many)}`), 0);
}
