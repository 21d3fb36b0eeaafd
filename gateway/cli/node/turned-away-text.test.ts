import { expect, test } from 'vitest';
import { turnedAwayText } from './turned-away-text.ts';

const one = { why: 'wrong-password', node: 'esp-1', chip: '7f3a12', address: '10.42.0.17', count: 3 } as const;
const last = '2026-11-24T08:19:59.500+08:00';

test('who was turned away is told with what to do, in both languages', () => {
  expect(turnedAwayText([{ ...one, last }], 'en')).toEqual([
    '',
    'Turned away:',
    '  esp-1 7f3a12 10.42.0.17: wrong password, 3 times, 2026-11-24 08:19',
    '    If it is one of this site, adopt it anew; else somebody uses its name.',
  ]);
  expect(turnedAwayText([{ ...one, node: null, chip: null, count: 1, last }], 'zh')).toEqual([
    '',
    '被拒绝的连接：',
    '  未报名称 10.42.0.17：密码错误，2026-11-24 08:19',
    '    若是本站节点，请重新接入；否则有设备在冒用此名称。',
  ]);
  expect(turnedAwayText([], 'en')).toEqual([]);
});
