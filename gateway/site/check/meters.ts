import type { Dlt645Profile } from '../../../device-profiles/profile.ts';
import { isListenOnly } from '../../link/settings.ts';
import type { Complain } from './fault.ts';
import type { KnownInstrument } from './instruments.ts';

/** What a site says of its DL/T 645 meters. */

type Meter = KnownInstrument & { readonly profile: Dlt645Profile };

const isMeter = (one: KnownInstrument): one is Meter => one.profile.protocol === 'dlt645';

const writeDigits = {
  en: 'write the twelve digits on the plate in quotes, with zeros in front, such as "000000000161"',
  zh: '写铭牌上的 12 位表号，加引号，不足 12 位在前面补 0，如 "000000000161"',
};

/** Checks one instrument: a meter needs its address of twelve digits, and nothing else has one. */
export function checkMeter(instrument: KnownInstrument, complain: Complain): void {
  const { index, fields, wrong } = instrument;
  const path = ['instruments', index, 'meterAddress'];
  if (wrong.has('meterAddress')) return;
  if (!isMeter(instrument)) {
    if (fields.meterAddress === undefined) return;
    const fault = { en: `${fields.profile} is no DL/T 645 meter`, zh: `${fields.profile} 不是 DL/T 645 电能表` };
    complain(path, fault, { en: 'delete this field', zh: '删去此项' });
    return;
  }
  checkMaySend(instrument, complain);
  if (fields.meterAddress === undefined) {
    complain(path, { en: 'is missing', zh: '缺少此项' }, writeDigits);
  } else if (fields.meterAddress === 'any' && instrument.profile.edition === 1997) {
    const fault = {
      en: 'a meter of the 1997 edition cannot be asked for its address',
      zh: '1997 版电能表不能查询表号',
    };
    complain(path, fault, writeDigits);
  }
}

/** On a line where nothing is sent only the answers to a Modbus master can be overheard. */
function checkMaySend({ index, fields, linkSettings }: Meter, complain: Complain): void {
  if (linkSettings === undefined || !isListenOnly(linkSettings)) return;
  complain(
    ['instruments', index, 'link'],
    {
      en: `${fields.profile} must be asked, and ${fields.link} says "listen": true`,
      zh: `${fields.profile} 需要轮询，而 ${fields.link} 设为 "listen": true`,
    },
    { en: 'give it a link that may be sent on', zh: '改接允许发送的链路' },
  );
}

/** Checks what meters do to each other, and to others, on one line. */
export function checkMetersTogether(link: string, onLine: readonly KnownInstrument[], complain: Complain): void {
  const meters = onLine.filter(isMeter);
  for (const [place, meter] of meters.entries()) {
    checkAlone(link, meter, onLine, complain);
    checkSameAddress(link, meter, meters.slice(0, place), complain);
  }
  checkBesideModbus(link, meters, onLine, complain);
}

/** A question to any meter is answered by all that hear it, at once. */
function checkAlone(link: string, meter: Meter, onLine: readonly KnownInstrument[], complain: Complain): void {
  if (meter.fields.meterAddress !== 'any' || onLine.length === 1) return;
  complain(
    ['instruments', meter.index, 'meterAddress'],
    {
      en: `"any" is for a meter that is alone on its line; ${link} has ${onLine.length} instruments`,
      zh: `"any" 只用于线路上唯一的电能表；${link} 上有 ${onLine.length} 台仪器`,
    },
    writeDigits,
  );
}

function checkSameAddress(link: string, meter: Meter, before: readonly Meter[], complain: Complain): void {
  const { meterAddress } = meter.fields;
  const other = before.find(({ fields }) => meterAddress !== undefined && fields.meterAddress === meterAddress);
  if (other === undefined || meterAddress === 'any') return;
  complain(
    ['instruments', meter.index, 'meterAddress'],
    {
      en: `${meterAddress} on ${link} is already instruments[${other.index}]`,
      zh: `${link} 上的表号 ${meterAddress} 已是 instruments[${other.index}]`,
    },
    { en: 'compare both with the plates', zh: '与两块表的铭牌核对' },
    [other.index, meter.index],
  );
}

/** Either kind of instrument may take the other's frames for its own, or be confused by them. */
function checkBesideModbus(
  link: string,
  meters: readonly Meter[],
  onLine: readonly KnownInstrument[],
  complain: Complain,
): void {
  const modbus = onLine.find(({ profile }) => profile.protocol === 'modbus');
  const shy = meters.find(({ profile }) => !profile.besideModbus);
  if (modbus === undefined || shy === undefined) return;
  complain(
    ['instruments', shy.index, 'link'],
    {
      en: `${shy.fields.profile} speaks DL/T 645 on ${link}, where instruments[${modbus.index}] speaks Modbus`,
      zh: `${shy.fields.profile} 使用 DL/T 645，而 ${link} 上的 instruments[${modbus.index}] 使用 Modbus`,
    },
    {
      en: 'give the meters a link of their own; a profile with "besideModbus: true" says that the two were seen to get along',
      zh: '电能表单独使用一个链路；型号文件写有 besideModbus: true 的除外',
    },
  );
}
