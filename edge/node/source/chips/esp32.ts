import type { Hardware } from '../hardware.ts';

/** A stub until the chip's own file stands. */
export function hardware(): Hardware {
  return { chip: 'esp32' } as unknown as Hardware;
}
