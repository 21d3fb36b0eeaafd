import type { Monotonic, WallTime } from '../clock.ts';
import type { ClockSettings } from './settings.ts';
import type { Said, TimeSource } from './trust.ts';

/** How precise the word of a person or of a platform is, milliseconds. */
export const wordOfMouth = { platform: 10_000, technician: 5000 } as const;

/**
 * Nobody is believed who says that so much time has passed since the last record, milliseconds. A platform's own clock
 * is out of our sight; a box that lay in a store room for years gets its time from NTP or from whoever puts it up.
 */
const absurd = { platform: 400 * 86_400_000, technician: 5 * 365.25 * 86_400_000 } as const;

/** The better one corrects the worse one, and one of the same rank the other. */
export const rank: { readonly [source in TimeSource]: number } = {
  technician: 1,
  platform: 1,
  'battery-clock': 2,
  system: 3,
  ntp: 3,
};

export const taken: Said = { en: 'taken', zh: '已采用' };

const tooEarly: Said = { en: 'records later than that exist already', zh: '已有晚于该时间的记录' };
/** Records of the future would else lock everybody out but NTP: a clock was set wrong before. */
const sayAgain: Said = {
  en: `${tooEarly.en}; if it is right all the same, say it once more within five minutes`,
  zh: `${tooEarly.zh}；如确认无误，请在五分钟内再校一次`,
};
const names = { platform: '平台', technician: '现场人员' } as const;
const sources: { readonly [source in TimeSource]: string } = {
  ...names,
  'battery-clock': '电池时钟',
  system: '操作系统',
  ntp: 'NTP',
};

/** A technician who says the same again so soon means it, milliseconds. */
const insistWithin = 300_000;

/** Whether a technician says what he was refused a moment ago. */
export class Insistence {
  #before: { readonly offset: number; readonly at: Monotonic } | null = null;

  /** Takes note of what is said now. */
  says(source: 'platform' | 'technician', time: WallTime, at: Monotonic): boolean {
    if (source !== 'technician') return false;
    const [before, now] = [this.#before, { offset: time - at, at }];
    this.#before = now;
    if (before === null || now.at - before.at > insistWithin) return false;
    return Math.abs(now.offset - before.offset) <= 2 * wordOfMouth.technician;
  }
}

/** What an offered time is judged by. */
interface Judgement {
  readonly also: ClockSettings['also'];
  readonly releasedAt: WallTime;
  /** Nothing is recorded later. */
  readonly notBefore: WallTime;
  /** Who offers it said the same before, and was told what stands against it. */
  readonly insists: boolean;
  /** The time that is trusted already, and by whom; null where none is. */
  readonly trusted: { readonly source: TimeSource; readonly now: WallTime } | null;
}

/** Why a time by word of mouth is not taken; null where it is. */
export function whyRefused(
  source: 'platform' | 'technician',
  time: WallTime,
  { also, releasedAt, notBefore, insists, trusted }: Judgement,
): Said | null {
  if (!also.includes(source)) {
    return {
      en: `the site does not take the time from the ${source} (clock.also)`,
      zh: `站点文件不接受${names[source]}校时（clock.also）`,
    };
  }
  if (trusted !== null && rank[trusted.source] > rank[source]) {
    return {
      en: `the time is trusted already, by something better: ${trusted.source}`,
      zh: `时间已可信，且来源更可靠：${sources[trusted.source]}`,
    };
  }
  if (trusted !== null && Math.abs(time - trusted.now) < wordOfMouth[source]) {
    return {
      en: `it agrees with the time that is trusted already, by ${trusted.source}`,
      zh: `与现有可信时间一致（来源：${sources[trusted.source]}）`,
    };
  }
  if (time < releasedAt) {
    return {
      en: 'this software is newer than that: the time is certainly wrong',
      zh: '早于本软件发布日期：时间肯定有误',
    };
  }
  if (time < notBefore && !(source === 'technician' && insists)) return source === 'technician' ? sayAgain : tooEarly;
  // Before the first record only the age of the software bounds it.
  const farthest = notBefore > releasedAt ? absurd[source] : absurd.technician;
  if (time > notBefore + farthest) {
    const days = Math.round(farthest / 86_400_000);
    return { en: `that is more than ${days} days after the last record`, zh: `比最新记录晚 ${days} 天以上` };
  }
  return null;
}
