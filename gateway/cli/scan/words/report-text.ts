import { durationText } from '../../../page/format.ts';
import { wordsOf } from '../../../page/words/language.ts';
import type { MeterReport } from '../../../scan/meters.ts';
import type { ScanReport } from '../../../scan/report.ts';
import { addressesText } from '../../../scan/walk/addresses.ts';
import type { Sentence } from '../../../site/check-site.ts';
import { type Language, say } from '../../terminal.ts';
import type { OtherMaster, Searched } from '../search.ts';
import { type Target, targetText } from '../target.ts';
import { instrumentText, meterText } from './instrument-text.ts';

/** Addresses with garbled answers that are told one by one; more are the line's fault. */
const mostGarbled = 8;

/** Everything that was found, for a technician to read. */
export function reportText(
  { report, otherMaster, skipped, meters }: Searched,
  target: Target,
  language: Language,
): string {
  const told = [
    summary(report, targetText(target)),
    ...garbled(report),
    ...skippedNotes(skipped, target.known),
    ...(meters ? meterNotes(meters) : []),
    ...notes(report, meters?.meters.length ?? 0),
    ...(otherMaster ? [otherMasterNote(otherMaster)] : []),
  ].map((sentence) => say(sentence, language));
  const [first = '', ...rest] = told;
  const instruments = report.instruments.map((one) =>
    instrumentText(one, report, target.known.get(one.address), language),
  );
  const ofMeters = (meters?.meters ?? []).map((one) => meterText(one, language));
  return [first, ...instruments, ...ofMeters, ...rest].join('\n\n');
}

function summary({ instruments, asked, notAsked, took }: ScanReport, line: string): Sentence {
  const answered = instruments.length;
  const who = answered === 1 ? '1 instrument answered' : `${answered} instruments answered`;
  const addresses = asked.length === 1 ? '1 address' : `${asked.length} addresses`;
  const left = notAsked > 0 ? { en: `, ${notAsked} not asked`, zh: `，${notAsked} 个未询问` } : { en: '', zh: '' };
  return {
    en: `${line}: ${who}; ${addresses} asked${left.en}, in ${durationText(took, wordsOf.en)}`,
    zh: `${line}：${answered} 台仪器应答；询问了 ${asked.length} 个地址${left.zh}，用时 ${durationText(took, wordsOf.zh)}`,
  };
}

function garbled({ garbled: addresses }: ScanReport): Sentence[] {
  if (addresses.length === 0) return [];
  const list = addressesText(addresses);
  if (addresses.length > mostGarbled) {
    return [
      {
        en: `bytes that make no answer came at many addresses (${list}): noise, a line without bias, or another speed or parity`,
        zh: `许多地址（${list}）都收到无法辨认的字节：线路有噪声、缺偏置电阻，或速率、校验不对`,
      },
    ];
  }
  return [
    {
      en: `address ${list}: something answers here, but garbled: two with the same address? Take one off the line and search again`,
      zh: `地址 ${list}：有应答但已损坏，是否有两台仪器地址相同？请断开其中一台再查找`,
    },
  ];
}

function skippedNotes(skipped: readonly number[], known: Target['known']): Sentence[] {
  if (skipped.length === 0) return [];
  const list = skipped.map((address) => `${address} ${known.get(address) ?? ''}`.trim()).join(', ');
  return [{ en: `polled by the gateway and not asked: ${list}`, zh: `由采集网关轮询，未询问：${list}` }];
}

function meterNotes({ meters, isCrowded }: MeterReport): Sentence[] {
  if (isCrowded) return [crowded];
  return meters.length > 0 ? [] : [noMeter];
}

const crowded: Sentence = {
  en: 'Something answered the question to a DL/T 645 meter, but garbled: several at once? Connect one at a time, or read the digits off their plates.',
  zh: '对 DL/T 645 电能表的询问有应答但已损坏：是否有多台同时应答？请逐台连接，或抄录铭牌上的表号。',
};
const noMeter: Sentence = { en: 'No DL/T 645 meter answered.', zh: '没有 DL/T 645 电能表应答。' };

function notes(
  { ended, echo, second, instruments, garbled: { length: damaged } }: ScanReport,
  meters: number,
): Sentence[] {
  const told: Sentence[] = [];
  if (typeof ended === 'object') told.push(refusal(ended));
  if (ended === 'interrupted') {
    told.push({ en: 'The search was broken off; this is what was found so far.', zh: '查找被中断；以上为目前所得。' });
  }
  if (echo) {
    told.push({
      en: 'Our own requests came back: the adapter hears itself.',
      zh: '适配器收到了自己发送的字节（回波）。',
    });
  }
  if (ended !== 'whole' || instruments.length + damaged + meters > 0) return told;
  if (second.asked < second.of) {
    told.push({
      en: `For instruments that are silent at registers they do not have, ${second.asked} of ${second.of} more questions were asked; fewer --addresses leave time for all.`,
      zh: `有些仪器对没有的寄存器不应答，为此又追加询问 ${second.asked} 次（全部需 ${second.of} 次）；缩小 --addresses 可查得更细。`,
    });
  }
  if (second.of === 0) told.push(askedOnce);
  return [...told, nothingFound];
}

const askedOnce: Sentence = {
  en: 'Each address was asked once: some instruments are silent at registers that they do not have, and are found without --quick.',
  zh: '每个地址只询问了一次：有些仪器对没有的寄存器不应答，不加 --quick 才能找到。',
};

const nothingFound: Sentence = {
  en: 'Nothing answered. Look at: power of the instruments; A and B swapped; speed and parity of the line; its port.',
  zh: '没有任何应答。请检查：仪器供电；A、B 线是否接反；速率和校验；端口。',
};

function refusal({ reason, message }: Exclude<ScanReport['ended'], string>): Sentence {
  const words: Readonly<Record<typeof reason, Sentence>> = {
    'other-master': {
      en: 'another master polls this line; it is not disturbed, and nothing is searched for',
      zh: '另有主站在轮询本线路；为免干扰，不再查找',
    },
    'only-listening': {
      en: 'the site file says only to listen on this line ("listen": true)',
      zh: '站点文件规定本线路只旁听（"listen": true）',
    },
    'other-protocol': {
      en: 'an instrument that does not speak Modbus has this line to itself',
      zh: '本线路由一台不使用 Modbus 的仪器独占',
    },
    'line-fault': { en: message, zh: message },
    'line-lost': { en: 'the line was lost', zh: '线路中断' },
    'too-many': { en: 'somebody else searches this line already', zh: '已有人在查找本线路' },
    'not-running': { en: 'the line was stopped', zh: '线路已停止' },
    gateway: { en: message, zh: message },
  };
  return { en: `The search ended: ${words[reason].en}.`, zh: `查找中止：${words[reason].zh}。` };
}

/** Whom another master was heard to ask on a line on which nothing was sent. */
function otherMasterNote({ asked, answering }: OtherMaster): Sentence {
  if (answering === null) {
    const list = addressesText(asked) || '-';
    return { en: `Another master was heard to ask address ${list}.`, zh: `听到另一主站询问地址 ${list}。` };
  }
  const silent = asked.filter((address) => !answering.includes(address));
  const [answers, keeps] = [addressesText(answering) || '-', addressesText(silent) || '-'];
  return {
    en: `Another master was heard to ask; answering: address ${answers}; not answering: address ${keeps}.`,
    zh: `听到另一主站询问：有应答的地址 ${answers}；无应答的地址 ${keeps}。`,
  };
}
