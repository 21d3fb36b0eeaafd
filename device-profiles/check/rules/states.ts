import type { InstrumentState, Profile } from '../../profile.ts';
import type { Status } from '../../shape/status.ts';
import type { FieldPath } from '../yaml-document.ts';
import type { Complain } from './complain.ts';
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
        complain([...path, 'bits', bit], 'there is no such bit', 'write 0 for the lowest bit, and so on');
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
    complain(path, 'says in none or in two ways what the state means', 'write either values or bits');
  } else if (bits && otherwise) {
    complain([...path, 'otherwise'], 'does not go with bits', 'remove it: a bit that is not named means nothing');
  } else if (values && activeLow) {
    complain([...path, 'activeLow'], 'goes with bits only', 'remove it');
  }
}

type Values = Pick<Status, 'values' | 'otherwise'>;

function checkValues({ values, otherwise }: Values, path: FieldPath, complain: Complain): void {
  if (!values) return;
  for (const [number, state] of Object.entries(values)) checkWords(state, [...path, 'values', number], complain);
  if (otherwise) checkWords(otherwise, [...path, 'otherwise'], complain);
  const states = [...Object.values(values), ...(otherwise ? [otherwise] : [])];
  if (states.some(({ flag }) => flag === 'N')) return;
  complain([...path, 'values'], 'no number means that all is normal', 'add it, such as 0: { flag: N }');
}

function checkWords({ flag, zh, en, noValue }: InstrumentState, path: FieldPath, complain: Complain): void {
  if (flag === 'N' && noValue)
    complain([...path, 'noValue'], 'noValue does not go with N', 'write the flag of this state');
  if (flag === 'N' || (zh !== undefined && en !== undefined)) return;
  complain(path, 'does not say what the state is', 'add zh and en: the technician reads them');
}
