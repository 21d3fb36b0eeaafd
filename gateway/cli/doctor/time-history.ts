import { LocalTime, type WallTime } from '../../clock.ts';
import type { AuditRecord, EventRecord, GapRecord } from '../../record/record.ts';
import { StoreReader } from '../../store/reader.ts';
import type { Finding, HealthCheck } from './finding.ts';

/** How far back is looked, and how many entries at most: seconds on a small machine. */
const lookBack = 30 * 86_400_000;
const mostEntries = 300_000;
/** Told one by one. */
const shown = 5;

type Told = AuditRecord | EventRecord | GapRecord;

/** What the time did in the last 30 days, as the records tell it. */
export const timeHistory: HealthCheck = {
  name: 'time-history',
  title: { en: 'Time in the last 30 days', zh: '近 30 天的时间变动' },
  examine({ store, check: { usable: site } }) {
    if (!(store instanceof StoreReader)) return [];
    const time = new LocalTime(site?.gateway.timezone ?? 'Asia/Shanghai');
    const { told, isWhole } = toldBy(store);
    const jumps = told.filter((one): one is AuditRecord => one.kind === 'audit');
    const unknown = told.filter((one): one is GapRecord => one.kind === 'gap');
    const findings: Finding[] = [];
    if (jumps.length > 0) findings.push(...jumpFindings(jumps));
    if (unknown.length > 0) {
      const last = unknown.at(-1) as GapRecord;
      findings.push({
        verdict: 'note',
        what: {
          en: `${unknown.length} ${unknown.length === 1 ? 'gap' : 'gaps'} because the time was never known, the last from ${last.from} to ${last.to}`,
          zh: `${unknown.length} 段数据缺口因时间始终未知，最近一段 ${last.from} 至 ${last.to}`,
        },
      });
    }
    for (const boot of store.held()) {
      if (boot.readings === 0) continue;
      findings.push({
        verdict: 'note',
        what: boot.told
          ? {
              en: `${boot.readings} readings of an earlier start are kept, whose time was never known`,
              zh: `保留着以前一次开机的 ${boot.readings} 个读数，其时间始终未知`,
            }
          : {
              en: `${boot.readings} readings wait in the holding table for the time`,
              zh: `${boot.readings} 个读数在暂存表中等待时间`,
            },
      });
    }
    if (findings.length === 0) {
      findings.push({ verdict: 'good', what: { en: 'no jump, no unknown time', zh: '没有跳变，没有未知时段' } });
    }
    if (!isWhole) {
      const until = time.stamp((store.newest ?? 0) as WallTime);
      const what = {
        en: `only the newest ${mostEntries} entries up to ${until} were looked at`,
        zh: `仅查看了截至 ${until} 的最新 ${mostEntries} 条`,
      };
      findings.push({ verdict: 'note', what });
    }
    return findings;
  },
};

function jumpFindings(jumps: readonly AuditRecord[]): Finding[] {
  const one = ({ at, details }: AuditRecord): Finding => {
    const { expected = '', found = '', cause = '', source = null } = details as Record<string, string | null>;
    return {
      verdict: 'note',
      what: {
        en: `${at}: the clock went from ${expected} to ${found} (${cause}, by ${source ?? 'nobody'})`,
        zh: `${at}：时钟由 ${expected} 变为 ${found}（${cause}，来源 ${source ?? '无'}）`,
      },
    };
  };
  const newest = jumps.slice(-shown).map(one);
  if (jumps.length <= shown) return newest;
  return [
    {
      verdict: 'warning',
      what: {
        en: `the clock jumped ${jumps.length} times; the last ones:`,
        zh: `时钟跳变 ${jumps.length} 次；最近几次：`,
      },
      next: {
        en: 'Find out who sets the clock of this machine besides NTP.',
        zh: '请查明除 NTP 外还有谁在改动本机时钟。',
      },
    },
    ...newest,
  ];
}

function toldBy(store: StoreReader): { readonly told: readonly Told[]; readonly isWhole: boolean } {
  const since = (store.newest ?? 0) - lookBack;
  const told: Told[] = [];
  let left = mostEntries;
  for (const epoch of store.epochs.toReversed()) {
    const last = store.last('records', epoch);
    const first = Math.max(store.seqAt('records', epoch, since), last - left + 1, 1);
    if (last < first) continue;
    left -= last - first + 1;
    const found: Told[] = [];
    for (const span of store.spans('records', epoch, first, last)) {
      for (const { text } of span.entries) if (isAboutTime(text)) found.push(JSON.parse(text));
    }
    told.unshift(...found);
  }
  return { told, isWhole: left > 0 };
}

/** Cheap: what this passes over is never parsed. */
function isAboutTime(text: string): boolean {
  return text.includes('"action":"clock-jumped"') || text.includes('"reason":"clock-unknown"');
}
