import type { InstrumentState, Profile } from '../../profile.ts';
import type { Status } from '../../shape/status.ts';
import type { FieldPath } from '../yaml-document.ts';
import { both, type Complain } from './complain.ts';
import { checkName, namesOf } from './meaning.ts';

/** What the instrument says of itself: taken from something that is read, said in words, with a normal state. */
export function checkStates(profile: Profile, leftOut: ReadonlySet<string>, complain: Complain): void {
  const names = namesOf(profile, leftOut);
  profile.status.forEach((status, index) => {
    const path = ['status', index];
    checkName(status.auxiliary, names.auxiliaries, [...path, 'auxiliary'], names, complain);
    for (const [place, id] of (status.points ?? []).entries()) {
      checkName(id, names.points, [...path, 'points', place], names, complain);
    }
    checkWays(status, path, complain);
    checkValues(status, path, complain);
    for (const [bit, state] of Object.entries(status.bits ?? {})) {
      if (Number(bit) > 63)
        complain(
          [...path, 'bits', bit],
          both('there is no such bit', '没有这一位'),
          both('write 0 for the lowest bit, and so on', '最低位写 0，依次类推'),
        );
      checkWords(state, [...path, 'bits', bit], complain);
    }
  });
  profile.allZero?.forEach((id, index) => {
    checkName(id, [...names.points, ...names.auxiliaries], ['allZero', index], names, complain);
  });
  if (profile.protocol !== 'modbus') return;
  const every = profile.auxiliaries.map(({ id }) => id);
  profile.identity?.forEach((id, index) => void checkName(id, every, ['identity', index], names, complain));
  profile.slots.forEach(({ status }, index) => {
    if (status) checkValues(status, ['slots', index, 'status'], complain);
  });
}

function checkWays({ values, bits, otherwise, activeLow }: Status, path: FieldPath, complain: Complain): void {
  if ((values === undefined) === (bits === undefined)) {
    complain(
      path,
      both('says in none or in two ways what the state means', '未说明或以两种方式说明状态含义'),
      both('write either values or bits', 'values 与 bits 只写其一'),
    );
  } else if (bits && otherwise) {
    complain(
      [...path, 'otherwise'],
      both('does not go with bits', '不能与 bits 同用'),
      both('remove it: a bit that is not named means nothing', '删去：未列出的位没有含义'),
    );
  } else if (values && activeLow) {
    complain([...path, 'activeLow'], both('goes with bits only', '只能与 bits 同用'), both('remove it', '删去'));
  }
}

type Values = Pick<Status, 'values' | 'otherwise'>;

function checkValues({ values, otherwise }: Values, path: FieldPath, complain: Complain): void {
  if (!values) return;
  for (const [number, state] of Object.entries(values)) checkWords(state, [...path, 'values', number], complain);
  if (otherwise) checkWords(otherwise, [...path, 'otherwise'], complain);
  const states = [...Object.values(values), ...(otherwise ? [otherwise] : [])];
  if (states.some(({ flag }) => flag === 'N')) return;
  complain(
    [...path, 'values'],
    both('no number means that all is normal', '没有表示正常的数'),
    both('add it, such as 0: { flag: N }', '添加，如 0: { flag: N }'),
  );
}

function checkWords({ flag, zh, en, noValue }: InstrumentState, path: FieldPath, complain: Complain): void {
  if (flag === 'N' && noValue)
    complain(
      [...path, 'noValue'],
      both('noValue does not go with N', 'noValue 不能与 N 同用'),
      both('write the flag of this state', '写此状态的标记'),
    );
  if (flag === 'N' || (zh !== undefined && en !== undefined)) return;
  complain(
    path,
    both('does not say what the state is', '未说明是什么状态'),
    both('add zh and en: the technician reads them', '添加 zh 和 en：现场人员要看'),
  );
}
