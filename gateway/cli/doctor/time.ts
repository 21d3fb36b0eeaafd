import type { ClockReport } from '../../clock/clock-report.ts';
import type { NtpView } from '../../clock/machine.ts';
import { releasedAt } from '../../clock/released.ts';
import { clockSettings } from '../../clock/settings.ts';
import { SiteClock } from '../../clock/site-clock.ts';
import { readBatteryMemory, wordOf } from '../../clock/sources/battery-clock.ts';
import type { ClockState } from '../../clock/trust.ts';
import type { WallTime } from '../../clock.ts';
import { timeEn } from '../../page/words/time/en.ts';
import { timeZh } from '../../page/words/time/zh.ts';
import { readIfThere } from '../../site/site-directory.ts';
import { StoreReader } from '../../store/reader.ts';
import type { Examined, Finding, HealthCheck } from './finding.ts';

/** How far the time can be trusted now, why, and who would vouch for it after a power cut. */
export const time: HealthCheck = {
  name: 'time',
  title: { en: 'Time', zh: '时间' },
  async examine(examined) {
    const { machine, clock } = examined;
    const ntp = await machine.ntp();
    return [
      await trustFinding(examined),
      ntpFinding(ntp, clock.wall()),
      await batteryFinding(examined),
      ...relianceFindings(examined, ntp, (await machine.batteryClock()) !== null),
      ...storeFindings(examined),
    ];
  },
};

const settingsOf = ({ check }: Examined) => check.usable?.clock ?? clockSettings.parse({});

/** What the running gateway says, else what one that was started now would say. */
async function trustFinding(examined: Examined): Promise<Finding> {
  const { running } = examined;
  const { trusted, source, uncertainty, why, next } = running?.clock ?? (await wouldSay(examined)).state;
  const error = uncertainty === null ? null : Math.max(1, Math.round(uncertainty));
  const within = {
    en: error === null ? '' : `, within ${error} ms`,
    zh: error === null ? '' : `，误差不超过 ${error} 毫秒`,
  };
  const what =
    source !== null
      ? {
          en: `known, by ${timeEn.sources[source]}${within.en}: ${why.en}`,
          zh: `可信，来源：${timeZh.sources[source]}${within.zh}；${why.zh}`,
        }
      : {
          en: `NOT known: ${why.en}. Readings wait in the holding table, none is lost`,
          zh: `不可信：${why.zh}。读数在暂存表中等待，不会丢失`,
        };
  const verdict = !trusted ? 'bad' : next === null ? 'good' : 'warning';
  return { verdict, what, ...(next === null ? {} : { next }) };
}

async function wouldSay(examined: Examined): Promise<ClockReport & { readonly state: ClockState }> {
  const { clock, machine, directory, store } = examined;
  const memory = { read: () => readIfThere(directory.clockMemory), write: async (): Promise<void> => undefined };
  const settings = settingsOf(examined);
  const site = await SiteClock.start({ clock, machine, settings, memory, releasedAt, observe: () => undefined });
  site.stop();
  if (store instanceof StoreReader && store.covered !== null) site.setNotBefore(store.covered as WallTime);
  return site.report();
}

function ntpFinding(ntp: NtpView | null, now: number): Finding {
  if (ntp === null) {
    return {
      verdict: 'note',
      what: { en: 'NTP: no service answers on this machine', zh: 'NTP：本机没有可用的服务' },
    };
  }
  const { service, synchronized, syncedAt, uncertainty, stratum } = ntp;
  if (!synchronized) {
    return {
      verdict: 'note',
      what: { en: `NTP: ${service} runs and hears no server`, zh: `NTP：${service} 在运行，但收不到服务器` },
    };
  }
  const minutes = syncedAt === null ? null : Math.max(0, Math.round((now - syncedAt) / 60_000));
  const facts = [
    ...(stratum === null ? [] : [{ en: `stratum ${stratum}`, zh: `层级 ${stratum}` }]),
    ...(uncertainty === null
      ? []
      : [{ en: `error up to ${Math.round(uncertainty)} ms`, zh: `误差不超过 ${Math.round(uncertainty)} 毫秒` }]),
    ...(minutes === null ? [] : [{ en: `last heard ${minutes} min ago`, zh: `${minutes} 分钟前收到` }]),
  ];
  return {
    verdict: 'good',
    what: {
      en: [`NTP: ${service} keeps the clock`, ...facts.map(({ en }) => en)].join(', '),
      zh: [`NTP：${service} 正在校时`, ...facts.map(({ zh }) => zh)].join('，'),
    },
  };
}

