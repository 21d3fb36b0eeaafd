import { SeqSet } from '../../gateway/record/seq-set.ts';
import { isComplete } from '../gateway-process/account.ts';
import type { Platform } from '../platform/platform.ts';
import { seededRandom } from '../stories/seeded-random.ts';
import { type Mishap, type MishapKind, mishapKinds, randomMishaps } from './mishaps.ts';
import { boardFindings } from './verdict/board-findings.ts';
import { meterFindings } from './verdict/meter-findings.ts';
import { nodeMinuteFindings } from './verdict/node-minutes.ts';
import { nodeFindings } from './verdict/node-rows.ts';
import { Told } from './verdict/told.ts';
import { uncoveredFindings } from './verdict/whole-minutes.ts';
import { FullDisk } from './world/full-disk.ts';
import { nodeIds, SoakSite } from './world/soak-site.ts';

const minute = 60_000;
const hour = 60 * minute;

export interface SoakOptions {
  /** Decides everything. */
  readonly seed: number;
  /** Simulated time in which mishaps happen. */
  readonly hours: number;
  /** Milliseconds between mishaps on average (30 min). */
  readonly apart?: number;
  readonly kinds?: readonly MishapKind[];
  /** In the place of those by chance. */
  readonly mishaps?: readonly Mishap[];
}

export interface SoakResult {
  /** What is not as it must be, one line each; empty when all is well. */
  readonly divergences: string[];
  readonly mishaps: readonly Mishap[];
  readonly boots: number;
  /** Rows of nodes that are accounted for, and those that went with their power. */
  readonly rows: number;
  readonly rowsLost: number;
  /** Answers of the meter. */
  readonly answers: number;
  readonly committed: number;
}

/**
 * A site with two sensor nodes, a dust meter and a board for so many hours of simulated time, mishaps at random, and the
 * platform against what the sensors gave.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seed, hours, apart = 30 * minute, kinds = mishapKinds } = options;
  const chances = { within: hours * hour, apart, kinds, nodes: nodeIds.length };
  const mishaps = options.mishaps ?? randomMishaps(seededRandom(seed), chances);
  using disk = mishaps.some(({ kind }) => kind === 'disk-full') ? FullDisk.make() : null;
  await using run = await SoakSite.start({ seed, disk: disk?.medium });
  await run.live(mishaps, hours * hour);
  return verdictOf(run, mishaps);
}

function verdictOf({ site, nodes, meter, board, times, origin }: SoakSite, mishaps: readonly Mishap[]): SoakResult {
  const told = new Told(site.platform);
  const truth = { told, times, origin };
  const now = site.clock.monotonic();
  const found = nodes.map((node) => nodeFindings({ node, now, ...truth }));
  const account = site.account();
  const ofNodes = nodeIds.flatMap((id) =>
    ['pm1', 'pm2.5', 'pm10'].map((factor) => ({ point: `gate-${id}`, factor, instrument: `dust-${id}` })),
  );
  const series = [
    ...ofNodes.map(({ point, factor }) => [point, factor] as const),
    ...['pm2.5', 'pm10'].map((factor) => ['dust-1', factor] as const),
    ['cabinet', 'door-closed'] as const,
  ];
  const divergences = [
    ...found.flatMap((one) => one.divergences),
    ...ofNodes.flatMap((one) => nodeMinuteFindings(told, one, times)),
    ...meterFindings({ answers: meter.answers, point: 'dust-1', instrument: 'dust-1', ...truth }),
    ...boardFindings({ board, ...truth }),
    ...uncoveredFindings(told, series, times, origin),
  ];
  const gaveWay = entriesThatGaveWay(site.platform);
  if (!isComplete({ ...account, missing: Math.max(0, account.missing - gaveWay) }))
    divergences.push(`the ledger and the platform differ: ${JSON.stringify(account)}, ${gaveWay} gave way`);
  return {
    divergences: gaveWay === 0 ? divergences : divergences.filter((line) => !isOfSomethingMissing(line)),
    mishaps,
    boots: nodes.reduce((sum, { boots }) => sum + boots.length, 0),
    rows: found.reduce((sum, { rows }) => sum + rows, 0),
    rowsLost: found.reduce((sum, { lost }) => sum + lost, 0),
    answers: meter.answers.length,
    committed: account.committed,
  };
}

/** Entries of which the gateway said that they gave way on a full disk, before anybody had them. */
function entriesThatGaveWay(platform: Platform): number {
  const sets = new Map<string, SeqSet>();
  for (const { stream, epoch, first, last, reason } of platform.audit().absent) {
    if (reason !== 'disk-full') continue;
    const set = sets.get(`${stream} ${epoch}`) ?? new SeqSet();
    sets.set(`${stream} ${epoch}`, set);
    set.add(first, last);
  }
  return [...sets.values()].reduce((sum, { count }) => sum + count, 0);
}

/** What entries that gave way may have been the reason of; what is wrong with those that are there stays. */
function isOfSomethingMissing(line: string): boolean {
  return /is not at the platform|nothing is said of|is made of \(\)|which no readings make/.test(line);
}
