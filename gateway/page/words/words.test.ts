import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nextOf } from '../problems/troubles.ts';
import { chosenLanguage, wordsOf } from './language.ts';
import type { Whereabouts } from './reason/words.ts';
import { languages } from './words.ts';

test('a browser that prefers Chinese gets Chinese, any other English', () => {
  expect(chosenLanguage(null, ['zh-Hans-CN', 'en'])).toBe('zh');
  expect(chosenLanguage(null, ['ZH'])).toBe('zh');
  expect(chosenLanguage(null, ['en-GB', 'zh-CN'])).toBe('en');
  expect(chosenLanguage(null, [])).toBe('en');
});

test('the language chosen before holds, unless the page does not speak it', () => {
  expect(chosenLanguage('en', ['zh-CN'])).toBe('en');
  expect(chosenLanguage('fr', ['zh-CN'])).toBe('zh');
});

/** Every text of a language, with what it was called. */
function textsOf(words: object, path = ''): [string, string][] {
  return Object.entries(words).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'string') return [[`${path}${name}`, value]];
    return typeof value === 'object' ? textsOf(value, `${path}${name}.`) : [];
  });
}

describe.each(languages)('in %s', (language) => {
  test('no text is empty', () => {
    const texts = textsOf(wordsOf[language]);
    expect(texts.length).toBeGreaterThan(120);
    expect(texts.filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  test('advice names the address, the settings and the line where they are known, and none where they are not', () => {
    const known: Whereabouts = { link: 'rs485-1', settings: '9600-8N1', address: 7, exception: 2 };
    const { 'no-answer': silent, refused } = wordsOf[language].reason;
    expect(silent.next(known)).toMatch(/7.*9600-8N1.*rs485-1/);
    expect(refused.next(known)).toContain('2');
    const unknown: Whereabouts = { link: 'rs485-1', settings: '', address: null, exception: null };
    for (const { next } of Object.values(wordsOf[language].reason))
      expect(next(unknown)).not.toMatch(/null|undefined|（）|\(\)/);
  });
});

test.each(languages)(
  'in %s advice on a board names its cable and its firmware, and on a node its card, not the two wires of a line',
  (language) => {
    const words = wordsOf[language];
    const where: Whereabouts = { link: 'usb', settings: '', address: null, exception: null, hangsOn: 'firmata' };
    expect(nextOf('no-answer', where, words)).toContain('StandardFirmata');
    expect(nextOf('line-lost', where, words)).toContain('USB');
    expect(nextOf('above-range', where, words)).toBe(words.reason['above-range'].next(where));
    expect(nextOf('no-answer', { ...where, hangsOn: 'serial' }, words)).toBe(words.reason['no-answer'].next(where));
    expect(nextOf('line-lost', { ...where, hangsOn: 'nodes' }, words)).toMatch(/card|卡片/);
  },
);

test('no Chinese text was left in English, nor an English one in Chinese', () => {
  const english = new Map(textsOf(wordsOf.en));
  const same = textsOf(wordsOf.zh).filter(([name, text]) => english.get(name) === text);
  expect(same).toEqual([]);
  expect([...english].filter(([, text]) => /[\u4e00-\u9fff]/.test(text))).toEqual([]);
});

const firmware = join(import.meta.dirname, '../../../edge/node/source');
const reasons = globSync('**/*.ts', { cwd: firmware }).flatMap((file) =>
  [...readFileSync(join(firmware, file), 'utf8').matchAll(/core\.restart\('(\w+)'\)/g)].map(([, why = '']) => why),
);

test.each(languages)(
  'in %s every reason for which a node restarts itself has its words, and every setting',
  (language) => {
    const { startReason, field } = wordsOf[language].nodes;
    expect(reasons).toContain('heap');
    expect(Object.keys(startReason)).toEqual(expect.arrayContaining([...reasons, 'configuration']));
    expect(Object.keys(field)).toEqual(['wifi', 'gateway', 'tls', 'sensor', 'adc', 'period']);
  },
);

test('that a node averages over another time than the site says is told with both times, in the language of the page', () => {
  const rows = readFileSync(join(import.meta.dirname, '../../driver/node/rows/node-rows.ts'), 'utf8');
  const [, template = ''] = /`(averages over [^`]*)`/.exec(rows) ?? [];
  // biome-ignore lint/suspicious/noTemplateCurlyInString: they stand in the text that is read
  const message = template.replace('${length}', '30').replace('${every}', '60');
  expect(wordsOf.zh.nodes.trouble['other-period'].detail?.(message)).toBe(
    '（节点为 30 秒，站点文件为 "every": "60s"）',
  );
});
