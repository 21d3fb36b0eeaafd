import type { Catalogue } from '../../../device-profiles/catalogue.ts';
import { areAlternatives } from '../../../device-profiles/check/rules/modbus.ts';
import { type Profile, type ProfilePoint, pointsOf } from '../../../device-profiles/profile.ts';
import { serialSettingsText } from '../../../device-profiles/serial-settings.ts';
import { isLine, lineOf } from '../../link/settings.ts';
import type { SiteLink } from '../site-schema.ts';
import { checkBoard } from './boards.ts';
import type { Draft, DraftInstrument } from './draft.ts';
import type { Complain } from './fault.ts';
import { checkFramed } from './framed.ts';
import { suggestion } from './known-fields.ts';
import { checkMeter } from './meters.ts';
import { checkParameters } from './parameters.ts';
import { checkSource } from './sources.ts';

/** An instrument whose profile is known; its link where that is usable. */
export interface KnownInstrument extends DraftInstrument {
  readonly profile: Profile;
  readonly linkSettings: SiteLink | undefined;
}

/** Checks each instrument by itself: profile, link, address, points, line settings. */
export function checkInstruments(
  draft: Draft,
  catalogue: Catalogue,
  complain: Complain,
  warn: Complain,
): KnownInstrument[] {
  return draft.instruments.flatMap((instrument) => {
    checkLink(draft, instrument, complain);
    checkPoint(draft, instrument, complain);
    const profile = checkProfile(catalogue, instrument, complain);
    if (profile === undefined) return [];
    const linkSettings = draft.links.get(instrument.fields.link ?? '');
    const known = { ...instrument, profile, linkSettings };
    checkAddress(known, complain);
    checkChannels(draft, known, complain);
    checkPlace(draft, known, complain);
    checkFitted(known, complain);
    checkParameters(known, complain);
    checkProtocol(known, complain);
    checkMeter(known, complain);
    checkFramed(known, complain);
    checkBoard(known, complain);
    checkSource(known, complain, warn);
    checkSerialSettings(known, warn);
    return [known];
  });
}

function checkLink(draft: Draft, { index, fields: { link } }: DraftInstrument, complain: Complain): void {
  if (link === undefined || draft.linkNames.includes(link)) return;
  complain(
    ['instruments', index, 'link'],
    { en: `there is no link ${link}`, zh: `没有名为 ${link} 的链路` },
    suggestion(link, draft.linkNames, { en: `add "${link}" to links`, zh: `在 links 中添加 "${link}"` }),
  );
}

function checkProfile(
  catalogue: Catalogue,
  { index, fields: { profile: id } }: DraftInstrument,
  complain: Complain,
): Profile | undefined {
  if (id === undefined) return undefined;
  const entry = catalogue.find(id);
  // An abstract profile is what others have in common, and no instrument.
  if (entry !== undefined && !entry.profile.abstract) return entry.profile;
  const path = ['instruments', index, 'profile'];
  const known = catalogue.list();
  const listing = known.find((one) => one.id === id.split('@')[0]);
  if (listing === undefined) {
    const names = known.map((one) => one.id);
    complain(
      path,
      { en: `there is no profile ${id}`, zh: `没有型号 ${id}` },
      suggestion(id, names, { en: 'see fenceline profiles list', zh: '见 fenceline profiles list' }),
    );
    return undefined;
  }
  for (const { file, line, field, fault, remedy, zh } of catalogue.faults(id)) {
    complain(
      path,
      {
        en: `the profile is at fault: ${file}:${line}: ${field}: ${fault}`,
        zh: `型号文件有误：${file}:${line}：${field}：${zh.fault}`,
      },
      { en: remedy, zh: zh.remedy },
    );
  }
  return undefined;
}

/** The unit identifier of a Modbus TCP device that is no slave on a line behind it (Messaging on TCP/IP guide V1.0b). */
const ownUnitIdentifier = 255;

