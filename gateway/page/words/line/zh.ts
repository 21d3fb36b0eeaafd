import type { LineWords } from '../line/words.ts';

export const lineZh: LineWords = {
  transactions: '报文',
  transactionsOf: (count) => `报文 ${count} 条`,
  request: '请求',
  answer: '应答',
  pause: '暂停',
  goOn: '继续',
  paused: '已暂停，不再显示新的报文。',
  save: '保存为文本',
  notFetched: '未能从采集网关取得报文，正在重试…',
  notShown: (count) => `更早的 ${count} 条未显示；导出的文本含最近 200 条。`,
  omitted: (count) => `此前还有 ${count} 条未显示。`,

  facts: (facts) => facts.join('；'),
  named: (name, value) => `${name}：${value}`,
  search: '搜索',
  slave: (address) => (address === null ? '主动上报' : `从站地址 ${address}`),
  connection: (generation) => `第 ${generation} 次连接`,
  exception: (refused, code) => `${refused}（异常码 ${code}）`,
  firstByte: (time) => `首字节 ${time}`,
  lastByte: (time) => `末字节 ${time}`,
  longestGap: (time) => `最长间隔 ${time}`,
  bytesCame: (came, expected) => (expected === null ? `收到 ${came} 字节` : `收到 ${came} 字节，应为 ${expected}`),
  inAll: (time) => `共 ${time}`,
  moreBytes: (count) => `另有 ${count} 字节`,
  junkBefore: (count) => `帧前杂字节 ${count} 个`,
  junkAfter: (count) => `帧后杂字节 ${count} 个`,
  echoed: (count) => `回波 ${count} 字节`,
  late: (count) => `上次请求的应答迟到 ${count} 字节`,

  silence: {
    listening: '先监听线路，以免干扰其他主站；几秒后开始轮询。',
    notUnderstood: (junk) =>
      `开始轮询前听到 ${junk} 不成 Modbus 帧的数据：可能是干扰，也可能有人用其他串口参数；请核对波特率和校验位。`,
    otherMaster: (asked) =>
      `另有主站在轮询本线路（从站地址 ${asked}）。为不干扰它，采集网关不发送任何数据，只取用旁听到的值。请查明线路归谁使用；若长期如此，请为本链路设置 "listen": true，否则改用其他线路。`,
    onlyListening: '按站点文件设置，采集网关在本线路上只旁听、不发送。',
    onlyListeningTo: (asked) => `按站点文件设置，采集网关在本线路上只旁听、不发送。已听到对从站地址 ${asked} 的请求。`,
  },

  recent: '各从站最近 100 次请求',
  slaveAddress: '从站地址',
  requests: '请求',
  response: '应答时间',
  responseOf: (median, largest) => `${median}，最长 ${largest}`,
  junkBytes: '杂字节',
  echoes: '回波',
  lateAnswers: '迟到',
  hearsItself: (share) =>
    `转换器会收到自己发出的请求：最近的请求有 ${share} 带回波。网关会剔除回波，只要有应答就不影响数据。`,

  readNow: '立即读取',
  reading: '正在等待线路和仪器…',
  readAt: (time, took) => `${time} 读取，用时 ${took}`,
  close: '关闭',
  noReading: {
    notAllowed: '此账户只能查看，不能读取。请以技术员或管理员登录。',
    leftOut: '该仪器未投入运行：站点文件有误。',
    tooMany: '等待读取的请求太多，请几秒后再试。',
    notRunning: '该线路未运行，采集网关正在停止。请在启动后再试。',
    noTime: '30 秒内线路没有空闲。线路可能过载，或只监听不发送。',
  },

  text: {
    title: 'Fenceline 线路报文',
    version: '软件版本',
    line: '通讯线路',
    timezone: '时区',
    madeAt: '导出时间',
    held: (held, total, since) => `自 ${since} 起共 ${total} 条，以下为最新的 ${held} 条，新的在后。`,
    lastRequests: (count) => `最近 ${count} 次请求`,
    sinceStart: (count) => `启动以来 ${count} 次`,
  },
};
