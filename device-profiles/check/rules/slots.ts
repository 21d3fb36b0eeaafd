import type { ModbusProfile, Profile } from '../../profile.ts';
import type { Probe } from '../../shape/modbus.ts';
import { slotReads } from '../../value/slots.ts';
import { conversionTo } from '../../value/units.ts';
import type { FieldPath } from '../yaml-document.ts';
import type { Complain } from './complain.ts';

/** Lists in which the instrument says what each value is. */
export function checkSlots({ slots }: ModbusProfile, complain: Complain): void {
  slots.forEach((list, index) => {
    const path = ['slots', index];
    const last = Math.max(...slotReads(list).map(({ register }) => register));
    if (last > 0xffff) complain([...path, 'count'], 'ends beyond register 65535', 'correct count, register or stride');
    const codes = new Set<number>();
    list.meanings.forEach(({ code, factor, reference, unit, unitFrom }, place) => {
      const at = [...path, 'meanings', place];
      if (codes.has(code)) complain([...at, 'code'], `the code ${code} is used twice`, 'keep one of the two');
      codes.add(code);
      if (unitFrom) complain([...at, 'unitFrom'], 'is not for slots', 'write unit beside code, value and status');
      if (!list.unit) return;
      if (unit) complain([...at, 'unit'], 'the unit is read already', 'remove it');
      const known = Object.values(list.unit.codes).filter(
        (one) => typeof conversionTo(factor, one, reference) === 'function',
      );
      if (known.length === 0) complain([...path, 'unit', 'codes'], `no unit fits ${factor}`, `add a unit of ${factor}`);
    });
  });
}

/** How variants are told apart. */
export function checkVariants(profile: Profile, complain: Complain): void {
  const ids = new Set<string>();
  profile.variants?.forEach(({ id }, index) => {
    const path = ['variants', index, 'id'];
    if (ids.has(id)) complain(path, `the id ${id} is used twice`, 'give each its own id');
    if (id === 'auto') complain(path, 'auto stands for choosing by probe', 'give it another id');
    ids.add(id);
  });
  if (profile.protocol !== 'modbus') return;
  profile.variants?.forEach(({ probe }, index) => {
    if (probe) checkProbe(probe, ['variants', index, 'probe'], complain);
  });
}

function checkProbe(probe: Probe, path: FieldPath, complain: Complain): void {
  const { functionCode, register, type, range, addresses } = probe;
  const given = [functionCode, register, type, range].filter((field) => field !== undefined).length;
  if (addresses !== undefined ? given > 0 : given < 4) {
    complain(path, 'is no whole rule', 'write functionCode, register, type and range; or addresses alone');
  }
  for (const [field, span] of Object.entries({ range, addresses })) {
    if (span && span[0] > span[1]) complain([...path, field], 'lowest is above highest', 'write [lowest, highest]');
  }
}
