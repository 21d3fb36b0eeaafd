import { durationText } from '../../page/format.ts';
import { wordsOf } from '../../page/words/language.ts';
import { addressesText } from '../../scan/addresses.ts';
import type { OrderSuggestion } from '../../scan/fingerprint/byte-orders.ts';
import type { Fit } from '../../scan/fingerprint/fit.ts';
import type { FoundInstrument, ScanReport } from '../../scan/report.ts';
import type { Language } from '../terminal.ts';
import { evidenceText, fitText, valuesText } from './fit-text.ts';
import type { OtherMaster } from './own-line.ts';

/** Addresses with garbled answers that are told one by one; more are the line's fault. */
const mostGarbled = 8;

/** Which profiles an instrument is, in one line. */
export function identityText({ best, others }: FoundInstrument, language: Language): string {
  const zh = language === 'zh';
  if (best.length > 0) {
    const names = best.map(nameOf).join(zh ? ' 或 ' : ' or ');
    if (best.length === 1) return names;
    return zh ? `${names}（从应答无法区分）` : `${names} (what it answers does not tell them apart)`;
  }
  if (others.length === 0) return zh ? '没有型号符合' : 'no profile fits';
  const names = others.map(nameOf).join(zh ? '、' : ', ');
  return zh ? `不能确定；可能是 ${names}` : `not told for certain; may be ${names}`;
}

/** Everything that was found, for a technician to read. */
export function reportText(report: ScanReport, line: string, language: Language): string {
  return [
    summary(report, line, language),
    ...report.instruments.map((one) => instrumentText(one, report, language)),
    ...garbledText(report, language),
    ...notes(report, language),
  ].join('\n\n');
}

function summary({ instruments, asked, notAsked, took }: ScanReport, line: string, language: Language): string {
  const time = durationText(took, wordsOf[language]);
  const answered = instruments.length;
  if (language === 'zh') {
    const left = notAsked > 0 ? `，${notAsked} 个未询问` : '';
    return `${line}：${answered} 台仪器应答；询问了 ${asked.length} 个地址${left}，用时 ${time}`;
  }
  const left = notAsked > 0 ? `, ${notAsked} not asked` : '';
  const who = answered === 1 ? '1 instrument answered' : `${answered} instruments answered`;
  const addresses = asked.length === 1 ? '1 address' : `${asked.length} addresses`;
  return `${line}: ${who}; ${addresses} asked${left}, in ${time}`;
}

function instrumentText(instrument: FoundInstrument, { everyAddress }: ScanReport, language: Language): string {
  const zh = language === 'zh';
  const { address, best, others, contradicted, crcSwapped, damaged, asked, ruledOut, notTried } = instrument;
  const lines = [
    zh
      ? `地址 ${address}：${identityText(instrument, language)}`
      : `address ${address}: ${identityText(instrument, language)}`,
  ];
  for (const fit of best) lines.push(...fitLines(fit, language));
  if (best.length === 0) for (const fit of others) lines.push(...fitLines(fit, language));
  else if (others.length > 0)
    lines.push(
      zh ? `  可能性较小：${others.map(nameOf).join('、')}` : `  less likely: ${others.map(nameOf).join(', ')}`,
    );
  if (best.length + others.length === 0) {
    for (const fit of contradicted) {
      const why = fitText(fit, language);
      lines.push(zh ? `  不是 ${nameOf(fit)}：${why}` : `  not ${nameOf(fit)}: ${why}`);
    }
  }
  for (const order of instrument.orders) lines.push(`  ${orderText(order, language)}`);
  if (everyAddress)
    lines.push(zh ? '  无论询问哪个地址都应答：这是同一台设备' : '  answers whatever the address is: it is one device');
  if (crcSwapped) lines.push(zh ? '  其 CRC 高字节在前' : '  its check sums come high byte first');
  if (damaged > 0) {
    lines.push(
      zh
        ? `  ${asked} 次应答中 ${damaged} 次损坏：是否有两台仪器地址相同，或线路有干扰？`
        : `  ${damaged} of ${asked} answers were damaged: two with the same address, or a disturbed line?`,
    );
  }
  const ruled = zh
    ? `  已排除 ${ruledOut} 个型号（拒绝其寄存器或不应答）`
    : `  ${ruledOut} profiles are ruled out: it refuses their registers, or keeps silent at them`;
  if (ruledOut > 0) lines.push(ruled);
  if (notTried > 0) lines.push(zh ? `  ${notTried} 个型号未比较` : `  ${notTried} profiles were not compared`);
  return lines.join('\n');
}

const nameOf = ({ id, variant }: Fit): string => (variant === null || id.includes('@') ? id : `${id} (${variant})`);

