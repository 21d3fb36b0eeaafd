/** What a technician reads where the store began a numbering of its own: what was found, and what to do. */
export interface ApartWords {
  readonly 'another-machine': { readonly what: string; readonly next: string };
  readonly 'another-writer': { readonly what: string; readonly next: string };
}

export const apartEn: ApartWords = {
  'another-machine': {
    what: 'This site was set up on another machine: the card was moved or copied',
    next: 'If the box was replaced, all is well. If the card was copied, stop one of the two gateways: both report under one name.',
  },
  'another-writer': {
    what: 'A platform has records under this gateway’s name that it never made',
    next: 'Either an older copy of the card was put back, or a second gateway runs with this one’s name and key. Find it and stop it; what both recorded is kept.',
  },
};

export const apartZh: ApartWords = {
  'another-machine': {
    what: '本站点原在另一台设备上运行：存储卡被移装或复制',
    next: '若是更换了设备，属正常情况。若是复制了存储卡，请停用其中一台采集网关：两台正以同一名称上报。',
  },
  'another-writer': {
    what: '平台收到了以本采集网关名义上报、但并非本机产生的记录',
    next: '可能是装回了较旧的存储卡副本，或另有一台采集网关使用相同的名称和密钥。请找到并停用；双方的记录均保留。',
  },
};
