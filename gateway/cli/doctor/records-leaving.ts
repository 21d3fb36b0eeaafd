import { LocalTime, type WallTime } from '../../clock.ts';
import { StoreReader } from '../../store/reader.ts';
import { defaultRetention } from '../../store/store-options.ts';
import type { Examined, Finding, HealthCheck } from './finding.ts';

/** Whether records that nobody else has will be let go soon. */
export const recordsLeaving: HealthCheck = {
  name: 'exports',
  title: { en: 'Records that only this gateway has', zh: '仅存于本机的记录' },
  examine(examined) {
    const leaving = leavingOf(examined);
    if (leaving === undefined) {
      return [{ verdict: 'note', what: { en: 'not known: the store cannot be read', zh: '未知：存储无法读取' } }];
    }
    if (leaving === null) {
      const en = 'none will be let go within a month';
      return [{ verdict: 'good', what: { en, zh: '一个月内不会清除' } }];
    }
    const { days, since, at } = leaving;
    const finding: Finding = {
      verdict: 'warning',
      what: {
        en: `${days} days of records, since ${since}, not yet exported or acknowledged, will be let go from ${at} on`,
        zh: `自 ${since} 起 ${days} 天的记录尚未导出或被平台确认，将自 ${at} 起被清除`,
      },
      next: {
        en: `Export them: fenceline export --site ${examined.directory.root} --out /media/usb/records --from ${since}`,
        zh: `请导出：fenceline export --site ${examined.directory.root} --out /media/usb/records --from ${since}`,
      },
    };
    return [finding];
  },
};

/** Dates. The running gateway also knows for how long there is room. Undefined when nobody knows. */
function leavingOf({
  running,
  store,
  check,
}: Examined): { days: number; since: string; at: string } | null | undefined {
  if (running !== null) {
    const { leaving } = running.store;
    return leaving && { days: leaving.days, since: leaving.since.slice(0, 10), at: leaving.at.slice(0, 10) };
  }
  if (!(store instanceof StoreReader)) return store.fault === 'absent' ? null : undefined;
  const site = check.usable;
  const uplinks = (site?.uplinks ?? []).map(({ id }) => id);
  const leaving = store.leaving(uplinks, site?.store?.records ?? defaultRetention.records);
  if (leaving === null) return null;
  const localTime = new LocalTime(site?.gateway.timezone ?? 'Asia/Shanghai');
  const date = (time: number): string => localTime.stamp(time as WallTime).slice(0, 10);
  const days = Math.max(1, Math.ceil((leaving.until - leaving.since) / 86_400_000));
  return { days, since: date(leaving.since), at: date(leaving.at) };
}