function checkAddress({ index, fields, wrong, profile, linkSettings }: KnownInstrument, complain: Complain): void {
  const path = ['instruments', index, 'address'];
  const { address } = fields;
  if (wrong.has('address')) return;
  if (profile.protocol !== 'modbus') {
    if (address === undefined) return;
    const isMeter = profile.protocol === 'dlt645';
    const kind = isMeter
      ? { en: 'is a meter', zh: '是电能表' }
      : { en: 'speaks a protocol of its own', zh: '使用自有协议' };
    complain(
      path,
      {
        en: `${fields.profile} ${kind.en} and has no slave address`,
        zh: `${fields.profile} ${kind.zh}，没有从站地址`,
      },
      isMeter
        ? { en: 'delete this field and write "meterAddress"', zh: '删去此项，改写 "meterAddress"' }
        : { en: 'delete this field', zh: '删去此项' },
    );
    return;
  }
  const { default: delivered, range } = profile.address;
  const asDelivered = {
    en: delivered === undefined ? '' : `; as delivered it is ${delivered}`,
    zh: delivered === undefined ? '' : `；出厂为 ${delivered}`,
  };
  const remedy = {
    en: `write the address set on the instrument, ${range[0]} to ${range[1]}${asDelivered.en}`,
    zh: `写仪器上设置的从站地址，${range[0]} 到 ${range[1]}${asDelivered.zh}`,
  };
  if (address === undefined) {
    complain(path, { en: 'is missing', zh: '缺少此项' }, remedy);
    return;
  }
  const isUnit = linkSettings?.kind === 'tcp' && linkSettings.framing === 'modbus-tcp' && address === ownUnitIdentifier;
  if (isUnit || (address >= range[0] && address <= range[1]) || profile.address.general.includes(address)) return;
  complain(
    path,
    { en: `${fields.profile} cannot have the address ${address}`, zh: `${fields.profile} 不能设为地址 ${address}` },
    remedy,
  );
}

const knownPoints = ({ points }: Draft): string[] => points.filter((id) => id !== undefined);

function checkPoint(draft: Draft, { index, fields: { point } }: DraftInstrument, complain: Complain): void {
  if (point !== undefined) checkPointName(draft, ['instruments', index, 'point'], point, complain);
}

function checkPointName(draft: Draft, path: readonly PropertyKey[], id: string, complain: Complain): void {
  const points = knownPoints(draft);
  if (points.includes(id)) return;
  complain(
    path,
    { en: `there is no point ${id}`, zh: `没有监测点位 ${id}` },
    suggestion(id, points, { en: `add { "id": "${id}" } to points`, zh: `在 points 中添加 { "id": "${id}" }` }),
  );
}

function channelsOf(profile: Profile): string[] {
  return [...new Set(pointsOf(profile).flatMap(({ channel }) => (channel === undefined ? [] : [channel])))];
}

function checkChannels(draft: Draft, { index, fields, profile }: KnownInstrument, complain: Complain): void {
  const channels = channelsOf(profile);
  for (const [channel, point] of Object.entries(fields.channels ?? {})) {
    const path = ['instruments', index, 'channels', channel];
    if (channels.includes(channel)) checkPointName(draft, path, point, complain);
    else {
      complain(
        path,
        { en: `${fields.profile} has no channel ${channel}`, zh: `${fields.profile} 没有通道 ${channel}` },
        suggestion(channel, channels, { en: 'delete it and write "point" instead', zh: '删去，改用 "point"' }),
      );
    }
  }
}

/** Every value needs a place: the instrument's own point, or for channels the points they are mapped to. */
function checkPlace(draft: Draft, { index, fields, wrong, profile }: KnownInstrument, complain: Complain): void {
  if (wrong.has('point') || wrong.has('channels')) return;
  if (pointsOf(profile).some(({ channel }) => channel === undefined)) {
    if (fields.point !== undefined) return;
    complain(
      ['instruments', index, 'point'],
      { en: 'is missing: where is it measured?', zh: '缺少此项：在哪个点位监测？' },
      suggestion('', knownPoints(draft), { en: 'write the id of one of the points', zh: '写 points 中的一个点位 id' }),
    );
  } else if (Object.keys(fields.channels ?? {}).length === 0) {
    const channels = channelsOf(profile);
    complain(
      ['instruments', index, 'channels'],
      { en: 'is missing: which channel measures which point?', zh: '缺少此项：各通道对应哪个点位？' },
      { en: `map some of: ${channels.join(', ')}`, zh: `可用通道：${channels.join('、')}` },
    );
  }
}

