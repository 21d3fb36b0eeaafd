import type { Catalogue } from '../../../../device-profiles/catalogue.ts';
import { type Profile, pointsOf } from '../../../../device-profiles/profile.ts';
import type { Sentence } from '../../../site/check-site.ts';
import type { Site, SiteDocument } from '../../../site/site-schema.ts';
import type { Dialogue } from '../../dialogue.ts';
import type { Searched } from '../search.ts';
import type { Target } from '../target.ts';

export type NewInstrument = SiteDocument['instruments'][number];

/** Something that was found and may be added. */
export interface Addable {
  /** How it is named to people: `address 7`. */
  readonly name: Sentence;
  /** The profiles that fit best, and others that may. */
  readonly best: readonly string[];
  readonly others: readonly string[];
  /** How the site file says which one it is. */
  readonly place: { readonly address: number } | { readonly meterAddress: string };
  /** What it is read at. */
  readonly every: string;
}

/** What a Modbus instrument is added with unless somebody says otherwise, 15 samples a minute; and a meter. */
const usualCadence = '4s';
const meterCadence = '15s';

/** What was found on the line and the site has not yet. */
export function addableOf(
  { report, meters }: Searched,
  { id: link, known }: Target,
  instruments: Site['instruments'],
): Addable[] {
  const isKnown = (digits: string): boolean =>
    instruments.some((one) => one.link === link && one.meterAddress === digits);
  const idsOf = (fits: readonly { readonly id: string }[]): string[] => fits.map(({ id }) => id);
  const modbus = report.instruments.flatMap(({ address, best, others }): Addable[] => {
    if (known.has(address)) return [];
    const name = { en: `address ${address}`, zh: `地址 ${address}` };
    return [{ name, best: idsOf(best), others: idsOf(others), place: { address }, every: usualCadence }];
  });
  const ofMeters = (meters?.meters ?? []).flatMap(({ digits, fits }): Addable[] => {
    if (isKnown(digits)) return [];
    const name = { en: `meter ${digits}`, zh: `电能表 ${digits}` };
    return [{ name, best: idsOf(fits), others: [], place: { meterAddress: digits }, every: meterCadence }];
  });
  return [...modbus, ...ofMeters];
}

interface Proposing {
  readonly link: string;
  readonly site: Pick<Site, 'points' | 'instruments'>;
  readonly catalogue: Catalogue;
  /** Where it measures, as stated on the command line. */
  readonly point: string | undefined;
  /** Who is asked what cannot be known; nobody without it. */
  readonly dialogue: Dialogue | undefined;
}

/** Why an instrument is not proposed for the site file. */
export interface LeftOut {
  readonly name: Sentence;
  readonly why: Sentence;
}

/**
 * Makes entries for the site file of what was found. What an instrument does not say (which of two profiles, where it
 * measures, the ratio of its transformers) is asked; where nobody is there to ask, it is left out.
 */
export async function proposals(
  found: readonly Addable[],
  options: Proposing,
): Promise<{ readonly added: NewInstrument[]; readonly leftOut: LeftOut[] }> {
  const added: NewInstrument[] = [];
  const leftOut: LeftOut[] = [];
  for (const instrument of found) {
    const proposed = await proposal(instrument, options, added);
    if ('why' in proposed) leftOut.push(proposed);
    else added.push(proposed);
  }
  return { added, leftOut };
}

async function proposal(
  instrument: Addable,
  options: Proposing,
  before: readonly NewInstrument[],
): Promise<NewInstrument | LeftOut> {
  const { name, place: fields, every } = instrument;
  const { link, catalogue, site } = options;
  const profile = await chooseProfile(instrument, options);
  if (typeof profile !== 'string') return { name, why: profile };
  const entry = catalogue.find(profile);
  if (!entry) return { name, why: words.noProfile(profile) };
  const place = await choosePlace(entry.profile, name, options);
  if ('en' in place) return { name, why: place };
  const parameters = await askParameters(entry.profile, name, options);
  if ('missing' in parameters) return { name, why: parameters.missing };
  const taken = [...site.instruments, ...before].map(({ id }) => id);
  const stated = Object.keys(parameters.stated).length === 0 ? {} : { parameters: parameters.stated };
  return { id: freeId(profile, taken), profile, link, ...fields, every, ...place, ...stated };
}

async function chooseProfile({ name, best, others }: Addable, { dialogue }: Proposing) {
  const choices = best.length > 0 ? best : others;
  const [only, ...more] = choices;
  if (only === undefined) return words.nothingFits;
  if (!dialogue) return best.length === 1 ? only : best.length > 1 ? words.ambiguous(choices) : words.uncertain;
  const list = choices.map((id, place) => `${place + 1} ${id}`).join(', ');
  const answer = await dialogue.ask(
    more.length === 0 && best.length > 0 ? words.takeOne(name, only) : words.takeWhich(name, list),
  );
  if (/^(y|yes|是)$/i.test(answer ?? '') && more.length === 0) return only;
  const chosen = /^\d+$/.test(answer ?? '') ? choices[Number(answer) - 1] : choices.find((id) => id === answer);
  return chosen ?? words.declined;
}

