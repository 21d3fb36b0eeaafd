import { type FactorCode, factors } from '../../../../device-profiles/factors.ts';

/*
 * Units by their size in a base unit, written from the SI brochure and shared with nobody: an error in the gateway's own
 * table is not hidden by the same error here. Temperatures have an offset and stand apart.
 */
const sizes: Readonly<Record<string, readonly [quantity: string, size: number]>> = {
  ppb: ['mole', 1e-9],
  ppm: ['mole', 1e-6],
  '%vol': ['mole', 1e-2],
  'ng/m³': ['gas', 1e-9],
  'µg/m³': ['gas', 1e-6],
  'mg/m³': ['gas', 1e-3],
  'g/m³': ['gas', 1],
  'µg/L': ['water', 1e-3],
  'mg/L': ['water', 1],
  'g/L': ['water', 1e3],
  Pa: ['pressure', 1],
  hPa: ['pressure', 100],
  mbar: ['pressure', 100],
  kPa: ['pressure', 1e3],
  bar: ['pressure', 1e5],
  MPa: ['pressure', 1e6],
  inHg: ['pressure', 3386.389],
  mmHg: ['pressure', 133.322],
  inH2O: ['pressure', 249.0889],
  mmH2O: ['pressure', 9.80665],
  psi: ['pressure', 6894.757],
  'm/s': ['speed', 1],
  mph: ['speed', 0.44704],
  'km/h': ['speed', 1 / 3.6],
  kn: ['speed', 1852 / 3600],
  mm: ['length', 1e-3],
  cm: ['length', 1e-2],
  m: ['length', 1],
  in: ['length', 0.0254],
  ft: ['length', 0.3048],
  'm³/s': ['flow', 1],
  'm³/min': ['flow', 1 / 60],
  'm³/h': ['flow', 1 / 3600],
  'L/s': ['flow', 1e-3],
  'L/min': ['flow', 1e-3 / 60],
  'L/h': ['flow', 1e-3 / 3600],
  L: ['volume', 1],
  mL: ['volume', 1e-3],
  'm³': ['volume', 1e3],
  gal: ['volume', 3.785411784],
  'kg/h': ['mass flow', 1],
  'g/h': ['mass flow', 1e-3],
  mV: ['voltage', 1e-3],
  V: ['voltage', 1],
  kV: ['voltage', 1e3],
  mA: ['current', 1e-3],
  A: ['current', 1],
  W: ['power', 1],
  kW: ['power', 1e3],
  MW: ['power', 1e6],
  VA: ['apparent', 1],
  kVA: ['apparent', 1e3],
  var: ['reactive', 1],
  kvar: ['reactive', 1e3],
  Wh: ['energy', 1],
  kWh: ['energy', 1e3],
  MWh: ['energy', 1e6],
  varh: ['reactive energy', 1],
  kvarh: ['reactive energy', 1e3],
  Mvarh: ['reactive energy', 1e6],
  'µS/cm': ['conductivity', 1],
  'mS/cm': ['conductivity', 1e3],
  'S/m': ['conductivity', 1e4],
  lx: ['light', 1],
  klx: ['light', 1e3],
  '1/L': ['number', 1],
  '1/cm³': ['number', 1e3],
};

/** m³ that a mole takes at 101.325 kPa and 0 °C or 25 °C, as environmental law rounds it. */
const moleVolume: Readonly<Record<string, number>> = { '0C': 0.0224, '25C': 0.02445 };

const inCelsius: Readonly<Record<string, readonly [to: (value: number) => number]>> = {
  '°F': [(celsius) => celsius * 1.8 + 32],
  K: [(celsius) => celsius + 273.15],
};

/** A value of the factor as the instrument writes it in its own unit. */
export function inOwnUnit(factor: FactorCode, value: number, unit: string | undefined, reference?: string): number {
  const { unit: wanted, molarMass } = factors[factor] as { unit: string; molarMass?: number };
  if (unit === undefined || unit === wanted) return value;
  const temperature = inCelsius[unit];
  if (temperature) return temperature[0](value);
  const [to, from] = [sizes[unit], sizes[wanted]];
  if (!to || !from) throw new RangeError(`${factor}: the rig knows no way from ${wanted} to ${unit}`);
  if (to[0] === from[0]) return (value * from[1]) / to[1];
  const volume = moleVolume[reference ?? ''];
  if (molarMass === undefined || volume === undefined) {
    throw new RangeError(`${factor}: the rig knows no way from ${wanted} to ${unit} at ${reference}`);
  }
  const grams = molarMass / volume;
  return to[0] === 'mole' ? (value * from[1]) / grams / to[1] : (value * from[1] * grams) / to[1];
}
