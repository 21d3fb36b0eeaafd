import type { Said } from './trust.ts';

/** Why the time is known or is not, and what to do; `next` is null where nothing has to be done. */
export interface ClockReason {
  readonly why: Said;
  readonly next: Said | null;
}

const sayTheTime: Said = {
  en: 'Nothing is lost while it waits. Or log in as a technician and give it the time of your phone.',
  zh: '等待期间数据不会丢失。也可以现场人员身份登录，用手机时间校时。',
};

const andSayTheTime = (remedy: Said): Said => ({
  en: `${remedy.en} ${sayTheTime.en}`,
  zh: `${remedy.zh}${sayTheTime.zh}`,
});

export const starting: ClockReason = {
  why: { en: 'nobody has been asked yet', zh: '尚未询问任何时间来源' },
  next: null,
};

export const system: ClockReason = {
  why: {
    en: 'the time of the operating system counts as right: "clock.trust" of the site file is "system", as it is where nothing else stands there',
    zh: '采用操作系统时间：站点文件的 clock.trust 为 "system"（未写时即是）',
  },
  next: null,
};

export const ntp = (service: string): ClockReason => ({
  why: {
    en: service === 'kernel' ? 'an NTP service keeps the system clock' : `${service} keeps the system clock by NTP`,
    zh: service === 'kernel' ? '系统时钟由 NTP 服务校准' : `系统时钟由 ${service} 通过 NTP 校准`,
  },
  next: null,
});

export const withoutNtp: ClockReason = {
  why: {
    en: 'NTP set the clock in this run and is not heard at present; the clock runs on by itself',
    zh: '本次运行中 NTP 已校准过时钟，目前收不到 NTP，时钟自行走时',
  },
  next: {
    en: 'Check the network, and that UDP port 123 is let through; the error grows by up to 9 s a day.',
    zh: '请检查网络，并放行 UDP 123 端口；误差每天最多增加 9 秒。',
  },
};

const untilNtp: Said = {
  en: 'Check the network, and that UDP port 123 is let through: NTP will correct this time.',
  zh: '请检查网络，并放行 UDP 123 端口：NTP 收到后会修正此时间。',
};

export const told = {
  platform: { why: { en: 'the platform told the time', zh: '时间由平台下发' }, next: untilNtp },
  technician: { why: { en: 'a technician told the time', zh: '时间由现场人员给出' }, next: untilNtp },
} as const satisfies Record<string, ClockReason>;

export const noNtp: ClockReason = {
  why: { en: 'no NTP service answers on this machine', zh: '本机没有可用的 NTP 服务' },
  next: andSayTheTime({
    en: 'Install chrony, or switch systemd-timesyncd on.',
    zh: '请安装 chrony，或启用 systemd-timesyncd。',
  }),
};

export const notSynchronized = (service: string): ClockReason => ({
  why: {
    en: `${service === 'kernel' ? 'the NTP service' : service} has not heard a time server yet`,
    zh: `${service === 'kernel' ? 'NTP 服务' : service} 尚未收到时间服务器应答`,
  },
  next: andSayTheTime({
    en: 'Check the network, and that UDP port 123 is let through.',
    zh: '请检查网络，并放行 UDP 123 端口。',
  }),
});

const setIt: Said = {
  en: 'Let NTP set the clock of this machine, or set it by hand: date -s.',
  zh: '请让 NTP 校准本机时钟，或手动设置：date -s。',
};

export const beforeRelease: ClockReason = {
  why: {
    en: 'the system clock stands before this software was made: it was never set',
    zh: '系统时钟早于本软件发布日期：从未校准过',
  },
  next: andSayTheTime(setIt),
};

export const ranBackwards: ClockReason = {
  why: {
    en: 'the clock stands before the newest record: it was off, or was set back',
    zh: '时钟早于最新记录：可能断电停走，或被调回',
  },
  next: andSayTheTime(setIt),
};

export const setBeforeRelease: ClockReason = {
  why: {
    en: 'the system clock was set to before this software was made; we went on with our own time',
    zh: '系统时钟被调到本软件发布日期之前；网关沿用自己的时间',
  },
  next: setIt,
};

export const setWithoutNtp: ClockReason = {
  why: {
    en: 'the system clock was set without a word of NTP; we go on with our own time until NTP says which is right',
    zh: '系统时钟被改动但未经 NTP 确认；在 NTP 确认之前沿用网关自己的时间',
  },
  next: {
    en: 'Find out who set the clock of this machine, and leave that to NTP.',
    zh: '请查明是谁改动了本机时钟，校时应交给 NTP。',
  },
};

export const tooVague = (uncertainty: number): ClockReason => ({
  why: {
    en: `the time may be off by ${Math.round(uncertainty / 1000)} s, more than the site file allows (clock.within)`,
    zh: `时间误差可能达 ${Math.round(uncertainty / 1000)} 秒，超过站点文件的限值（clock.within）`,
  },
  next: andSayTheTime({
    en: 'Use a nearer time server.',
    zh: '请换用更近的时间服务器。',
  }),
});

const fitAgain: Said = andSayTheTime({
  en: 'Let NTP reach this machine once; see whether the battery of its clock is empty.',
  zh: '请让 NTP 校准一次，并检查时钟电池是否没电。',
});

export const batteryNeverChecked: ClockReason = {
  why: {
    en: 'there is a battery clock, but it was never seen to be right: NTP has to set it once',
    zh: '有电池时钟，但从未验证过：需先由 NTP 校准一次',
  },
  next: andSayTheTime(untilNtp),
};

export const batteryExchanged = (is: string, was: string): ClockReason => ({
  why: {
    en: `the battery clock is ${is}, and the one that was right was ${was}`,
    zh: `电池时钟是 ${is}，而之前验证过的是 ${was}`,
  },
  next: fitAgain,
});

export const batteryEmpty: ClockReason = {
  why: {
    en: 'the battery clock shows an earlier time than when it was last checked: its battery may be empty',
    zh: '电池时钟显示的时间早于上次核对：电池可能没电了',
  },
  next: fitAgain,
};

export const battery = (hours: number): ClockReason => ({
  why: {
    en: `the battery clock vouches for the time; NTP found it right ${hours} h before this`,
    zh: `时间由电池时钟担保；${hours} 小时前经 NTP 核对无误`,
  },
  next: untilNtp,
});
