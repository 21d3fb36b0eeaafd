import * as z from 'zod';
import type { WallTime } from '../../clock.ts';
import type { BatteryClock } from '../machine.ts';
import * as words from '../words.ts';

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
  | { readonly time: WallTime; readonly uncertainty: number; readonly reason: words.ClockReason }
  | { readonly time: null; readonly reason: words.ClockReason };

/**
 * The time by a battery clock that was seen to be right in an earlier boot, and how far it may have drifted since:
 * `drift` parts per million of the time that it says has passed.
 */
export function wordOf(clock: BatteryClock, remembered: BatteryMemory | undefined, drift: number): BatteryWord {
  if (remembered === undefined) return { time: null, reason: words.batteryNeverChecked };
  if (remembered.name !== clock.name) {
    return { time: null, reason: words.batteryExchanged(clock.name, remembered.name) };
  }
  const passed = clock.time - (remembered.checkedAt + remembered.difference);
  if (passed < -2 * resolution) return { time: null, reason: words.batteryEmpty };
  return {
    time: Math.round(clock.time - remembered.difference + resolution / 2) as WallTime,
    uncertainty: resolution + (Math.max(0, passed) * drift) / 1_000_000,
    reason: words.battery(Math.round(passed / 360_000) / 10),
  };
}
