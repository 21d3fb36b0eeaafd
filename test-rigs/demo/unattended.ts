import { pause, systemClock } from '../../gateway/clock.ts';
import type { SampleBlock } from '../../gateway/record/record.ts';
import { accountOf, isComplete } from '../gateway-process/account.ts';
import type { Platform } from '../platform/platform.ts';
import { DemoRun } from './demo-run.ts';

/** Milliseconds the gateway may go on sending after the deadline. */
const drain = 10_000;

/** The line that an unattended run ends with. */
export interface Summary {
  /** Single readings in the sample blocks that the platform holds. */
  readonly readings: number;
  /** Entries (records and sample blocks) that the gateway committed, by its ledger. */
  readonly committed: number;
  /** Distinct entries at the platform. */
  readonly received: number;
  readonly missing: number;
  readonly conflicts: number;
  readonly redelivered: number;
  /** Most entries that were committed and not yet at the platform. */
  readonly largestBacklog: number;
}

function readingsAt(platform: Platform): number {
  let readings = 0;
  for (const { kind, entry } of platform.table.rows()) {
    if (kind !== 'samples' || entry === null) continue;
    const { times, series } = JSON.parse(entry) as SampleBlock;
    readings += times.length * series.length;
  }
  return readings;
}

/**
 * Runs the demo for so many seconds without anybody: the uplink is cut for the middle third, acquisition stops at the
 * deadline, and what is held may drain for up to 10 s. Resolves to the summary, and whether everything that was
 * committed is in the platform's table exactly once.
 */
export async function runUnattended(
  seconds: number,
  say: (text: string) => void,
  interrupted: AbortSignal,
): Promise<{ summary: Summary; complete: boolean }> {
  const demo = await DemoRun.start(`${drain}ms`);
  let largestBacklog = 0;
  const watching = setInterval(() => {
    largestBacklog = Math.max(largestBacklog, demo.held);
  }, 50);
  const third = (seconds * 1000) / 3;
  say(`running for ${seconds} s; the page is at ${demo.url}, password ${demo.password}`);
  await pause(systemClock, third, interrupted);
  say('uplink cut');
  await demo.broker.cut();
  await pause(systemClock, third, interrupted);
  await demo.broker.restore();
  say(`uplink restored, ${demo.held} entries held back`);
  await pause(systemClock, third, interrupted);
  const exit = await demo.stopGateway(interrupted.aborted ? 1000 : drain);
  say(`gateway stopped (${exit})`);
  clearInterval(watching);
  await demo.stopSurroundings();
  const account = accountOf(demo.gateway.ledger, demo.platform);
  const { committed, received, missing, conflicts, redelivered } = account;
  const readings = readingsAt(demo.platform);
  await demo.close();
  const summary = { readings, committed, received, missing, conflicts, redelivered, largestBacklog };
  return { summary, complete: isComplete(account) && exit === 0 };
}
