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

/** Which of several raised states holds: what says most against a value comes first. */
const gravest: readonly InstrumentState['flag'][] = ['B', 'F', 'D', 'M', 'C', 'S', 'T', 'N'];

/** The gravest state whose bit is raised; of equally grave ones that of the lowest bit. */
function raisedBit(
  bits: Readonly<Record<string, InstrumentState>>,
  activeLow: boolean,
  number: number,
): InstrumentState | undefined {
  const isSet = (bit: number): boolean => Math.floor(number / 2 ** bit) % 2 === 1;
  const raised = Object.keys(bits).filter((bit) => isSet(Number(bit)) !== activeLow);
  raised.sort((a, b) => Number(a) - Number(b));
  const rankOf = (bit: string): number => gravest.indexOf(bits[bit]?.flag ?? 'N');
  const [first, ...others] = raised;
  return first === undefined ? undefined : bits[others.reduce((a, b) => (rankOf(b) < rankOf(a) ? b : a), first)];
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
