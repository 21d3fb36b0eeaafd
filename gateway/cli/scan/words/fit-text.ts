import { factors } from '../../../../device-profiles/factors.ts';
import { valueText } from '../../../page/format.ts';
import type { Fit, FitValue } from '../../../scan/fingerprint/fit.ts';
import type { Relation } from '../../../scan/fingerprint/relations.ts';
import type { Language } from '../../terminal.ts';

/** Values that are shown, for somebody to compare with what the instrument displays. */
const mostShown = 6;

/** How well an instrument fits a profile, in words: what was looked at, and how it came out. */
export function fitText(fit: Fit, language: Language): string {
  const parts = [counts(fit, language), ...relations(fit, language), ...implausible(fit, language)];
  if (fit.refused.length > 0) {
    const registers = fit.refused.length;
    parts.push(language === 'zh' ? `${registers} 个寄存器被拒绝` : `${registers} of its registers are refused`);
  }
  return parts.join(language === 'zh' ? '；' : '; ');
}

/** The values themselves: `A相电压 231.2 V`. */
export function valuesText({ values }: Fit, language: Language): string {
  const shown = values.filter(({ verdict, value }) => verdict === 'plausible' && value !== null).slice(0, mostShown);
  return shown.map((one) => shownValue(one, language)).join(language === 'zh' ? '，' : ', ');
}

/** How much the fit says: by chance such answers are rare, or they are met anywhere. */
export function evidenceText({ score }: Fit, language: Language): string {
  const words = {
    strong: { zh: '证据充分', en: 'strong evidence' },
    good: { zh: '证据较充分', en: 'good evidence' },
    some: { zh: '有一定证据', en: 'some evidence' },
    little: { zh: '证据很少：别的仪器也可能这样应答', en: 'little evidence: other instruments may answer like this' },
  };
  const strength = score >= 40 ? 'strong' : score >= 20 ? 'good' : score >= 8 ? 'some' : 'little';
  return words[strength][language];
}

function counts({ values }: Fit, language: Language): string {
  const count = (verdict: FitValue['verdict']): number => values.filter((one) => one.verdict === verdict).length;
  const [plausible, wrong, zero, none] = [count('plausible'), count('implausible'), count('zero'), count('none')];
  const judged = plausible + wrong;
  if (language === 'zh') {
    const parts = [judged === 0 ? '没有可判断的数值' : `${judged} 个数值中 ${plausible} 个合理`];
    if (zero > 0) parts.push(`${zero} 个读数为 0（不说明问题）`);
    if (none > 0) parts.push(`${none} 个无数值`);
    return parts.join('，');
  }
  const parts = [judged === 0 ? 'no value that could be judged' : `${plausible} of ${judged} values plausible`];
  if (zero > 0) parts.push(`${zero} read 0, which says nothing`);
  if (none > 0) parts.push(`${none} without a value`);
  return parts.join(', ');
}

function relations({ relations: all }: Fit, language: Language): string[] {
  const kinds = Map.groupBy(all, ({ kind }) => kind);
  return [...kinds.values()].map((alike) => {
    const worst = alike.reduce((one, other) => (other.deviation > one.deviation ? other : one));
    return relation(worst, language);
  });
}

function relation({ kind, deviation, agrees }: Relation, language: Language): string {
  const names: Readonly<Record<Relation['kind'], Record<Language, readonly [string, string]>>> = {
    power: { en: ['P', 'U x I x PF'], zh: ['有功功率', 'U×I×PF'] },
    apparent: { en: ['S', 'U x I'], zh: ['视在功率', 'U×I'] },
    sum: { en: ['P', 'the sum of its phases'], zh: ['总有功功率', '各相之和'] },
    energy: { en: ['total energy', 'import and export'], zh: ['总电能', '正反向电能'] },
    particles: { en: ['PM', 'the order of its sizes'], zh: ['各粒径 PM', '粒径大小顺序'] },
    wind: { en: ['wind force', 'wind speed'], zh: ['风力等级', '风速'] },
  };
  const [one, other] = names[kind][language];
  if (kind === 'wind' || kind === 'particles') {
    if (language === 'zh') return `${one}与${other}${agrees ? '相符' : '不符'}`;
    return agrees ? `${one} agrees with ${other}` : `${one} does not agree with ${other}`;
  }
  const percent = Math.max(1, Math.ceil(deviation * 100 - 1e-6));
  if (language === 'zh') return agrees ? `${one}与${other}相差不到 ${percent}%` : `${one}与${other}相差 ${percent}%`;
  return agrees ? `${one} agrees with ${other} within ${percent} %` : `${one} is ${percent} % off ${other}`;
}

function implausible({ values }: Fit, language: Language): string[] {
  const wrong = values.filter(({ verdict }) => verdict === 'implausible').slice(0, 3);
  if (wrong.length === 0) return [];
  const list = wrong.map((one) => shownValue(one, language)).join(language === 'zh' ? '，' : ', ');
  return [language === 'zh' ? `不合理：${list}` : `implausible: ${list}`];
}

function shownValue({ factor, value }: FitValue, language: Language): string {
  const { unit, decimals, ...names } = factors[factor];
  const isRound = value === null || (Math.abs(value) >= 10 ** -decimals && Math.abs(value) < 1e9);
  const number = isRound ? valueText(value, decimals) : value.toPrecision(3);
  return `${names[language]} ${number} ${unit}`.trim();
}
