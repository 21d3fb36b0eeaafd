import type { CommandWords } from './command-words.ts';

export const commandZh: CommandWords = {
  title: '平台指令',
  kind: {
    'read-now': '立即读取仪器',
    resend: '补传数据',
    time: '下发时间',
  },
  outcome: { accepted: '执行中', done: '已完成', refused: '已拒绝', failed: '失败' },
};
