import * as z from 'zod';
import type { WallTime } from '../../clock.ts';
import type { BatteryClock } from '../machine.ts';
import type { Said } from '../trust.ts';

/** What was found of the battery clock while NTP vouched for the time. */
const memory = z.object({
  v: z.literal(1),
  batteryClock: z.object({
    name: z.string(),
    /** True time of the comparison, milliseconds since the Unix epoch. */
    checkedAt: z.number().int(),
    /** What the battery clock showed, less the true time, milliseconds. */
    difference: z.number(),
  }),
});
export type BatteryMemory = z.infer<typeof memory>['batteryClock'];

/** Resolution of /sys/class/rtc: it shows whole seconds. */
const resolution = 1000;
/** A battery clock that is farther off than this was not set by whoever keeps the system's clock. */
const farthest = 5000;

/** Reads the memory of an earlier boot; undefined when there is none or it is not ours. */
export function readBatteryMemory(text: string | undefined): BatteryMemory | undefined {
  if (text === undefined) return undefined;
  try {
    const parsed = memory.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.batteryClock : undefined;
  } catch {
    return undefined;
  }
}

/** The text that {@link readBatteryMemory} reads. */
export function batteryMemoryText(batteryClock: BatteryMemory): string {
  return `${JSON.stringify({ v: 1, batteryClock })}\n`;
}

/** What is to be remembered of a battery clock at a moment whose true time is known; undefined when it is not set right. */
export function compared({ name, time }: BatteryClock, now: WallTime): BatteryMemory | undefined {
  const difference = time - now;
  return Math.abs(difference) > farthest ? undefined : { name, checkedAt: Math.round(now), difference };
}

/** What the battery clock is worth at a start. */
export type BatteryWord =
  | { readonly time: WallTime; readonly uncertainty: number; readonly why: Said }
  | { readonly time: null; readonly why: Said };

/**
 * The time by a battery clock that was seen to be right in an earlier boot, and how far it may have drifted since:
 * `drift` parts per million of the time that it says has passed.
 */
export function wordOf(clock: BatteryClock, remembered: BatteryMemory | undefined, drift: number): BatteryWord {
  if (remembered === undefined) {
    return {
      time: null,
      why: {
        en: 'there is a battery clock, but it was never seen to be right: NTP has to set it once',
        zh: '有电池时钟，但从未验证过：需先由 NTP 校准一次',
      },
    };
  }
  if (remembered.name !== clock.name) {
    return {
      time: null,
      why: {
        en: `the battery clock is ${clock.name}, and the one that was right was ${remembered.name}`,
        zh: `电池时钟是 ${clock.name}，而之前验证过的是 ${remembered.name}`,
      },
    };
  }
  const passed = clock.time - (remembered.checkedAt + remembered.difference);
  if (passed < -2 * resolution) {
    return {
      time: null,
      why: {
        en: 'the battery clock shows an earlier time than when it was last checked: its battery may be empty',
        zh: '电池时钟显示的时间早于上次核对：电池可能没电了',
      },
    };
  }
  const hours = Math.round(passed / 360_000) / 10;
  return {
    time: Math.round(clock.time - remembered.difference + resolution / 2) as WallTime,
    uncertainty: resolution + (Math.max(0, passed) * drift) / 1_000_000,
    why: {
      en: `the battery clock vouches for the time; NTP found it right ${hours} h before this`,
      zh: `时间由电池时钟担保；${hours} 小时前经 NTP 核对无误`,
    },
  };
}
