import type { Voltage } from './uno.ts';

/** A voltage that can be told to another thread: fixed, or a sine around a mid-point. */
export type Wave =
  | number
  | {
      /** Volts. */
      readonly middle: number;
      /** Volts from the middle, root mean square. */
      readonly rms: number;
      readonly hertz: number;
      /** Through a full-wave rectifier: never below the middle. */
      readonly isRectified?: boolean;
    };

export function voltageOf(wave: Wave): Voltage {
  if (typeof wave === 'number') return wave;
  const { middle, rms, hertz, isRectified = false } = wave;
  return (milliseconds) => {
    const sine = rms * Math.SQRT2 * Math.sin((2 * Math.PI * hertz * milliseconds) / 1000);
    return middle + (isRectified ? Math.abs(sine) : sine);
  };
}
