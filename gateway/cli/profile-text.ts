import type { CatalogueEntry } from '../../device-profiles/catalogue.ts';
import { factors } from '../../device-profiles/factors.ts';
import {
  type FirmataPoint,
  type FirmataProfile,
  type FramedPoint,
  isComputed,
  isSlot,
  type ModbusProfile,
  type Profile,
  type ProfilePoint,
  pointsOf,
} from '../../device-profiles/profile.ts';
import { serialSettingsText } from '../../device-profiles/serial-settings.ts';
import { operatorOf } from '../../device-profiles/value/operators.ts';
import { inFactorUnit } from '../../device-profiles/value/units.ts';
import { table } from './table.ts';
import type { Language } from './terminal.ts';

export const local = { zh: '本地', en: 'local' } as const;

type Shown = Pick<CatalogueEntry, 'id' | 'profile' | 'local' | 'file'>;

/** One profile for a reader: how it is wired, what it measures, what it asks of the site, what it can be told to do. */
export function profileText(shown: Shown, language: Language): string {
  const { profile } = shown;
  const parts = [facts(shown, language), points(profile, language), parameters(profile, language)];
  const all = [...parts, commands(profile, language)].filter((part) => part !== '');
  return [...all, ...profile.gotchas.map((gotcha) => `! ${gotcha[language]}`)].join('\n\n');
}

function facts({ id, profile, local: isLocal, file }: Shown, language: Language): string {
  const unstated = language === 'zh' ? '资料未载，以仪器为准' : 'not stated: see the instrument';
  const serial = profile.serial === undefined ? unstated : serialSettingsText(profile.serial.default);
  const address = profile.protocol === 'modbus' ? addressText(profile.address, unstated) : '-';
  const [named, wired, addressed, from] =
    language === 'zh' ? ['名称', '串口参数', '从站地址', '文件'] : ['name', 'line', 'address', 'file'];
  const variants = (profile.variants ?? []).map((one) => [`${id.split('@')[0]}@${one.id}`, one.name[language]]);
  const [trusted, read] = language === 'zh' ? ['可信度', '资料来源'] : ['confidence', 'source'];
  const sources = profile.sources.map((source) => [read ?? '', source]);
  const behind = placesOf[profile.protocol]?.[language];
  const stated = [
    behind === undefined ? [wired ?? '', serial] : [language === 'zh' ? '接在' : 'hangs on', behind],
    ...(behind === undefined ? [[addressed ?? '', address]] : []),
    [trusted ?? '', profile.confidence],
  ];
  const rows = [...stated, ...sources, [from ?? '', file], ...variants];
  const first = `${id}  ${profile.protocol}${isLocal ? `  ${local[language]}` : ''}`;
  return `${first}\n${table([named ?? '', profile.name[language]], rows)}`;
}

/** Where an instrument hangs that has neither a line of its own nor an address on one. */
const placesOf: Readonly<Partial<Record<Profile['protocol'], { readonly zh: string; readonly en: string }>>> = {
  node: {
    zh: '"kind": "nodes" 的链路；节点名称写在仪器的 "node" 中',
    en: 'a link of "kind": "nodes"; the id of the node stands in the instrument’s "node"',
  },
  firmata: { zh: '"kind": "firmata" 的链路', en: 'a link of "kind": "firmata"' },
};

function points(profile: Profile, language: Language): string {
  const headings =
    language === 'zh'
      ? ['测点', '监测因子', '单位', '量程', '通道', '选配', '寄存器']
      : ['POINT', 'FACTOR', 'UNIT', 'RANGE', 'CHANNEL', 'OPTIONAL', 'REGISTER'];
  return table(
    headings,
    pointsOf(profile).map((point) => pointRow(point, language)),
  );
}

