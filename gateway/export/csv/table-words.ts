/** Headings of tables, in both languages. */
export interface TableWords {
  readonly start: string;
  readonly time: string;
  readonly end: string;
  readonly offset: string;
  readonly point: string;
  readonly average: string;
  readonly reading: string;
  readonly value: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly total: string;
  readonly count: string;
  readonly expected: string;
  readonly flag: string;
  readonly reason: string;
  readonly basis: string;
  readonly origin: string;
  readonly revision: string;
  readonly late: string;
  readonly epoch: string;
  readonly seq: string;
  readonly kind: string;
  readonly what: string;
  readonly factor: string;
  readonly instrument: string;
  readonly who: string;
  readonly details: string;
}

export const tableWords: Readonly<Record<'zh' | 'en', TableWords>> = {
  en: {
    start: 'start (local time)',
    time: 'time (local time)',
    end: 'end (local time)',
    offset: 'offset',
    point: 'point',
    average: 'average',
    reading: 'last reading',
    value: 'value',
    minimum: 'minimum',
    maximum: 'maximum',
    total: 'increase',
    count: 'values',
    expected: 'values expected',
    flag: 'flag (HJ 212)',
    reason: 'reason',
    basis: 'basis',
    origin: 'origin',
    revision: 'revision',
    late: 'late (1: recorded more than 5 min after its end)',
    epoch: 'epoch',
    seq: 'sequence number',
    kind: 'kind',
    what: 'what',
    factor: 'factor',
    instrument: 'instrument',
    who: 'who',
    details: 'details',
  },
  zh: {
    start: '开始时间（当地）',
    time: '时间（当地）',
    end: '结束时间（当地）',
    offset: '时区',
    point: '监测点位',
    average: '均值',
    reading: '末次读数',
    value: '数值',
    minimum: '最小值',
    maximum: '最大值',
    total: '增量',
    count: '有效个数',
    expected: '应有个数',
    flag: '数据标记（HJ 212）',
    reason: '原因',
    basis: '依据',
    origin: '来源',
    revision: '修订号',
    late: '迟记（1：结束 5 分钟后才记录）',
    epoch: '编号段',
    seq: '序号',
    kind: '类别',
    what: '内容',
    factor: '因子',
    instrument: '仪器',
    who: '操作者',
    details: '详情',
  },
};
