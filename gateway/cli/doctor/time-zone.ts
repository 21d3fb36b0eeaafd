import { LocalTime, type WallTime } from '../../clock.ts';
import type { Finding, HealthCheck } from './finding.ts';

/** Farther than this from the sun, a zone is not that of the place, hours: in China the west lives 3 h from it. */
const farthestFromSun = 3.5;

/** The time zone of the site file, against the machine's and against where the site lies. */
export const timeZone: HealthCheck = {
  name: 'time-zone',
  title: { en: 'Time zone', zh: '时区' },
  examine({ check: { usable: site }, machine, clock }) {
    if (site === undefined) return [];
    const { timezone } = site.gateway;
    const own = offsetAt(timezone, clock.wall());
    const findings: Finding[] = [
      { verdict: 'good', what: { en: `records are stamped in ${timezone}`, zh: `记录采用时区 ${timezone}` } },
    ];
    const theirs = machine.timezone();
    if (theirs !== null && theirs !== timezone && offsetAt(theirs, clock.wall()) !== own) {
      findings.push({
        verdict: 'note',
        what: {
          en: `this machine shows its own time in ${theirs}: date and the system's log differ from the records by ${hours(own - offsetAt(theirs, clock.wall()))} h; the records are right`,
          zh: `本机系统时区为 ${theirs}：date 命令和系统日志与记录相差 ${hours(own - offsetAt(theirs, clock.wall()))} 小时；记录本身无误`,
        },
      });
    }
    const { longitude } = site.source;
    if (longitude !== undefined && Math.abs(own / 60 - longitude / 15) > farthestFromSun) {
      findings.push({
        verdict: 'warning',
        what: {
          en: `the site lies at ${longitude}° east, where ${timezone} is not the time of day`,
          zh: `站点位于东经 ${longitude}°，与时区 ${timezone} 不符`,
        },
        next: {
          en: 'Correct gateway.timezone or source.longitude in site.json. No record is lost by it: stamps carry their offset.',
          zh: '请改正 site.json 中的 gateway.timezone 或 source.longitude。不会丢失记录：时间戳带有时差。',
        },
      });
    }
    return findings;
  },
};

/** Minutes east of Greenwich. */
function offsetAt(timezone: string, at: WallTime): number {
  const [, sign, hour, minute] = /([+-])(\d\d):(\d\d)$/.exec(new LocalTime(timezone).stamp(at)) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hour) * 60 + Number(minute));
}

const hours = (minutes: number): number => Math.abs(Math.round(minutes / 6) / 10);