async function choosePlace(profile: Profile, name: Sentence, { site, point, dialogue }: Proposing) {
  const points = site.points.map(({ id }) => id);
  const channels = [...new Set(pointsOf(profile).flatMap(({ channel }) => channel ?? []))];
  const needsPoint = pointsOf(profile).some(({ channel }) => channel === undefined);
  if (!needsPoint) return dialogue ? askChannels(channels, points, name, dialogue) : words.channels;
  const stated = point ?? (points.length === 1 ? points[0] : undefined);
  if (stated !== undefined && points.includes(stated)) return { point: stated };
  if (!dialogue) return stated === undefined ? words.whichPoint(points) : words.noPoint(stated, points);
  const answer = (await dialogue.ask(words.askPoint(name, points))) ?? '';
  return points.includes(answer) ? { point: answer } : words.noPoint(answer, points);
}

async function askChannels(channels: readonly string[], points: readonly string[], name: Sentence, dialogue: Dialogue) {
  const mapped: Record<string, string> = {};
  for (const channel of channels) {
    const answer = await dialogue.ask(words.askChannel(name, channel, points));
    if (answer === undefined) return words.declined;
    if (points.includes(answer)) mapped[channel] = answer;
    else if (answer !== '') return words.noPoint(answer, points);
  }
  return Object.keys(mapped).length === 0 ? words.channels : { channels: mapped };
}

/** What only the site knows and the profile has no usual value for. */
async function askParameters(profile: Profile, asked: Sentence, { dialogue }: Proposing) {
  const stated: Record<string, number> = {};
  for (const [name, { range, default: usual, ...question }] of Object.entries(profile.parameters)) {
    if (usual !== undefined) continue;
    const answer = await dialogue?.ask(words.askParameter(asked, question, range));
    const number = Number(answer);
    if (!answer || !(number >= range[0] && number <= range[1])) return { missing: words.parameter(name) };
    stated[name] = number;
  }
  return { stated };
}

/** `sdm630-1` for eastron/sdm630, or the next number that is free. */
function freeId(profile: string, taken: readonly string[]): string {
  const model = (profile.split('/')[1] ?? 'instrument').split('@')[0];
  for (let number = 1; ; number += 1) if (!taken.includes(`${model}-${number}`)) return `${model}-${number}`;
}

const words = {
  noProfile: (id: string): Sentence => ({ en: `there is no profile ${id}`, zh: `没有型号 ${id}` }),
  nothingFits: { en: 'no profile fits it', zh: '没有型号符合' },
  uncertain: {
    en: 'what it is was not told for certain; add it by hand, or at a terminal',
    zh: '型号不能确定；请手工添加，或在终端上运行',
  },
  ambiguous: (ids: readonly string[]): Sentence => ({
    en: `it may be any of ${ids.join(', ')}; add it by hand, or at a terminal`,
    zh: `可能是 ${ids.join('、')} 之一；请手工添加，或在终端上运行`,
  }),
  declined: { en: 'left out as wished', zh: '按要求未添加' },
  channels: { en: 'its channels have to be mapped to points', zh: '需要把各通道对应到监测点位' },
  whichPoint: (points: readonly string[]): Sentence => ({
    en:
      points.length === 0
        ? 'the site has no monitoring point yet; add one to points'
        : `say where it measures: --point ${points.join(' or ')}`,
    zh:
      points.length === 0
        ? '站点还没有监测点位；请先在 points 中添加'
        : `请说明测量点位：--point ${points.join(' 或 ')}`,
  }),
  noPoint: (point: string, points: readonly string[]): Sentence => ({
    en: `there is no monitoring point ${point || '(none named)'}; there are: ${points.join(', ') || '-'}`,
    zh: `没有监测点位 ${point || '（未指定）'}；现有：${points.join('、') || '-'}`,
  }),
  parameter: (name: string): Sentence => ({
    en: `its ${name} has to be stated, within the range of the profile`,
    zh: `须写明其参数 ${name}，并在型号规定的范围内`,
  }),
  takeOne: (name: Sentence, id: string): Sentence => ({
    en: `Add ${name.en} as ${id}? [y/N]`,
    zh: `把${name.zh} 添加为 ${id}？[y/N]`,
  }),
  takeWhich: (name: Sentence, list: string): Sentence => ({
    en: `Add ${name.en} as which of: ${list}? A number, or Enter to leave it out`,
    zh: `把${name.zh} 添加为：${list}？输入编号，直接回车则不添加`,
  }),
  askPoint: (name: Sentence, points: readonly string[]): Sentence => ({
    en: `Which monitoring point does ${name.en} serve: ${points.join(', ') || '-'}?`,
    zh: `${name.zh} 属于哪个监测点位：${points.join('、') || '-'}？`,
  }),
  askChannel: (name: Sentence, channel: string, points: readonly string[]): Sentence => ({
    en: `Which monitoring point does channel ${channel} of ${name.en} serve: ${points.join(', ') || '-'}? Enter for none`,
    zh: `${name.zh} 的通道 ${channel} 属于哪个监测点位：${points.join('、') || '-'}？直接回车则不用`,
  }),
  askParameter: (name: Sentence, question: Sentence, [lowest, highest]: readonly [number, number]): Sentence => ({
    en: `${name.en}: ${question.en} (${lowest} to ${highest})`,
    zh: `${name.zh}：${question.zh}（${lowest} 至 ${highest}）`,
  }),
} as const;
