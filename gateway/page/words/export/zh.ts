import type { ExportWords } from '../export/words.ts';

export const exportZh: ExportWords = {
  problem: (days, from) => `有 ${days} 天的记录尚未导出或被平台确认，将自 ${from} 起被清除`,
  leaving: (days, since, from, by) =>
    `自 ${since} 起 ${days} 天的记录尚未导出或被平台确认；自 ${from} 起将因${by === 'age' ? '超过保存期限' : '空间不足'}被清除。`,
  command: (since) => `在网关上执行：fenceline export --site 站点目录 --out /media/usb/records --from ${since}`,
  download: '下载记录',
  what: '内容',
  minutesOf: (factor) => `分钟值：${factor}`,
  events: '事件与缺失时段',
  firstDay: '起始日',
  lastDay: '截止日',
  save: '保存为 CSV',
};
