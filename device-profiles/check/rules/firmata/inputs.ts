import { type FactorCode, factors } from '../../../factors.ts';
import { milliamperesOf } from '../../../firmata.ts';
import type { FirmataPoint, FirmataProfile } from '../../../profile.ts';
import { oneOf } from '../../faults.ts';
import type { FieldPath } from '../../yaml-document.ts';
import { both, type Complain } from '../complain.ts';

/** The factors whose value is the share of time in which a contact is closed. */
const contactFactors = [
  'door-closed',
  'fan-running',
  'purifier-running',
  'mains-present',
  'remote-released',
  'contact-closed',
] as const satisfies readonly FactorCode[];

/** Sampling intervals that see 50 Hz at ever new phases, ms. */
const legalSampling: readonly number[] = [11, 13, 17, 19];

const kinds = ['contact', 'loop', 'clamp', 'climate'] as const;

/** Rules of what hangs on a board: one thing a point, and a signal that can mean what is said of it. */
export function checkInputs(profile: FirmataProfile, complain: Complain): void {
  checkSampling(profile, complain);
  checkSupply(profile, complain);
  profile.points.forEach((point, index) => {
    const path = ['points', index];
    const named = kinds.filter((kind) => point[kind] !== undefined);
    if (named.length !== 1) {
      const fault = both('says in none or in two ways where it is wired', '未说明或以两种方式说明接法');
      complain(path, fault, both(`write one of: ${kinds.join(', ')}`, `只写一项：${kinds.join('、')}`));
    }
    checkContact(point, path, complain);
    checkLoop(profile, point, path, complain);
    checkUnitOf(point, path, complain);
  });
}

function checkSampling({ samplingMs }: FirmataProfile, complain: Complain): void {
  if (legalSampling.includes(samplingMs)) return;
  const inStep =
    samplingMs % 10 === 0
      ? both(
          `every ${samplingMs} ms the mains of 50 Hz stand at the same phase again, so a clamp reads far too little (0.233 for a true 0.500 at 10 ms)`,
          `每 ${samplingMs} ms 采样时 50 Hz 市电总处于相同相位，电流钳读数会严重偏小（10 ms 时真值 0.500 读得 0.233）`,
        )
      : both(`${samplingMs} ms is no interval that was tried`, `${samplingMs} ms 未经验证`);
  complain(['samplingMs'], inStep, both('write 11, 13, 17 or 19', '写 11、13、17 或 19'));
}

function checkSupply({ supply, parameters }: FirmataProfile, complain: Complain): void {
  if (typeof supply === 'number' || Object.hasOwn(parameters, supply)) return;
  complain(
    ['supply'],
    both(`there is no parameter ${supply}`, `没有参数 ${supply}`),
    both('write volts, or add it to parameters', '写电压值，或添加到 parameters'),
  );
}

function checkContact({ contact, factor }: FirmataPoint, path: FieldPath, complain: Complain): void {
  const isOfContacts = contactFactors.some((one) => one === factor);
  if ((contact === undefined) === isOfContacts) {
    const fault = contact
      ? both(`${factor} is not what a contact says`, `${factor} 不是触点的因子`)
      : both(`${factor} is the share of time of a contact`, `${factor} 是触点的时间占比`);
    complain([...path, 'factor'], fault, contact ? oneOf(contactFactors, factor) : both('write contact', '写 contact'));
  }
  if (contact?.closed === 'high' && contact.pullUp) {
    complain(
      [...path, 'contact', 'closed'],
      both('a cut wire would read as closed', '断线会被当作闭合'),
      both(
        'wire a normally open contact between pin and GND and write closed: low; or pullUp: false with a resistor to GND',
        '把常开触点接在引脚与 GND 之间并写 closed: low；或写 pullUp: false 并接下拉电阻',
      ),
    );
  }
  if (contact?.closed === 'low' && !contact.pullUp) {
    complain(
      [...path, 'contact', 'pullUp'],
      both('nothing holds the pin high while the contact is open', '触点断开时引脚悬空'),
      both('remove pullUp: false', '删去 pullUp: false'),
    );
  }
}

/** 21 mA or what `over` says must still be below what the board can measure, else it reads as a true value. */
function checkLoop(
  { supply, parameters }: FirmataProfile,
  point: FirmataPoint,
  at: FieldPath,
  complain: Complain,
): void {
  const { loop, curve } = point;
  if (loop === undefined) return;
  if (curve?.from === undefined || curve.under === undefined || curve.over === undefined) {
    complain(
      [...at, 'curve'],
      both('says not what the current means, or not from where on it means nothing', '未说明电流的含义，或无效界限'),
      both(
        'write curve: { from: [4, 20], to: […], under: 3.6, over: 21 }',
        '写 curve: { from: [4, 20], to: […], under: 3.6, over: 21 }',
      ),
    );
    return;
  }
  const { from, under, over } = curve;
  if (under <= 0 || under >= from[0] || over <= from[1]) {
    complain(
      [...at, 'curve'],
      both(
        `a broken loop (below ${under} mA) or too much (above ${over} mA) is not apart from the signal (${from[0]} to ${from[1]} mA)`,
        `断线界限（${under} mA）或超限界限（${over} mA）与信号（${from[0]} 到 ${from[1]} mA）重叠`,
      ),
      both(
        'write under between 0 and the lower signal, and over above the higher, such as 3.6 and 21',
        'under 写 0 与下限之间的值，over 写上限之上的值，如 3.6 和 21',
      ),
    );
  }
  const least = typeof supply === 'number' ? supply : (parameters[supply]?.range[0] ?? 5);
  const most = milliamperesOf(1022, loop.shunt, least);
  if (most > over) return;
  const shunt = Math.floor((least * 1000) / over / 1.03);
  complain(
    [...at, 'loop', 'shunt'],
    both(
      `with ${loop.shunt} ohms the board can measure no more than ${most.toFixed(1)} mA at ${least} V: too much current would read as a true value`,
      `${loop.shunt} Ω 时开发板在 ${least} V 下最多测到 ${most.toFixed(1)} mA：超限电流会被当作真实值`,
    ),
    both(`use ${shunt} ohms or less`, `改用 ${shunt} Ω 以下的电阻`),
  );
}

const climateFactors = {
  temperature: ['cabinet-temperature', 'temperature'],
  humidity: ['cabinet-humidity', 'humidity'],
  pressure: ['pressure'],
} as const satisfies Record<string, readonly FactorCode[]>;

/** A clamp is amperes, and a value of the sensor in the cabinet is what it is. */
function checkUnitOf({ clamp, climate, factor }: FirmataPoint, path: FieldPath, complain: Complain): void {
  if (clamp && factors[factor].unit !== 'A') {
    complain(
      [...path, 'factor'],
      both(`a clamp measures current, not ${factor}`, `电流钳测的是电流，不是 ${factor}`),
      both('write current, current-a, current-b or current-c', '写 current、current-a、current-b 或 current-c'),
    );
  }
  const right: readonly FactorCode[] | undefined = climate && climateFactors[climate];
  if (right === undefined || right.includes(factor)) return;
  complain(
    [...path, 'factor'],
    both(`${climate} of the sensor is not ${factor}`, `传感器的 ${climate} 不是 ${factor}`),
    oneOf(right, factor),
  );
}
