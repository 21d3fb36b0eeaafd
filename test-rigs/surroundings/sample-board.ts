import type { InstrumentPicture, Picture, ValuePicture } from '../../gateway/http/picture.ts';
import { noTransactions } from './sample-instruments.ts';
import { healthyPicture } from './sample-picture.ts';

type Board = NonNullable<InstrumentPicture['board']>;

const at = '2026-11-24T11:45:32.120+08:00';

function value(factor: string, zh: string, en: string, unit: string, number: number): ValuePicture {
  return {
    ...{ point: 'cabinet', place: 'Cabinet', factor, zh, en, unit, decimals: 1 },
    ...{ value: number, at, age: 1200, flag: 'N', reason: null, basis: null },
  };
}

const contact = (id: string, name: [string, string], closed: [string, string], open: [string, string]) => ({
  id,
  point: 'cabinet',
  name: { zh: name[0], en: name[1] },
  says: { closed: { zh: closed[0], en: closed[1] }, open: { zh: open[0], en: open[1] } },
});

/** A board at a construction site: the lamp may be switched and is on, the mist cannon is off. */
function sampleBoard(relays: Partial<Board['relays'][number]>[] = []): InstrumentPicture {
  const still = { cause: null, who: null, next: null, until: null };
  const lamp: Board['relays'][number] = {
    ...{ id: 'lamp', name: { zh: '警示灯', en: 'warning lamp' }, use: 'lamp', allowed: true, role: 'technician' },
    ...{ longestSeconds: 43_200, warningSeconds: 0, lockOut: null, ...still },
    ...{ state: 'on', cause: 'asked', who: 'page, li', until: '2026-11-24T11:55:32.120+08:00', ...relays[0] },
  };
  const cannon: Board['relays'][number] = {
    ...{ id: 'mist-cannon', name: { zh: '雾炮', en: 'mist cannon' }, use: 'mist-cannon', allowed: true },
    ...{ role: 'technician', longestSeconds: 600, warningSeconds: 10, lockOut: 'remote', ...still },
    ...{ state: 'off', ...relays[1] },
  };
  return {
    ...{ id: 'io', profile: 'fenceline/uno-construction-site', local: false, simulated: false, link: 'board' },
    name: { zh: 'Arduino Uno 控制柜接线：建筑工地', en: 'Arduino Uno in the cabinet of a construction site' },
    ...{ address: null, every: 4000, condition: 'answering', faults: [], lastAnswerAt: at, lastOutcome: null },
    ...{ lastException: null, says: [], counters: { ...noTransactions }, late: 0 },
    values: [
      value('door-closed', '柜门关闭时间占比', 'Cabinet door closed, share of time', '%', 100),
      value('mains-present', '市电正常时间占比', 'Mains present, share of time', '%', 100),
      value('cabinet-temperature', '柜内温度', 'Temperature in the cabinet', '°C', 31.4),
    ],
    board: {
      contacts: [
        {
          ...contact('remote', ['雾炮转换开关', 'switch at the mist cannon'], ['远控', 'remote'], ['就地', 'local']),
          ...{ closed: true, since: '2026-11-24T07:12:00.000+08:00' },
        },
        {
          ...contact('door', ['柜门', 'cabinet door'], ['关闭', 'closed'], ['打开', 'open']),
          ...{ closed: true, since: '2026-11-24T11:41:02.000+08:00' },
        },
        {
          ...contact('mains', ['市电', 'mains'], ['正常', 'present'], ['断电', 'gone']),
          ...{ closed: null, since: null },
        },
      ],
      relays: [lamp, cannon],
    },
  };
}

/** A sound site with that board. */
export function boardPicture(relays?: Partial<Board['relays'][number]>[]): Picture {
  const picture = healthyPicture();
  return { ...picture, instruments: [sampleBoard(relays), ...picture.instruments] };
}
