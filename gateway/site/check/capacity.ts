import { estimateLine, type InstrumentDemand, type LineDemand } from '../../driver/estimate.ts';
import type { Instrument } from '../../driver/instrument.ts';
import { characterTimeOf, lineOf } from '../../link/settings.ts';
import type { SiteLink } from '../site-schema.ts';
import type { Draft } from './draft.ts';
import type { Complain, Sentence } from './fault.ts';
import type { KnownInstrument } from './instruments.ts';
import { settingsText } from './links.ts';

/** What a line is given at most: the rest is for answers that come late and for trying again. */
const usableShare = 0.9;

/** Warns of a line that is asked for more than it can carry, at the instrument that takes most of it. */
export function checkCapacity(draft: Draft, instruments: readonly KnownInstrument[], warn: Complain): void {
  for (const [name, link] of draft.links) {
    const onLine = instruments.flatMap((one) => {
      const instrument = one.fields.link === name ? instrumentOf(one) : undefined;
      return instrument === undefined ? [] : [{ index: one.index, instrument }];
    });
    const demand = estimateLine(
      characterTimeOf(lineOf(link)),
      onLine.map(({ instrument }) => instrument),
    );
    if (demand.needed <= 1) continue;
    const shares = demand.instruments.map((one) => one.milliseconds / one.every);
    const most = shares.indexOf(Math.max(...shares));
    const [place, hungriest] = [onLine[most], demand.instruments[most]];
    if (place === undefined || hungriest === undefined) continue;
    warn(
      ['instruments', place.index, 'every'],
      overloaded(name, settingsText(link), demand),
      remedyOf(demand, hungriest, link),
    );
  }
}

/** The instrument as the driver takes it; undefined while a field that the line time hangs on is missing or wrong. */
function instrumentOf({ fields, profile }: KnownInstrument): Instrument | undefined {
  const { id, profile: profileId, link, every } = fields;
  if (id === undefined || profileId === undefined || link === undefined || every === undefined) return undefined;
  return { settings: { ...fields, id, profile: profileId, link, every }, profile, origin: 'measured' };
}

function overloaded(name: string, settings: string, { needed, instruments }: LineDemand): Sentence {
  const percent = Math.ceil(needed * 100);
  const each = instruments.map((one) => `${one.instrument} ${Math.round(one.milliseconds)} ms / ${one.every} ms`);
  return {
    en: `${name} at ${settings} is asked for ${percent} % of the time it has (${each.join(', ')})`,
    zh: `${name}（${settings}）需要的时间是可用时间的 ${percent} %（${each.join('，')}）`,
  };
}

function remedyOf({ needed }: LineDemand, { milliseconds, every }: InstrumentDemand, link: SiteLink): Sentence {
  const hasSpeed = lineOf(link) !== undefined;
  const otherwise: Sentence = {
    en: `${hasSpeed ? ', raise the baud rate' : ''}, or move instruments to another line`,
    zh: `${hasSpeed ? '，或提高波特率' : ''}，或把部分仪器改接其他线路`,
  };
  const left = usableShare - (needed - milliseconds / every);
  const alone = atLeast(milliseconds / left);
  // Where the others alone nearly fill the line, slowing this one down does not help.
  if (left > 0 && milliseconds / left <= 4 * every) {
    return {
      en: `write at least "${alone}"${otherwise.en}`,
      zh: `改为 "${alone}" 或更长${otherwise.zh}`,
    };
  }
  const factor = (Math.ceil((needed / usableShare) * 10) / 10).toFixed(1);
  return {
    en: `make every "every" on this line ${factor} times as long${otherwise.en}`,
    zh: `本线路所有 every 延长到 ${factor} 倍${otherwise.zh}`,
  };
}

/** Rounded up to a length of time that people write. */
function atLeast(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.ceil(milliseconds / 100) * 100}ms`;
  return `${Math.ceil(milliseconds / 500) / 2}s`;
}
