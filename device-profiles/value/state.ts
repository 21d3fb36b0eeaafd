import type { InstrumentState, Status } from '../shape/status.ts';
import { meaningOf } from '../shape/words.ts';
import type { Decoded, StatedState } from './decoded.ts';

/** What the instrument says of itself with this number; `undefined` when it says that all is normal. */
export function stateOf(
  status: Pick<Status, 'values' | 'otherwise'> & Partial<Pick<Status, 'bits' | 'activeLow'>>,
  number: number,
): InstrumentState | undefined {
  const state = status.bits ? raisedBit(status.bits, status.activeLow === true, number) : listed(status, number);
  return state?.flag === 'N' && !state.noValue ? undefined : state;
}

function listed({ values = {}, otherwise }: Pick<Status, 'values' | 'otherwise'>, number: number): InstrumentState {
  return (
    meaningOf(values, number) ??
    otherwise ?? {
      flag: 'D',
      zh: `仪器状态 ${number}，含义未知`,
      en: `the instrument is in state ${number}, which its profile does not know`,
      noValue: false,
    }
  );
}

/** The first state, in the order of the profile, whose bit is raised. */
function raisedBit(
  bits: Readonly<Record<string, InstrumentState>>,
  activeLow: boolean,
  number: number,
): InstrumentState | undefined {
  const isSet = (bit: number): boolean => Math.floor(number / 2 ** bit) % 2 === 1;
  return Object.entries(bits).find(([bit]) => isSet(Number(bit)) !== activeLow)?.[1];
}

/** Where a profile says that there is a state, and it could not be read, nothing is known of how far values can be trusted. */
export const stateNotRead: StatedState = {
  flag: 'B',
  zh: '未能读到仪器状态',
  en: 'the state of the instrument could not be read',
  unknown: true,
};

/** The decoded point with what the instrument says of itself beside it. */
export function inState(decoded: Decoded, state: InstrumentState | StatedState): Decoded {
  const { flag, zh, en } = state;
  const told: StatedState = {
    flag,
    ...(zh && { zh }),
    ...(en && { en }),
    ...('unknown' in state && { unknown: true }),
  };
  if ('noValue' in state && state.noValue && decoded.value !== null) {
    return { raw: decoded.raw, value: null, reason: 'instrument-status', state: told };
  }
  return { ...decoded, state: told };
}