function fitLines(fit: Fit, language: Language): string[] {
  const values = valuesText(fit, language);
  const zh = language === 'zh';
  const lines = [
    `  ${nameOf(fit)}  ${fit.name[language]}`,
    `    ${evidenceText(fit, language)}${zh ? '：' : ': '}${fitText(fit, language)}`,
  ];
  if (values !== '') lines.push(`    ${values}`);
  if (fit.fitted.length > 0) {
    const list = fit.fitted.join(', ');
    lines.push(
      zh
        ? `    可能已安装的选配项：${list}（请在现场确认）`
        : `    optional sensors that seem to be fitted: ${list} (look before you believe it)`,
    );
  }
  return lines;
}

/** Whom another master was heard to ask on a line on which nothing was sent. */
export function otherMasterText({ asked, answering }: OtherMaster, language: Language): string {
  const silent = asked.filter((address) => !answering.includes(address));
  const [answers, keeps] = [addressesText(answering) || '-', addressesText(silent) || '-'];
  return language === 'zh'
    ? `听到另一主站询问：有应答的地址 ${answers}；无应答的地址 ${keeps}`
    : `Another master was heard to ask; answering: address ${answers}; not answering: address ${keeps}`;
}

/** How registers that no profile explains may have to be read. */
function orderText({ functionCode, type, order, values, of }: OrderSuggestion, language: Language): string {
  const list = values.map(({ register, value }) => `${register}: ${Number(value.toPrecision(6))}`).join(', ');
  const head = `FC${functionCode} ${type} ${order}`;
  if (language === 'zh') return `字节顺序建议 ${head}：${of} 对寄存器中 ${values.length} 对看起来像测量值（${list}）`;
  return `order of the bytes, perhaps ${head}: ${values.length} of ${of} pairs of registers look like measurements (${list})`;
}

function garbledText({ garbled }: ScanReport, language: Language): string[] {
  if (garbled.length === 0) return [];
  const list = addressesText(garbled);
  if (garbled.length > mostGarbled) {
    return [
      language === 'zh'
        ? `许多地址（${list}）都收到无法辨认的字节：线路有噪声、缺偏置电阻，或速率、校验不对`
        : `bytes that make no answer came at many addresses (${list}): noise, a line without bias, or another speed or parity`,
    ];
  }
  return [
    language === 'zh'
      ? `地址 ${list}：有应答但已损坏，是否有两台仪器地址相同？请断开其中一台再查找`
      : `address ${list}: something answers here, but garbled: two with the same address? Take one off the line and search again`,
  ];
}

function notes({ ended, echo, second, instruments, garbled }: ScanReport, language: Language): string[] {
  const zh = language === 'zh';
  const told: string[] = [];
  if (typeof ended === 'object') told.push(refusalText(ended, language));
  if (ended === 'interrupted')
    told.push(zh ? '查找被中断；以上为目前所得' : 'the search was broken off; this is what was found so far');
  if (echo)
    told.push(zh ? '适配器收到了自己发送的字节（回波）' : 'our own requests came back: the adapter hears itself');
  if (ended === 'whole' && second.asked < second.of && instruments.length + garbled.length === 0) {
    told.push(
      zh
        ? `对不应答未知寄存器的仪器又追加了 ${second.asked} 次询问，全部需 ${second.of} 次；缩小 --addresses 可查得更细`
        : `for instruments that are silent at registers they do not have, ${second.asked} of ${second.of} more questions were asked; fewer --addresses leave time for all`,
    );
  }
  if (ended === 'whole' && instruments.length + garbled.length === 0) told.push(nothingFound[language]);
  return told;
}

function refusalText({ reason, message }: Exclude<ScanReport['ended'], string>, language: Language): string {
  const words: Readonly<Record<typeof reason, Record<Language, string>>> = {
    'other-master': {
      en: 'another master polls this line; it is not disturbed, and nothing is searched for',
      zh: '另有主站在轮询本线路；为免干扰，不再查找',
    },
    'only-listening': {
      en: 'the site file says only to listen on this line ("listen": true)',
      zh: '站点文件规定本线路只旁听（"listen": true）',
    },
    unasked: {
      en: 'an instrument that sends by itself has this line to itself',
      zh: '本线路由一台自行发送的仪器独占',
    },
    'line-fault': { en: message, zh: message },
    'line-lost': { en: 'the line was lost', zh: '线路中断' },
    'too-many': { en: 'somebody else searches this line already', zh: '已有人在查找本线路' },
    'not-running': { en: 'the line was stopped', zh: '线路已停止' },
    gateway: { en: message, zh: message },
  };
  return language === 'zh' ? `查找中止：${words[reason].zh}` : `The search ended: ${words[reason].en}.`;
}

const nothingFound = {
  en: 'Nothing answered. Look at: power of the instruments; A and B swapped; speed and parity (--also-speeds tries others); the link’s path.',
  zh: '没有任何应答。请检查：仪器供电；A、B 线是否接反；速率和校验（--also-speeds 可尝试其他设置）；链路的端口路径。',
};