/** What the site has to state. */
function parameters(profile: Profile, language: Language): string {
  const rows = Object.entries(profile.parameters).map(([name, { range, default: usual, ...question }]) => [
    name,
    question[language],
    `${range[0]}…${range[1]}`,
    usual === undefined ? '' : String(usual),
  ]);
  const headings = language === 'zh' ? ['参数', '问题', '范围', '缺省'] : ['PARAMETER', 'QUESTION', 'RANGE', 'DEFAULT'];
  return rows.length === 0 ? '' : table(headings, rows);
}

function commands(profile: Profile, language: Language): string {
  if (profile.protocol === 'firmata') return relays(profile, language);
  const list = profile.protocol === 'modbus' ? profile.commands : [];
  const headings =
    language === 'zh' ? ['命令（默认关闭）', '作用', '权限'] : ['COMMAND (off by default)', 'DOES', 'ROLE'];
  return list.length === 0
    ? ''
    : table(
        headings,
        list.map(({ id, name, role }) => [id, name[language], role]),
      );
}

/** What a board can switch: at which pin, what must be closed for it, how long it is warned, and how long it stays on at most. */
function relays({ relays }: FirmataProfile, language: Language): string {
  const headings =
    language === 'zh'
      ? ['继电器（默认关闭）', '作用', '接线', '联锁触点', '预警', '最长', '权限']
      : ['RELAY (off by default)', 'SWITCHES', 'REGISTER', 'MUST BE CLOSED', 'WARNED', 'AT MOST', 'ROLE'];
  const rows = relays.map(({ id, name, pin, lockOut, warning, longestSeconds, role }) => [
    ...[id, name[language], `pin ${pin}`, lockOut ?? '', `${warning.seconds} s`, `${longestSeconds} s`, role],
  ]);
  return relays.length === 0 ? '' : table(headings, rows);
}

function addressText(
  { default: delivered, range: [lowest, highest] }: ModbusProfile['address'],
  unstated: string,
): string {
  return `${delivered ?? unstated} (${lowest}-${highest})`;
}

function pointRow(point: ProfilePoint, language: Language): string[] {
  const { zh, en, unit } = factors[point.factor];
  return [
    point.id,
    language === 'zh' ? zh : en,
    unit,
    point.range === undefined ? '' : point.range.map((end) => inFactorUnit(point, end)).join('…'),
    point.channel ?? '',
    point.optional ? (language === 'zh' ? '是' : 'yes') : '',
    placeOf(point),
  ];
}

/** Where it stands on the wire: function code and register, byte, column, or code in a list; what it is made of if nowhere. */
function placeOf(point: ProfilePoint): string {
  if (isSlot(point)) return `${point.slots} ${point.code}`;
  if (isComputed(point)) {
    const { operator, inputs } = operatorOf(point);
    return `${operator} ${inputs.join(', ')}`;
  }
  if ('identifier' in point) return `${point.identifier} ${point.format}`;
  if ('codes' in point) return `${point.codes.join(', ')} -${point.field} ${point.unit}`;
  if ('column' in point) return `column ${point.column}`;
  if (!('type' in point)) return wiringText(point);
  if (!('register' in point)) return frameText(point);
  const hex = point.register.toString(16).toUpperCase().padStart(4, '0');
  return `FC${point.functionCode} 0x${hex} ${point.type}`;
}

/** What is wired where. */
function wiringText({ contact, loop, clamp, climate }: FirmataPoint): string {
  if (contact) return `pin ${contact.pin}`;
  if (loop) return `A${loop.channel} ${loop.shunt} ohm`;
  return clamp ? `A${clamp.channel} ${clamp.turns}:1 ${clamp.burden} ohm` : `BME280 ${climate}`;
}

/** Where it stands in a frame: message, then byte, field or the words before it, then how it is read. */
function frameText({ message, record, byte, field, after, type }: FramedPoint): string {
  const place = byte !== undefined ? `byte ${byte}` : field !== undefined ? `field ${field}` : `after ${after}`;
  return [message, record && `record ${record}`, place, type].filter((part) => part !== undefined).join(' ');
}
