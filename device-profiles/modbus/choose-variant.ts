import type { ModbusProfile, ModbusRead } from '../profile.ts';
import type { Probe } from '../shape/modbus.ts';
import type { Raw } from '../value/decoded.ts';

/** A variant that can be told at the instrument: the rule, and the profile that holds if it is this one. */
export interface VariantChoice {
  readonly id: string;
  readonly probe: Probe;
  readonly profile: ModbusProfile;
}

/** What must be read to try the rule; `undefined` for one that goes by the address alone. */
export function probeReadOf({ id, probe }: VariantChoice): ModbusRead | undefined {
  const { functionCode, register, type, order } = probe;
  if (functionCode === undefined || register === undefined || type === undefined) return undefined;
  return { id, functionCode, register, type, order, cadence: 'once' };
}

/**
 * The variants whose rule fits; the instrument is known when it is exactly one. `raws` by the id of the variant: a register
 * that the instrument refused to give is not among them, and its rule does not fit.
 */
export function fittingVariants(
  choices: readonly VariantChoice[],
  address: number,
  raws: ReadonlyMap<string, Raw>,
): VariantChoice[] {
  return choices.filter(({ id, probe: { addresses, range } }) => {
    if (addresses) return address >= addresses[0] && address <= addresses[1];
    const raw = raws.get(id);
    return range !== undefined && raw !== undefined && Number(raw) >= range[0] && Number(raw) <= range[1];
  });
}
