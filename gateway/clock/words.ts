import type { Said } from './trust.ts';

/* Why the time is known, or is not, and what to do. */

export const starting: Said = { en: 'nobody has been asked yet', zh: '尚未询问任何时间来源' };

export const system: Said = {
  en: 'the site file says that the time of the operating system is right (clock.trust: "system")',
  zh: '站点文件规定采用操作系统时间（clock.trust: "system"）',
};

export const ntp = (service: string): Said => ({
  en: service === 'kernel' ? 'an NTP service keeps the system clock' : `${service} keeps the system clock by NTP`,
  zh: service === 'kernel' ? '系统时钟由 NTP 服务校准' : `系统时钟由 ${service} 通过 NTP 校准`,
});

export const withoutNtp: Said = {
  en: 'NTP set the clock in this run and is not heard at present; the clock runs on by itself',
  zh: '本次运行中 NTP 已校准过时钟，目前收不到 NTP，时钟自行走时',
};

export const told = {
  platform: { en: 'the platform told the time', zh: '时间由平台下发' },
  technician: { en: 'a technician told the time', zh: '时间由现场人员给出' },
} as const satisfies Record<string, Said>;

export const noNtp: Said = {
  en: 'no NTP service answers on this machine; install chrony or switch systemd-timesyncd on',
  zh: '本机没有可用的 NTP 服务；请安装 chrony 或启用 systemd-timesyncd',
};

export const notSynchronized = (service: string): Said => ({
  en: `${service === 'kernel' ? 'the NTP service' : service} has not heard a time server yet; check the network, and that UDP port 123 is let through`,
  zh: `${service === 'kernel' ? 'NTP 服务' : service} 尚未收到时间服务器应答；请检查网络，并放行 UDP 123 端口`,
});

export const beforeRelease: Said = {
  en: 'the system clock stands before this software was made: it was never set',
  zh: '系统时钟早于本软件发布日期：从未校准过',
};

export const ranBackwards: Said = {
  en: 'the clock stands before the newest record: it was off or was set back; NTP, or somebody who knows the time, has to set it',
  zh: '时钟早于最新记录：可能断电停走或被调回；需由 NTP 或知道时间的人校准',
};

export const setBeforeRelease: Said = {
  en: 'the system clock was set to before this software was made; we went on with our own time',
  zh: '系统时钟被调到本软件发布日期之前；网关沿用自己的时间',
};

export const setWithoutNtp: Said = {
  en: 'the system clock was set without a word of NTP; we go on with our own time until NTP says which is right',
  zh: '系统时钟被改动但未经 NTP 确认；在 NTP 确认之前沿用网关自己的时间',
};

export const tooVague = (uncertainty: number): Said => ({
  en: `the time may be off by ${Math.round(uncertainty / 1000)} s, more than the site file allows (clock.within)`,
  zh: `时间误差可能达 ${Math.round(uncertainty / 1000)} 秒，超过站点文件的限值（clock.within）`,
});