async function batteryFinding(examined: Examined): Promise<Finding> {
  const { machine, directory } = examined;
  const battery = await machine.batteryClock();
  if (battery === null) {
    return {
      verdict: 'note',
      what: {
        en: 'battery clock: none; after a power cut this machine does not know the time by itself',
        zh: '电池时钟：无；断电重启后本机自己不知道时间',
      },
    };
  }
  const remembered = readBatteryMemory(await readIfThere(directory.clockMemory));
  const { within, batteryDrift } = settingsOf(examined);
  const word = wordOf(battery, remembered, batteryDrift);
  if (word.time === null) {
    return {
      verdict: 'note',
      what: {
        en: `battery clock ${battery.name}: ${word.reason.why.en}`,
        zh: `电池时钟 ${battery.name}：${word.reason.why.zh}`,
      },
    };
  }
  const seconds = Math.round(word.uncertainty / 1000);
  const days = Math.floor((within - 1000) / (batteryDrift / 1_000_000) / 86_400_000);
  return {
    verdict: word.uncertainty <= within ? 'good' : 'note',
    what: {
      en: `battery clock ${battery.name}: checked by NTP, now within ${seconds} s; it carries this site over about ${days} days without network`,
      zh: `电池时钟 ${battery.name}：已经 NTP 核对，现误差不超过 ${seconds} 秒；无网络时可支撑约 ${days} 天`,
    },
  };
}

/** A site that takes the system's word although nothing stands behind it. */
function relianceFindings(examined: Examined, ntp: NtpView | null, hasBattery: boolean): Finding[] {
  if (settingsOf(examined).trust !== 'system' || (hasBattery && ntp?.synchronized === true)) return [];
  const what = hasBattery
    ? {
        en: 'the site file trusts the clock of this machine (clock.trust: "system"), and NTP does not keep it at present',
        zh: '站点文件信任本机时钟（clock.trust: "system"），但目前没有 NTP 校时',
      }
    : {
        en: 'the site file trusts the clock of this machine (clock.trust: "system"), which has no battery: after a power cut it is wrong until NTP sets it, and minutes would be recorded under that wrong time',
        zh: '站点文件信任本机时钟（clock.trust: "system"），但本机没有电池时钟：断电重启后到 NTP 校时之前时间是错的，分钟数据会记在错误的时间上',
      };
  const next = {
    en: 'Write "clock": { "trust": "ntp" } in site.json: readings then wait until the time is known.',
    zh: '在 site.json 中写 "clock": { "trust": "ntp" }：读数会等到时间可信后再生成数据。',
  };
  return [{ verdict: 'warning', what, next }];
}

/** What the newest record says of the clock. */
function storeFindings({ store, clock, running }: Examined): Finding[] {
  if (!(store instanceof StoreReader) || store.covered === null) return [];
  const last = new Date(store.covered).toISOString();
  const behind = Math.round((store.covered - clock.wall()) / 1000);
  if (behind > 60) {
    return [
      {
        verdict: 'bad',
        what: {
          en: `the clock of this machine stands ${behind} s before the newest record (${last})`,
          zh: `本机时钟比最新记录（${last}）早 ${behind} 秒`,
        },
        next: {
          en: 'Let NTP set the clock. If the records lie in the future, the clock was set wrong before: they stand, and are said again with a higher revision.',
          zh: '请让 NTP 校时。若记录在未来，说明此前时钟被调错：这些记录保留，之后会以更高版本重新给出。',
        },
      },
    ];
  }
  const verdict = running === null ? 'note' : 'good';
  return [{ verdict, what: { en: `newest record: ${last}`, zh: `最新记录：${last}` } }];
}
