import type { Catalogue } from '../../../../device-profiles/catalogue.ts';
import { type Profile, pointsOf } from '../../../../device-profiles/profile.ts';
import type { FoundInstrument } from '../../../scan/report.ts';
import type { Sentence } from '../../../site/check-site.ts';
import type { Site, SiteDocument } from '../../../site/site-schema.ts';
import type { Dialogue } from '../../dialogue.ts';

export type NewInstrument = SiteDocument['instruments'][number];

/** What an instrument is added with unless somebody says otherwise: 15 samples a minute. */
const usualCadence = '4s';

export interface Proposing {
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
  readonly address: number;
  readonly why: Sentence;
}

/**
 * Makes entries for the site file of what was found. What an instrument does not say (which of two profiles, where it
 * measures, the ratio of its transformers) is asked; where nobody is there to ask, it is left out.
 */
export async function proposals(
  found: readonly FoundInstrument[],
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
  instrument: FoundInstrument,
  options: Proposing,
  before: readonly NewInstrument[],
): Promise<NewInstrument | LeftOut> {
  const { address } = instrument;
  const { link, catalogue, site } = options;
  const profile = await chooseProfile(instrument, options);
  if (typeof profile !== 'string') return { address, why: profile };
  const entry = catalogue.find(profile);
  if (!entry) return { address, why: words.noProfile(profile) };
  const place = await choosePlace(entry.profile, address, options);
  if ('en' in place) return { address, why: place };
  const parameters = await askParameters(entry.profile, address, options);
  if ('missing' in parameters) return { address, why: parameters.missing };
  const taken = [...site.instruments, ...before].map(({ id }) => id);
  const stated = Object.keys(parameters.stated).length === 0 ? {} : { parameters: parameters.stated };
  return { id: freeId(profile, taken), profile, link, address, every: usualCadence, ...place, ...stated };
}

async function chooseProfile({ address, best, others }: FoundInstrument, { dialogue }: Proposing) {
  const choices = (best.length > 0 ? best : others).map(({ id }) => id);
  const [only, ...more] = choices;
  if (only === undefined) return words.nothingFits;
  if (!dialogue) return best.length === 1 ? only : best.length > 1 ? words.ambiguous(choices) : words.uncertain;
  const list = choices.map((id, place) => `${place + 1} ${id}`).join(', ');
  const answer = await dialogue.ask(
    more.length === 0 && best.length > 0 ? words.takeOne(address, only) : words.takeWhich(address, list),
  );
  if (/^(y|yes|是)$/i.test(answer ?? '') && more.length === 0) return only;
  const chosen = /^\d+$/.test(answer ?? '') ? choices[Number(answer) - 1] : choices.find((id) => id === answer);
  return chosen ?? words.declined;
}

async function choosePlace(profile: Profile, address: number, { site, point, dialogue }: Proposing) {
  const points = site.points.map(({ id }) => id);
  const channels = [...new Set(pointsOf(profile).flatMap(({ channel }) => channel ?? []))];
  const needsPoint = pointsOf(profile).some(({ channel }) => channel === undefined);
  if (!needsPoint) return dialogue ? askChannels(channels, points, address, dialogue) : words.channels;
  const stated = point ?? (points.length === 1 ? points[0] : undefined);
  if (stated !== undefined && points.includes(stated)) return { point: stated };
  if (!dialogue) return stated === undefined ? words.whichPoint(points) : words.noPoint(stated, points);
  const answer = (await dialogue.ask(words.askPoint(address, points))) ?? '';
  return points.includes(answer) ? { point: answer } : words.noPoint(answer, points);
}

async function askChannels(
  channels: readonly string[],
  points: readonly string[],
  address: number,
  dialogue: Dialogue,
) {
  const mapped: Record<string, string> = {};
  for (const channel of channels) {
    const answer = await dialogue.ask(words.askChannel(address, channel, points));
    if (answer === undefined) return words.declined;
    if (points.includes(answer)) mapped[channel] = answer;
    else if (answer !== '') return words.noPoint(answer, points);
  }
  return Object.keys(mapped).length === 0 ? words.channels : { channels: mapped };
}

/** What only the site knows and the profile has no usual value for. */
async function askParameters(profile: Profile, address: number, { dialogue }: Proposing) {
  const stated: Record<string, number> = {};
  for (const [name, { range, default: usual, ...question }] of Object.entries(profile.parameters)) {
    if (usual !== undefined) continue;
    const answer = await dialogue?.ask(words.askParameter(address, question, range));
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
  takeOne: (address: number, id: string): Sentence => ({
    en: `Add address ${address} as ${id}? [y/N]`,
    zh: `把地址 ${address} 添加为 ${id}？[y/N]`,
  }),
  takeWhich: (address: number, list: string): Sentence => ({
    en: `Add address ${address} as which of: ${list}? A number, or Enter to leave it out`,
    zh: `把地址 ${address} 添加为：${list}？输入编号，直接回车则不添加`,
  }),
  askPoint: (address: number, points: readonly string[]): Sentence => ({
    en: `Which monitoring point does address ${address} serve: ${points.join(', ') || '-'}?`,
    zh: `地址 ${address} 属于哪个监测点位：${points.join('、') || '-'}？`,
  }),
  askChannel: (address: number, channel: string, points: readonly string[]): Sentence => ({
    en: `Which monitoring point does channel ${channel} of address ${address} serve: ${points.join(', ') || '-'}? Enter for none`,
    zh: `地址 ${address} 的通道 ${channel} 属于哪个监测点位：${points.join('、') || '-'}？直接回车则不用`,
  }),
  askParameter: (address: number, question: Sentence, [lowest, highest]: readonly [number, number]): Sentence => ({
    en: `Address ${address}: ${question.en} (${lowest} to ${highest})`,
    zh: `地址 ${address}：${question.zh}（${lowest} 至 ${highest}）`,
  }),
} as const;
