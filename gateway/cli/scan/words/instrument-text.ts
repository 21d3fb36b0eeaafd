import type { OrderSuggestion } from '../../../scan/fingerprint/byte-orders.ts';
import type { Fit } from '../../../scan/fingerprint/fit.ts';
import type { FoundMeter } from '../../../scan/meters.ts';
import type { FoundInstrument, ScanReport } from '../../../scan/report.ts';
import type { Sentence } from '../../../site/check-site.ts';
import { type Language, say } from '../../terminal.ts';
import { evidenceText, fitText, valuesText } from './fit-text.ts';

/** Profiles that are told in full where none is told for certain. */
const mostWeak = 3;

/** Which profile an instrument is, in one line. */
export function identityText({ best, others, damaged }: FoundInstrument, language: Language): string {
  if (best.length === 1) return best.map(nameOf).join();
  const list = (fits: readonly Fit[], or: Sentence): string => fits.map(nameOf).join(say(or, language));
  if (best.length > 1) {
    const names = list(best, { en: ' or ', zh: ' 或 ' });
    return say(
      { en: `${names} (what it answers does not tell them apart)`, zh: `${names}（从应答无法区分）` },
      language,
    );
  }
  if (others.length > 0) {
    const names = list(others, { en: ', ', zh: '、' });
    return say({ en: `not told for certain; may be ${names}`, zh: `不能确定；可能是 ${names}` }, language);
  }
  if (damaged > 0)
    return say({ en: 'no profile fits, and answers are garbled', zh: '没有型号符合，且应答有损坏' }, language);
  return say({ en: 'no profile fits', zh: '没有型号符合' }, language);
}

/** What is known of one instrument; `known`: its id in the site file, where it is there. */
export function instrumentText(
  instrument: FoundInstrument,
  { everyAddress }: Pick<ScanReport, 'everyAddress'>,
  known: string | undefined,
  language: Language,
): string {
  const { address } = instrument;
  const what = identityText(instrument, language);
  const site =
    known === undefined ? { en: '', zh: '' } : { en: ` (${known} of the site)`, zh: `（站点中的 ${known}）` };
  const head = { en: `address ${address}${site.en}: ${what}`, zh: `地址 ${address}${site.zh}：${what}` };
  const notes = notesOn(instrument, everyAddress).map((note) => `  ${say(note, language)}`);
  return [say(head, language), ...fits(instrument, language), ...notes].join('\n');
}

/** What is known of a DL/T 645 meter. */
export function meterText({ digits, edition, fits: all }: FoundMeter, language: Language): string {
  const names = all.map(nameOf).join(', ') || '-';
  const head = {
    en: `meter ${digits}, DL/T 645-${edition}: ${names}`,
    zh: `电能表 ${digits}，DL/T 645-${edition}：${names}`,
  };
  const lines = all.flatMap((fit) => [fitText(fit, language), valuesText(fit, language)]);
  return [say(head, language), ...lines.filter((line) => line !== '').map((line) => `    ${line}`)].join('\n');
}

function fits({ best, others, contradicted, orders }: FoundInstrument, language: Language): string[] {
  const shown = best.length > 0 ? best : others.slice(0, mostWeak);
  const lines = shown.flatMap((fit, place) => fitLines(fit, shown[place - 1], language));
  if (best.length > 0 && others.length > 0) {
    const names = others.map(nameOf).join(', ');
    lines.push(`  ${say({ en: `less likely: ${names}`, zh: `可能性较小：${names}` }, language)}`);
  }
  // Where something fits, it is no news that others do not.
  for (const fit of shown.length > 0 ? [] : contradicted) {
    const why = fitText(fit, language);
    lines.push(`  ${say({ en: `not ${nameOf(fit)}: ${why}`, zh: `不是 ${nameOf(fit)}：${why}` }, language)}`);
  }
  return [...lines, ...orders.map((order) => `  ${say(orderText(order), language)}`)];
}

const nameOf = ({ id, variant }: Fit): string => (variant === null || id.includes('@') ? id : `${id} (${variant})`);

/** Of profiles that say the same of it, it is said once. */
function fitLines(fit: Fit, before: Fit | undefined, language: Language): string[] {
  const saidOf = (one: Fit): string[] => [
    `    ${say({ en: `${evidenceText(one, 'en')}: `, zh: `${evidenceText(one, 'zh')}：` }, language)}${fitText(one, language)}`,
    ...[valuesText(one, language)].filter((text) => text !== '').map((text) => `    ${text}`),
  ];
  const said = saidOf(fit);
  const isSame = before !== undefined && saidOf(before).join() === said.join();
  const fitted = fit.fitted.join(', ');
  const optional = {
    en: `    optional sensors that seem to be fitted: ${fitted} (look before you believe it)`,
    zh: `    可能已安装的选配项：${fitted}（请在现场确认）`,
  };
  const name = `  ${nameOf(fit)}  ${fit.name[language]}`;
  return [name, ...(isSame ? [] : said), ...(fitted === '' ? [] : [say(optional, language)])];
}

/** How registers that no profile explains may have to be read. */
function orderText({ functionCode, type, order, values, of }: OrderSuggestion): Sentence {
  const list = values.map(({ register, value }) => `${register}: ${Number(value.toPrecision(6))}`).join(', ');
  const head = `FC${functionCode} ${type} ${order}`;
  return {
    en: `order of the bytes, perhaps ${head}: ${values.length} of ${of} pairs of registers look like measurements (${list})`,
    zh: `字节顺序可能为 ${head}：${of} 对寄存器中 ${values.length} 对像测量值（${list}）`,
  };
}

function notesOn(instrument: FoundInstrument, everyAddress: boolean): Sentence[] {
  const { crcSwapped, damaged, asked, ruledOut, notTried, best, others } = instrument;
  const notes: Sentence[] = [];
  if (everyAddress) {
    notes.push({
      en: 'answers whatever the address is: it is one device',
      zh: '无论询问哪个地址都应答：这是同一台设备',
    });
  }
  if (crcSwapped) notes.push({ en: 'its check sums come high byte first', zh: '其 CRC 高字节在前' });
  if (damaged > 0) {
    notes.push({
      en: `${damaged} of ${asked} questions brought a damaged answer: two with the same address, or a disturbed line?`,
      zh: `${asked} 次询问中 ${damaged} 次应答损坏：是否有两台仪器地址相同，或线路有干扰？`,
    });
  }
  if (ruledOut > 0 && best.length + others.length > 0) {
    notes.push({
      en: `${ruledOut} other profiles are ruled out: it refuses their registers, or keeps silent at them`,
      zh: `已排除其他 ${ruledOut} 个型号（拒绝其寄存器或不应答）`,
    });
  }
  if (notTried > 0 && best.length === 0) {
    notes.push({ en: `${notTried} profiles were not compared`, zh: `${notTried} 个型号未比较` });
  }
  return notes;
}