function checkFitted(instrument: KnownInstrument, complain: Complain): void {
  const { index, fields, profile } = instrument;
  checkFittedTwice(instrument, complain);
  const optional = pointsOf(profile)
    .filter((point) => point.optional)
    .map(({ id }) => id);
  fields.fitted?.forEach((id, place) => {
    if (pointsOf(profile).some((point) => point.id === id)) return;
    complain(
      ['instruments', index, 'fitted', place],
      { en: `${fields.profile} has no sensor ${id}`, zh: `${fields.profile} 没有传感器 ${id}` },
      suggestion(id, optional, { en: 'delete it', zh: '删去此项' }),
    );
  });
}

/** Of meanings that share a series, such as one temperature in °C and in °F, or one input, an instrument has one. */
function checkFittedTwice({ index, fields, profile }: KnownInstrument, complain: Complain): void {
  const fitted = pointsOf(profile).filter(({ id, optional }) => optional && fields.fitted?.includes(id));
  fitted.forEach(({ id, factor, channel }, place) => {
    const before = fitted.slice(0, place);
    const shared = before.find((one) => sharesRegister(one, fitted[place]));
    if (shared !== undefined) {
      complain(
        ['instruments', index, 'fitted', fields.fitted?.indexOf(id) ?? 0],
        { en: `${shared.id} and ${id} are the same input`, zh: `${shared.id} 与 ${id} 是同一路输入` },
        { en: 'keep what is connected to it', zh: '只保留实际接入的一个' },
      );
    }
    const other = before.find((one) => one.factor === factor && one.channel === channel);
    if (other === undefined) return;
    complain(
      ['instruments', index, 'fitted', fields.fitted?.indexOf(id) ?? 0],
      { en: `${other.id} and ${id} are both ${factor}`, zh: `${other.id} 与 ${id} 都是 ${factor}` },
      { en: 'keep the one that the instrument lists', zh: '只保留仪器参数表中列出的一个' },
    );
  });
}

function sharesRegister(one: ProfilePoint, other: ProfilePoint | undefined): boolean {
  if (other !== undefined && 'column' in one && 'column' in other) return one.column === other.column;
  if (other === undefined || !('register' in one) || !('register' in other)) return false;
  return areAlternatives(one, other);
}

/** What is asked or heard over a line; others have a kind of link of their own. */
const overLines: readonly string[] = ['modbus', 'dlt645', 'hj212', 'framed'];

function checkProtocol({ index, fields, profile, linkSettings }: KnownInstrument, complain: Complain): void {
  if (linkSettings !== undefined && !isLine(linkSettings) && overLines.includes(profile.protocol)) {
    complain(
      ['instruments', index, 'link'],
      {
        en: `${fields.profile} is wired to a line, and ${fields.link} is none`,
        zh: `${fields.profile} 须接在线路上，而 ${fields.link} 不是线路`,
      },
      { en: 'put it on a serial, tcp or tcp-server link', zh: '改接 serial、tcp 或 tcp-server 链路' },
    );
    return;
  }
  if (profile.protocol === 'modbus' || linkSettings?.kind !== 'tcp' || linkSettings.framing !== 'modbus-tcp') return;
  complain(
    ['instruments', index, 'link'],
    {
      en: `${fields.profile} does not speak Modbus, and ${fields.link} is framed as modbus-tcp`,
      zh: `${fields.profile} 不是 Modbus 仪器，而 ${fields.link} 的帧格式是 modbus-tcp`,
    },
    {
      en: 'put it on a serial link, or on a tcp link with "framing": "modbus-rtu" that passes its bytes through',
      zh: '改接串口链路，或 "framing": "modbus-rtu" 的透传 tcp 链路',
    },
  );
}

/** Settings other than the published ones may be right (somebody set them), but they are the first thing to look at. */
function checkSerialSettings({ index, fields, profile, linkSettings }: KnownInstrument, warn: Complain): void {
  const line = linkSettings === undefined ? undefined : lineOf(linkSettings);
  if (line === undefined || profile.serial === undefined) return;
  const published = [profile.serial.default, ...profile.serial.alternatives].map(serialSettingsText);
  const chosen = serialSettingsText(line);
  if (published.includes(chosen)) return;
  warn(
    ['instruments', index, 'link'],
    {
      en: `${fields.link} runs at ${chosen}; ${fields.profile} is published with ${published.join(', ')}`,
      zh: `${fields.link} 设为 ${chosen}；${fields.profile} 公布的参数为 ${published.join('、')}`,
    },
    {
      en: 'compare with the setting on the instrument; every instrument on the line must have the same',
      zh: '核对仪器上的设置；同一线路上所有仪器必须一致',
    },
  );
}
