import type { Profile } from '../../../device-profiles/profile.ts';
import { type SerialSettings, serialSettingsText } from '../../../device-profiles/serial-settings.ts';
import { characterTimeOf, lineOf, listenFirstOf, type SerialLinkSettings } from '../../link/settings.ts';
import { durationText } from '../../page/format.ts';
import { wordsOf } from '../../page/words/language.ts';
import { Scan } from '../../scan/scan.ts';
import type { Sentence } from '../../site/check-site.ts';
import { Dialogue } from '../dialogue.ts';
import { say, type Terminal } from '../terminal.ts';
import { searchOwnLine } from './own-line.ts';
import type { Search, Searched } from './search.ts';
import type { Target } from './target.ts';

/** A line whose speed can be changed: a port of this machine. */
export type SerialTarget = Target & { readonly settings: SerialLinkSettings };

/** Every speed and parity that a profile states, but for the present one; those that most profiles state come first. */
function otherSpeeds(
  candidates: readonly { readonly profile: Pick<Profile, 'serial'> }[],
  present: SerialSettings,
): SerialSettings[] {
  const times = new Map<string, { readonly settings: SerialSettings; count: number }>();
  for (const { profile } of candidates) {
    for (const settings of profile.serial ? [profile.serial.default, ...profile.serial.alternatives] : []) {
      const text = serialSettingsText(settings);
      const known = times.get(text);
      if (known) known.count += 1;
      else times.set(text, { settings, count: 1 });
    }
  }
  times.delete(serialSettingsText(present));
  return [...times.values()].sort((a, b) => b.count - a.count).map(({ settings }) => settings);
}

/**
 * Searches a line at every other speed, one after the other, once somebody has agreed to it: bytes at a wrong speed are
 * garbage to whoever listens. Undefined where nobody did. Ends at once where another master is heard.
 */
export async function searchOtherSpeeds(
  target: SerialTarget,
  search: Search,
  isAgreed: boolean,
  found: (at: Target, searched: Searched) => void,
  terminal: Terminal,
): Promise<boolean> {
  const speeds = otherSpeeds([...search.candidates, ...(search.meters ?? [])], target.settings);
  if (!(await agrees(target, speeds, search, isAgreed, terminal))) return false;
  for (const speed of speeds) {
    if (search.signal.aborted) break;
    const at = { ...target, settings: { ...target.settings, ...speed } };
    const searched = await searchOwnLine(at, { ...search, isQuick: true }, terminal);
    found(at, searched);
    if (typeof searched.report.ended === 'object') break;
  }
  return true;
}

async function agrees(
  { settings, id }: SerialTarget,
  speeds: readonly SerialSettings[],
  { addresses, candidates, signal }: Search,
  isAgreed: boolean,
  terminal: Terminal,
): Promise<boolean> {
  const time = speeds.reduce((sum, speed) => {
    const characterTime = characterTimeOf(lineOf({ ...settings, ...speed }));
    const options = { addresses, candidates, framing: 'modbus-rtu', characterTime, isQuick: true } as const;
    return sum + listenFirstOf(settings) + Scan.expected(options);
  }, 0);
  const risk = words.risk(id, speeds, time);
  terminal.complain(say(risk, terminal.language));
  if (isAgreed) return true;
  if (!terminal.input.isTTY) {
    terminal.complain(say(words.noTerminal, terminal.language));
    return false;
  }
  const dialogue = new Dialogue(terminal, signal);
  const answer = await dialogue.confirms(words.goOn);
  dialogue.close();
  return answer;
}

const words = {
  risk: (id: string, speeds: readonly SerialSettings[], time: number): Sentence => {
    const list = speeds.map(serialSettingsText).join(', ');
    return {
      en: [
        `${id}: other speeds and parities: ${list}; about ${durationText(time, wordsOf.en)} if nobody answers.`,
        'At a wrong speed an instrument hears garbage. The requests only read, but a cheap instrument that checks little may',
        'take the garbage for a write and change a setting or switch an output. Do this only where nothing on the line',
        'controls anything, or is off.',
      ].join('\n'),
      zh: [
        `${id}：其他速率和校验：${list}；若无应答约需 ${durationText(time, wordsOf.zh)}。`,
        '速率不对时，仪器听到的是乱码。虽然只发送读请求，但校验不严的廉价仪器可能把乱码当成写命令，改动设置或动作输出。',
        '仅当线路上没有任何控制设备（或已断电）时才可这样做。',
      ].join('\n'),
    };
  },
  goOn: { en: 'Try them?', zh: '是否尝试？' },
  noTerminal: {
    en: 'this is no terminal to agree at; --yes says so beforehand. Other speeds were not tried',
    zh: '此处不是终端，无法确认；可用 --yes 预先同意。未尝试其他速率',
  },
} as const;
