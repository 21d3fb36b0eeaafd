import type { LocalTime, WallTime } from '../../clock.ts';
import type { ChainReport, Finding, FindingKind, ProofReport } from '../../proof/finding.ts';
import { fingerprintOf } from '../../record/key-chain.ts';
import type { Sentence } from '../../site/check-site.ts';
import { table } from '../table.ts';
import { type Language, say } from '../terminal.ts';

const kindWords: Readonly<Record<FindingKind, Sentence>> = {
  altered: {
    en: 'these entries are not the ones that were committed: at least one was changed, swapped, added or removed',
    zh: '这些条目与提交时不一致：至少有一条被修改、调换、添加或删除',
  },
  'hash-changed': {
    en: 'the hash kept after these entries was changed; the entries themselves hold',
    zh: '这些条目之后保存的哈希值被修改；条目本身无误',
  },
  'does-not-follow': {
    en: 'this stretch does not continue the one before it',
    zh: '此段与前一段不衔接',
  },
  lost: {
    en: 'these entries are gone, and nothing accounts for them',
    zh: '这些条目已不存在，且没有任何说明',
  },
  missing: {
    en: 'these sequence numbers are neither here nor accounted for',
    zh: '这些序号既不存在，也没有说明',
  },
  'cut-short': {
    en: 'the end is cut off: there were later entries',
    zh: '末尾被截断：此后还曾有条目',
  },
  'epoch-renamed': {
    en: 'the epoch bears another name than the one it began under',
    zh: '该编号段的名称与开始时不同',
  },
  'epoch-beginning': {
    en: 'the epoch does not begin as an epoch must',
    zh: '该编号段的起始记录不符合要求',
  },
  'epoch-fork': {
    en: 'two epochs claim to follow the same one: the history has forked',
    zh: '两个编号段都自称接续同一编号段：历史已分叉',
  },
  'epoch-list': {
    en: 'the list of epochs and the store do not agree',
    zh: '编号段清单与存储不一致',
  },
  key: {
    en: 'the chain of keys does not hold',
    zh: '密钥链不成立',
  },
  signature: {
    en: 'the signature is not the one of the key that it should be',
    zh: '签名不是由应有的密钥签署',
  },
  file: {
    en: 'the file is not the one that was signed for',
    zh: '文件与签名时不一致',
  },
  unreadable: {
    en: 'this cannot be read: the medium or the file is damaged',
    zh: '无法读取：存储介质或文件已损坏',
  },
};

const streamWords = { records: { en: 'records', zh: '记录' }, samples: { en: 'samples', zh: '原始读数' } } as const;

/** The report in plain words: what was looked at, what holds, what does not and where, and what this cannot show. */
export function reportText(report: ProofReport, localTime: LocalTime, language: Language): string {
  const words = new ReportWords(localTime, language);
  const { chains, findings, more, keys, remarks } = report;
  const parts = [words.chains(chains)];
  for (const [index, { publicKey, at }] of keys.entries()) {
    parts.push(`${words.say({ en: `key ${index + 1}`, zh: `密钥 ${index + 1}` })}  ${fingerprintOf(publicKey)}  ${at}`);
  }
  for (const { en, zh } of remarks) parts.push(words.say({ en: `note: ${en}`, zh: `说明：${zh}` }));
  for (const finding of findings) parts.push('', words.finding(finding));
  if (more > 0) parts.push('', words.say({ en: `and ${more} more`, zh: `另有 ${more} 处` }));
  parts.push('', words.verdict(findings.length + more));
  return parts.join('\n');
}

class ReportWords {
  readonly #localTime: LocalTime;
  readonly #language: Language;

  constructor(localTime: LocalTime, language: Language) {
    this.#localTime = localTime;
    this.#language = language;
  }

  say(sentence: Sentence): string {
    return say(sentence, this.#language);
  }

  chains(chains: readonly ChainReport[]): string {
    const headings =
      this.#language === 'zh'
        ? ['数据流', '编号段', '序号', '自', '至', '已证实', '不在', '结论']
        : ['stream', 'epoch', 'seq', 'from', 'to', 'proven', 'absent', 'chain'];
    const rows = chains.map(({ stream, epoch, first, last, from, to, proven, absent, holds }) => [
      this.say(streamWords[stream]),
      epoch,
      last === 0 ? '-' : `${first}..${last}`,
      this.#time(from),
      this.#time(to),
      String(proven),
      String(absent.reduce((sum, [low, high]) => sum + high - low + 1, 0)),
      this.say(holds ? { en: 'holds', zh: '成立' } : { en: 'DOES NOT HOLD', zh: '不成立' }),
    ]);
    const told = chains.flatMap(({ stream, epoch, absent }) =>
      absent.map(([first, last, reason]) =>
        this.say({
          en: `absent    ${streamWords[stream].en} ${epoch} ${first}..${last}: ${reason}`,
          zh: `不在      ${streamWords[stream].zh} ${epoch} ${first}..${last}：${reason}`,
        }),
      ),
    );
    return [table(headings, rows), ...told].join('\n');
  }

  finding({ kind, stream, epoch, first, last, heldUntil, at, detail }: Finding): string {
    const where = [
      stream === null ? '' : this.say(streamWords[stream]),
      epoch ?? '',
      first === null ? '' : last === null || last === first ? `${first}` : `${first}..${last}`,
    ].filter((part) => part !== '');
    const colon = this.say({ en: ': ', zh: '：' });
    const lines = [`${where.length === 0 ? '-' : where.join(' ')}${colon}${this.say(kindWords[kind])}`, `  ${detail}`];
    const committed = this.#time(at);
    if (at !== null) lines.push(this.say({ en: `  committed ${committed}`, zh: `  提交于 ${committed}` }));
    const held = this.#time(heldUntil);
    if (heldUntil !== null) {
      const en = `  before it the chain holds up to what was committed ${held}; what comes after is judged by itself`;
      lines.push(this.say({ en, zh: `  此前直至 ${held} 提交的内容均成立；此后的内容单独判断` }));
    }
    return lines.join('\n');
  }

  verdict(faults: number): string {
    if (faults > 0) {
      return this.say({ en: `does not hold: ${faults} findings`, zh: `不成立：发现 ${faults} 处问题` });
    }
    return this.say({
      en: 'everything holds. Whoever has the key and rewrites everything after a change is found only by comparing with\nwhat somebody else holds: the platform, or an earlier export.',
      zh: '全部成立。若有人持有密钥并在修改后重写其后的全部内容，只有与他方所持内容（平台或更早的导出）比对才能发现。',
    });
  }

  #time(time: number | null): string {
    return time === null ? '-' : this.#localTime.stamp(time as WallTime);
  }
}
