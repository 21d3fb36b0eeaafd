import type { Hardware } from '../hardware.ts';

/**
 * What hangs on the analogue pin, and what its mean over a period is then:
 * - `loop`: 4-20 mA through a shunt; the mean of the voltage.
 * - `clamp`: a current transformer behind a rectifier; the mean of the rectified voltage, not its root mean square.
 * - `sharp`: a Sharp dust sensor; the mean of its pulses, each 0.28 ms after its LED was lit, every 10 ms.
 */
export type AnalogueUse = 'none' | 'loop' | 'clamp' | 'sharp';

/** Samples for as long as the chip runs and calls with each sound raw count. */
export function startSampling(hardware: Hardware, use: AnalogueUse, onCount: (count: number) => void): void {
  const sample = use === 'sharp' ? hardware.dust : hardware.analogue;
  hardware.openAnalogue();
  hardware.every(use === 'sharp' ? 10 : hardware.sampleMilliseconds, () => {
    const count = sample();
    if (count !== undefined) onCount(count);
  });
}

/** Tenths of a millivolt at the pin, from tenths of a count; whole numbers below 2^24 throughout. */
export function millivoltsOf(hardware: Hardware, tenths: number): number {
  return math.floor((tenths * hardware.perMillivolts + math.floor(hardware.perCounts / 2)) / hardware.perCounts);
}
