import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Terminal } from '../../terminal.ts';
import { newConfiguration } from './new-configuration.ts';
import { Questions } from './questions.ts';

function asked(answers: string, language: Terminal['language'] = 'en') {
  const input = new PassThrough();
  input.end(answers);
  const told: string[] = [];
  const say = (text: string): void => void told.push(text);
  const terminal: Terminal = { language, input: input as never, print: say, complain: say };
  return {
    told,
    document: newConfiguration({ others: {} }, {}, new Questions(terminal, new AbortController().signal)),
  };
}

test('an answer that cannot be is asked for again, with what is wanted, and no secret is repeated', async () => {
  const answers = ['工地', 'short', 'quiet-lake', '10.42.0.1:one', '10.42.0.1', 'plantowr', 'none', 'none', 'loop'];
  const { told, document } = asked(`${answers.join('\n')}\n`, 'zh');
  expect(await document).toEqual({
    ...{ wifi: ['工地', 'quiet-lake'], gateway: ['10.42.0.1', 1883], tls: false, sensor: 'none', adc: 'loop' },
    ...{ period: 60, version: 1 },
  });
  expect(told.filter((text) => /^(?:8 到 63|请输入)/.test(text))).toEqual([
    '8 到 63 个字符，开放网络则留空',
    '请输入名称或地址，端口不同时加端口：10.42.0.1:1883',
    '请输入 plantower、nova 或 none',
    '请输入 loop、clamp 或 sharp；否则没有可测的',
  ]);
  expect(told.join()).not.toMatch(/short|quiet-lake/);
});

test('without a right answer to the end nothing is made', async () => {
  expect(await asked('site-nodes\nshort\n').document).toBeUndefined();
});
