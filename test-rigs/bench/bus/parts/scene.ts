import { join } from 'node:path';
import { pause, systemClock } from '../../../../gateway/clock.ts';
import { Program } from '../../measure/program.ts';
import type { LinePlan } from '../masters/line-plan.ts';
import type { MasterFigures } from '../masters/tally.ts';
import type { RigFigures, RigPlan } from '../rig/rig-data.ts';

/** The masters, by the names of their programs, and how each is set up. */
export const masterTexts = {
  fenceline: 'line loop and serial link of the gateway, one retry, every slave wanted each 100 ms',
  'modbus-serial': 'one loop over the slaves, RTU buffered, fewest reads, no pause',
  'node-red':
    'node-red-contrib-modbus, a read node for each request on one serial client, unit after unit, command delay 1 ms, no reconnect on timeout, polled as often as the line can answer',
} as const;
export type Master = keyof typeof masterTexts;
export const masters = Object.keys(masterTexts) as readonly Master[];

/** One master on one line of its own. */
interface Scene {
  /** The name of its program. */
  readonly master: Master | 'bare-tty';
  readonly rig: RigPlan;
  readonly plan: Omit<LinePlan, 'paths'>;
  /** Milliseconds of each window, one after the other, from the moment the master says that it polls. */
  readonly windows: readonly number[];
}

/** What a master did in one window. */
export interface WindowFigures {
  readonly rig: RigFigures;
  /** Milliseconds. */
  readonly length: number;
  /** Registers read by slave address. */
  readonly points: Readonly<Record<number, number>>;
  /** Registers read a second, from the last delivery before the window to the last one in it. */
  readonly pointsPerSecond: number;
  readonly failed: number;
  readonly wrong: number;
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** Asking costs the master something too, so it is asked seldom; milliseconds. */
const [lookEvery, longestCount] = [1000, 120_000];
const busDirectory = join(import.meta.dirname, '..');

/** Starts the rig and the master, watches them, and ends both; one set of figures for each window. */
export function watch({ windows, ...scene }: Scene): Promise<WindowFigures[]> {
  return play(scene, async (rig, master) => {
    const figures: WindowFigures[] = [];
    for (const window of windows) figures.push(await watchWindow(rig, master, window));
    return figures;
  });
}

/** As {@link watch}, until the master has done the reads that its plan counts; resolves to all it did. */
export function watchCounted(scene: Omit<Scene, 'windows'>): Promise<MasterFigures> {
  return play(scene, async (_, master) => {
    const giveUpAt = performance.now() + longestCount;
    for (;;) {
      await pause(systemClock, lookEvery);
      const figures = await master.ask<MasterFigures>('figures');
      if (figures.counted !== null) return figures;
      if (performance.now() > giveUpAt) throw new Error(`${scene.master} did not do its reads in time`);
    }
  });
}

async function play<T>(
  { master, rig: rigPlan, plan }: Omit<Scene, 'windows'>,
  during: (rig: Program, master: Program) => Promise<T>,
): Promise<T> {
  const rig = await Program.start<{ path: string }>(join(busDirectory, 'rig', 'rig.ts'), rigPlan);
  const masterPlan: LinePlan = { ...plan, paths: [rig.ready.path] };
  try {
    const { program } = await Program.start(join(busDirectory, 'masters', `${master}.ts`), masterPlan);
    try {
      return await during(rig.program, program);
    } finally {
      await program.stop();
    }
  } finally {
    await rig.program.stop();
  }
}

async function watchWindow(rig: Program, master: Program, window: number): Promise<WindowFigures> {
  await rig.ask('begin');
  const [before, began] = [await master.ask<MasterFigures>('figures'), performance.now()];
  await pause(systemClock, window);
  const [after, ended] = [await master.ask<MasterFigures>('figures'), performance.now()];
  return { rig: await rig.ask<RigFigures>('figures'), length: ended - began, ...difference(before, after) };
}

function difference(before: MasterFigures, after: MasterFigures): Omit<WindowFigures, 'rig' | 'length'> {
  const points = Object.entries(after.points).map(([address, count]) => {
    return [address, count - (before.points[Number(address)] ?? 0)] as const;
  });
  const read = points.reduce((sum, [, count]) => sum + count, 0);
  return {
    points: Object.fromEntries(points),
    pointsPerSecond: (read / (after.latest - before.latest)) * 1000,
    failed: after.failed - before.failed,
    wrong: after.wrong - before.wrong,
    cpuMs: after.cpuMs - before.cpuMs,
    rssMb: after.rssMb,
  };
}
