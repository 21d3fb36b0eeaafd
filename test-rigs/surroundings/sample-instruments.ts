import type { Counters, InstrumentPicture, ValuePicture } from '../../gateway/http/picture.ts';

/** Counters of a line on which nothing has happened. */
export const noTransactions: Counters = {
  ok: 0,
  'no-bytes': 0,
  echo: 0,
  short: 0,
  crc: 0,
  'foreign-slave': 0,
  'foreign-function': 0,
  'foreign-length': 0,
  'wrong-time': 0,
  exception: 0,
  junk: 0,
  'line-lost': 0,
};

type Named = Pick<ValuePicture, 'factor' | 'zh' | 'en' | 'unit' | 'decimals'>;

const named = {
  pm10: { factor: 'pm10', zh: 'PM10', en: 'PM10', unit: 'µg/m³', decimals: 1 },
  pm25: { factor: 'pm2.5', zh: 'PM2.5', en: 'PM2.5', unit: 'µg/m³', decimals: 1 },
  noise: { factor: 'noise', zh: '噪声', en: 'Noise, A-weighted', unit: 'dB', decimals: 1 },
  temperature: { factor: 'temperature', zh: '气温', en: 'Air temperature', unit: '°C', decimals: 1 },
  windSpeed: { factor: 'wind-speed', zh: '风速', en: 'Wind speed', unit: 'm/s', decimals: 2 },
  power: { factor: 'active-power', zh: '总有功功率', en: 'Active power, total', unit: 'W', decimals: 0 },
  voltage: { factor: 'voltage-a', zh: 'A相电压', en: 'Voltage, phase A', unit: 'V', decimals: 1 },
} satisfies Record<string, Named>;

/** When everything in the picture was read. */
export const at = '2026-11-24T11:45:32.120+08:00';

function value(name: Named, number: number, minute: number): ValuePicture {
  return {
    point: 'north-gate',
    place: 'North gate',
    ...name,
    value: number,
    at,
    age: 1200,
    flag: 'N',
    reason: null,
    basis: null,
    lastMinute: {
      from: '2026-11-24T11:44:00.000+08:00',
      average: minute,
      count: 15,
      expected: 15,
      flag: 'N',
      reason: null,
    },
  };
}

function lost(name: Named): ValuePicture {
  const reason = { flag: 'B', reason: 'no-answer' } as const;
  const from = '2026-11-24T11:44:00.000+08:00';
  const lastMinute = { from, average: null, count: 0, expected: 15, ...reason };
  return { ...value(name, 0, 0), point: 'fan', place: 'Fan', value: null, ...reason, basis: 'observed', lastMinute };
}

/** A station that works, but for its wind sensor. */
export const dust: InstrumentPicture = {
  id: 'dust-1',
  profile: 'jxct/jxbs-3001-pm',
  name: { zh: '扬尘噪声监测站', en: 'Dust and noise station' },
  local: false,
  simulated: false,
  link: 'rs485-1',
  address: 1,
  every: 4000,
  condition: 'answering',
  faults: [],
  lastAnswerAt: at,
  lastOutcome: 'ok',
  lastException: null,
  says: [],
  values: [
    value(named.pm10, 86.4, 84.93),
    value(named.pm25, 41.2, 40.71),
    value(named.noise, 62.3, 61.94),
    value(named.temperature, 8.6, 8.61),
    {
      ...value(named.windSpeed, 0, 2.31),
      value: null,
      flag: 'D',
      reason: 'sentinel',
      basis: 'observed',
      lastMinute: {
        from: '2026-11-24T11:44:00.000+08:00',
        average: 2.31,
        count: 12,
        expected: 15,
        flag: 'N',
        reason: null,
      },
    },
  ],
  counters: { ...noTransactions, ok: 5214, crc: 2 },
  late: 0,
};

/** A meter that has fallen silent. */
export const meter: InstrumentPicture = {
  ...dust,
  id: 'meter-1',
  profile: 'eastron/sdm630',
  name: { zh: '三相电能表', en: 'Three-phase energy meter' },
  address: 2,
  condition: 'not-answering',
  lastAnswerAt: '2026-11-24T10:58:03.000+08:00',
  lastOutcome: 'no-bytes',
  values: [lost(named.power), lost(named.voltage)],
  counters: { ...noTransactions, ok: 4102, 'no-bytes': 702 },
  late: 1,
};

/** An instrument that the site document does not allow. */
export const leftOut: InstrumentPicture = {
  ...dust,
  id: 'particles-1',
  profile: 'plantower/pms5004',
  name: { zh: 'plantower/pms5004', en: 'plantower/pms5004' },
  local: true,
  link: 'usb-1',
  address: null,
  every: null,
  condition: 'left-out',
  faults: [
    {
      field: 'instruments[2].profile',
      fault: { zh: '没有配置 plantower/pms5004', en: 'no profile plantower/pms5004' },
      remedy: {
        zh: '写 plantower/pms5003，或添加 profiles/plantower/pms5004.yaml',
        en: 'write plantower/pms5003, or add profiles/plantower/pms5004.yaml',
      },
    },
  ],
  lastAnswerAt: null,
  lastOutcome: null,
  values: [],
  counters: noTransactions,
};
