import type { CommandWords } from '../command/words.ts';

export const commandZh: CommandWords = {
  title: '平台指令',
  trial: (from, to, left) => `站点配置 ${to} 正在试运行。若未能连通平台，${left}后恢复为 ${from}。`,
  trialEnds: '现场无需操作，网关会自动判定。',
  retiring: (uplink, since) => `平台已于 ${since} 停用上传 ${uplink}，积存数据仍在发送。`,
  retired: (uplink, since) => `平台已于 ${since} 停用上传 ${uplink}，数据已全部送达，不再发送。`,
  notReading: '已无平台需要本网关的数据：停止读取仪器，存储保留。',
  resume: '如需恢复，请在本机执行：fenceline resume --site 站点目录',
  kind: {
    'read-now': '立即读取仪器',
    intervals: '调整间隔',
    'site-change': '更改站点配置',
    retire: '停用',
    resend: '补传数据',
    time: '下发时间',
  },
  outcome: { accepted: '执行中', done: '已完成', refused: '已拒绝', failed: '失败' },
};
