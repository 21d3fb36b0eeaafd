import { registersOf } from '../../../device-profiles/decode.ts';
import { isHeard } from '../../../device-profiles/framed/messages.ts';
import type { ModbusProfile } from '../../../device-profiles/profile.ts';
import { wantedReads } from '../../driver/instrument.ts';
import type { Draft } from './draft.ts';
import type { Complain } from './fault.ts';
import type { KnownInstrument } from './instruments.ts';
import { checkMetersTogether } from './meters.ts';
import { seriesOf } from './series.ts';

type ModbusInstrument = KnownInstrument & { readonly profile: ModbusProfile };

/** Checks what instruments do to each other: on one line, and on one series. */
export function checkTogether(instruments: readonly KnownInstrument[], complain: Complain): void {
  const lines = Map.groupBy(
    instruments.filter(({ profile }) => profile.protocol !== 'node'),
    ({ fields }) => fields.link ?? '',
  );
  for (const [link, onLine] of lines) {
    if (link === '') continue;
    const asked = onLine.filter((one): one is ModbusInstrument => one.profile.protocol === 'modbus');
    checkStreams(
      link,
      onLine.filter(({ profile }) => profile.protocol !== 'modbus' && profile.protocol !== 'dlt645'),
      onLine.filter(({ profile }) => profile.protocol === 'modbus' || profile.protocol === 'dlt645'),
      complain,
    );
    checkAddresses(link, asked, complain);
    checkGeneralAddresses(link, asked, complain);
    checkMetersTogether(link, onLine, complain);
  }
  checkSeries(instruments, complain);
}

/**
 * An instrument with frames of its own needs the line for itself: what it sends unasked falls between a question and its
 * answer, and what it is asked bears no address.
 */
function checkStreams(
  link: string,
  streams: readonly KnownInstrument[],
  asked: readonly KnownInstrument[],
  complain: Complain,
): void {
  const first = streams[0];
  if (first === undefined) return;
  const remedy = { en: 'give it a link of its own', zh: '为它单独使用一个链路' };
  for (const { index, fields } of streams.slice(1)) {
    complain(
      ['instruments', index, 'link'],
      {
        en: `${fields.profile} needs a line for itself, and instruments[${first.index}] is on ${link}`,
        zh: `${fields.profile} 须独占线路，而 ${link} 上已有 instruments[${first.index}]`,
      },
      remedy,
    );
  }
  if (asked.length === 0) return;
  complain(
    ['instruments', first.index, 'link'],
    {
      en: `${first.fields.profile} needs a line for itself, and on ${link} other instruments are polled`,
      zh: `${first.fields.profile} 须独占线路，而 ${link} 上有轮询的仪器`,
    },
    remedy,
  );
}

/** Which registers are read from an instrument, as [function code, first, last]. */
function registerRanges({ fields, profile }: ModbusInstrument): [number, number, number][] {
  // A point that is missing or wrong does not change what is read.
  const settings = { ...fields, point: fields.point ?? 'anywhere' };
  return wantedReads({ settings, profile }).map((read) => [
    read.functionCode,
    read.register,
    read.register + registersOf(read) - 1,
  ]);
}

/** The first register that both instruments claim, undefined when they share none. */
function sharedRegister(one: ModbusInstrument, other: ModbusInstrument): [number, number] | undefined {
  const others = registerRanges(other);
  for (const [functionCode, first, last] of registerRanges(one)) {
    const met = others.find((range) => range[0] === functionCode && range[1] <= last && range[2] >= first);
    if (met !== undefined) return [functionCode, Math.max(first, met[1])];
  }
  return undefined;
}

/** Two profiles may describe one device when they read different registers; else one of them takes the other's values. */
function checkAddresses(link: string, asked: readonly ModbusInstrument[], complain: Complain): void {
  asked.forEach((instrument, place) => {
    const { index, fields } = instrument;
    for (const other of asked.slice(0, place)) {
      if (fields.address === undefined || other.fields.address !== fields.address) continue;
      const shared = sharedRegister(instrument, other);
      if (shared === undefined) continue;
      const [functionCode, register] = shared;
      complain(
        ['instruments', index, 'address'],
        {
          en: `address ${fields.address} on ${link} is already instruments[${other.index}], and both read register ${register} (function code ${functionCode})`,
          zh: `${link} 上的地址 ${fields.address} 已是 instruments[${other.index}]，两者都读寄存器 ${register}（功能码 ${functionCode}）`,
        },
        {
          en: 'give one of the two another address, on the instrument and here',
          zh: '为其中一台改设地址，仪器上和此处都要改',
        },
        [other.index, index],
      );
    }
  });
}

/** To a general address every instrument of the kind answers, so the answers of two would fall into each other. */
function checkGeneralAddresses(link: string, asked: readonly ModbusInstrument[], complain: Complain): void {
  if (asked.length < 2) return;
  for (const { index, fields, profile } of asked) {
    if (fields.address === undefined || !profile.address.general.includes(fields.address)) continue;
    complain(
      ['instruments', index, 'address'],
      {
        en: `${fields.address} is answered by every ${fields.profile}, and ${link} has other instruments`,
        zh: `地址 ${fields.address} 是 ${fields.profile} 的通用地址，而 ${link} 上还有其他仪器`,
      },
      {
        en: 'give it an address of its own, on the instrument and here',
        zh: '为它设一个独立的地址，仪器上和此处都要改',
      },
    );
  }
}

/** A series has one instrument at a time; the first in the list keeps it. */
function checkSeries(instruments: readonly KnownInstrument[], complain: Complain): void {
  const holders = new Map<string, number>();
  for (const { index, fields, profile } of instruments) {
    const clashes = new Map<number, string>();
    for (const { point, factor } of seriesOf(fields, profile)) {
      const holder = holders.get(`${point} ${factor}`);
      if (holder === undefined) holders.set(`${point} ${factor}`, index);
      else if (holder !== index) clashes.set(holder, `${point} / ${factor}`);
    }
    for (const [holder, series] of clashes) {
      complain(
        ['instruments', index, fields.channels === undefined ? 'point' : 'channels'],
        {
          en: `${series} is already measured by instruments[${holder}]`,
          zh: `${series} 已由 instruments[${holder}] 监测`,
        },
        { en: 'give this instrument a point of its own', zh: '为这台仪器另设点位' },
      );
    }
  }
}

/** A sample that comes less often than the norm counts on; the minute then goes by what the instrument can give. */
export function checkCadence(instruments: readonly KnownInstrument[], draft: Draft, warn: Complain): void {
  for (const { index, fields, profile } of instruments) {
    const isAsked = profile.protocol !== 'hj212' && (profile.protocol !== 'framed' || !isHeard(profile));
    // A node has averaged over its period already.
    if (profile.protocol === 'node') continue;
    if (fields.every === undefined || !isAsked) continue;
    const perMinute = Math.floor(60_000 / fields.every);
    if (perMinute >= draft.minimumValid) continue;
    warn(
      ['instruments', index, 'every'],
      {
        en: `gives ${perMinute} samples a minute; a minute counts from ${draft.minimumValid} on (HJ 212-2017: 12)`,
        zh: `每分钟只有 ${perMinute} 个采样值；分钟值需 ${draft.minimumValid} 个（HJ 212-2017：12 个）`,
      },
      {
        en: 'write "4s" if the line can carry it; minutes are judged by what the instrument can give until then',
        zh: '线路允许时改为 "4s"；在此之前按仪器能给出的采样数判定分钟值',
      },
    );
  }
}
