import type { Finding, HealthCheck } from './finding.ts';

/** Whether the site file can be run, and whether a gateway runs on it. */
export const siteFile: HealthCheck = {
  name: 'site',
  title: { en: 'Site file', zh: '站点文件' },
  examine({ check: { usable, faults, warnings }, running }) {
    const findings: Finding[] = [
      running === null
        ? { verdict: 'note', what: { en: 'no gateway runs on this site', zh: '该站点当前没有网关在运行' } }
        : {
            verdict: 'good',
            what: {
              en: `gateway ${running.gateway.id} runs since ${running.gateway.startedAt}`,
              zh: `网关 ${running.gateway.id} 自 ${running.gateway.startedAt} 起运行`,
            },
          },
    ];
    const [first] = faults;
    if (first !== undefined) {
      findings.push({
        verdict: usable === undefined ? 'bad' : 'warning',
        what: {
          en: `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}; the first: ${first.field}: ${first.fault.en}`,
          zh: `${faults.length} 处错误；第一处：${first.field}：${first.fault.zh}`,
        },
        next: { en: 'See all of them: fenceline check --site DIR', zh: '查看全部：fenceline check --site DIR' },
      });
    } else findings.push({ verdict: 'good', what: { en: 'without fault', zh: '没有错误' } });
    if (warnings.length > 0) {
      findings.push({
        verdict: 'note',
        what: {
          en: `${warnings.length} weak ${warnings.length === 1 ? 'place' : 'places'}, see fenceline check`,
          zh: `${warnings.length} 处提醒，见 fenceline check`,
        },
      });
    }
    return findings;
  },
};
