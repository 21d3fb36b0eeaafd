import type { PaceWords } from '../pace/words.ts';

export const paceZh: PaceWords = {
  drainsIn: (time) => `预计 ${time}后补完`,
  drainUnknown: '补完时间尚不清楚',
  drainsLater: '恢复连接后补传',
  turnIn: (time) => `${time}后开始补传`,
  waitsForMonth: '等待流量余量',
  ageUnknown: '时长不明',
  and: '，',
  roomUnknown: '剩余空间够用多久尚不清楚',
  roomFor: (time) => `剩余空间可存 ${time}`,
  order: '新的分钟数据先发；积压的随后补传，从最早的开始，并标记为补传。',
  opensAt: (time) => `${time} 起发送`,
  waits: {
    spread: '断网恢复后，积压数据错峰补传，避免全区网关同时开始。',
    month: '积压数据暂缓：本月流量暂无余量。新的分钟数据照常发送。',
  },
  late: '补传',
  rate: '线路速率',
  month: (month) => `${month} 流量（估算）`,
  monthOf: (used, limit) => `${used}，共 ${limit}`,
  usedUp: (uplink) => `上传 ${uplink} 本月流量已用完`,
};
