import type { CommandWords } from './command-words.ts';

export const commandZh: CommandWords = {
  title: '平台指令',
  trial: (from, to, left) => `站点配置 ${to} 正在试运行。若未能连通平台，${left}后恢复为 ${from}。`,
  trialEnds: '现场无需操作，网关会自动判定。',
  kind: {
    'read-now': '立即读取仪器',
    intervals: '调整间隔',
    'site-change': '更改站点配置',
    resend: '补传数据',
    time: '下发时间',
  },
  outcome: { accepted: '执行中', done: '已完成', refused: '已拒绝', failed: '失败' },
};
