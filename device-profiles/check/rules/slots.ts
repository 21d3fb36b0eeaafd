import type { ModbusProfile, Profile } from '../../profile.ts';
import type { Probe } from '../../shape/modbus.ts';
import type { SlotMeaning, Slots } from '../../shape/slots.ts';
import { slotReads } from '../../value/slots.ts';
import { conversionTo } from '../../value/units.ts';
import type { FieldPath } from '../yaml-document.ts';
import { both, type Complain } from './complain.ts';

/** Lists in which the instrument says what each value is. */
export function checkSlots({ slots }: ModbusProfile, complain: Complain): void {
  slots.forEach((list, index) => {
    const path = ['slots', index];
    const last = Math.max(...slotReads(list).map(({ register }) => register));
    if (last > 0xffff)
      complain(
        [...path, 'count'],
        both('ends beyond register 65535', '超出寄存器 65535'),
        both('correct count, register or stride', '改正 count、register 或 stride'),
      );
    const codes = new Set<number>();
    list.meanings.forEach((meaning, place) => {
      const { code } = meaning;
      const at = [...path, 'meanings', place];
      if (codes.has(code)) {
        complain(
          [...at, 'code'],
          both(`the code ${code} is used twice`, `代码 ${code} 重复`),
          both('keep one of the two', '两者保留其一'),
        );
      }
      codes.add(code);
      checkMeaningUnit(list, meaning, at, complain);
    });
  });
}

function checkMeaningUnit(list: Slots, meaning: SlotMeaning, at: FieldPath, complain: Complain): void {
  const { factor, reference, unit, unitFrom } = meaning;
  if (unitFrom) {
    complain(
      [...at, 'unitFrom'],
      both('is not for slots', '不用于 slots'),
      both('write unit beside code, value and status', '把 unit 写在 code、value、status 旁'),
    );
  }
  if (!list.unit) return;
  if (unit) complain([...at, 'unit'], both('the unit is read already', '单位已由仪器给出'), both('remove it', '删去'));
  const units = Object.values(list.unit.codes);
  if (units.some((one) => typeof conversionTo(factor, one, reference) === 'function')) return;
  complain(
    [...at, 'factor'],
    both(`no unit that the list can name fits ${factor}`, `列出的单位都不适用于 ${factor}`),
    both(`add a unit of ${factor} to unit.codes`, `在 unit.codes 中添加 ${factor} 的单位`),
  );
}

/** How variants are told apart. */
export function checkVariants(profile: Profile, complain: Complain): void {
  const ids = new Set<string>();
  profile.variants?.forEach(({ id }, index) => {
    const path = ['variants', index, 'id'];
    if (ids.has(id))
      complain(path, both(`the id ${id} is used twice`, `id ${id} 重复`), both('give each its own id', '各用一个 id'));
    if (id === 'auto')
      complain(
        path,
        both('auto stands for choosing by probe', 'auto 表示由探测选择'),
        both('give it another id', '改用其他 id'),
      );
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
    complain(
      path,
      both('is no whole rule', '规则不完整'),
      both(
        'write functionCode, register, type and range; or addresses alone',
        '写 functionCode、register、type、range，或只写 addresses',
      ),
    );
  }
  for (const [field, span] of Object.entries({ range, addresses })) {
    if (span && span[0] > span[1])
      complain(
        [...path, field],
        both('lowest is above highest', '下限大于上限'),
        both('write [lowest, highest]', '写 [下限, 上限]'),
      );
  }
}
