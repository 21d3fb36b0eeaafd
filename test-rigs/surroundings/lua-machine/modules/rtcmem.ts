import type { Chip } from '../chip/chip.ts';
import { type LuaValue, Several } from '../crossing.ts';

/**
 * `rtcmem` as https://nodemcu.readthedocs.io/en/release/modules/rtcmem/ has it: 128 words that keep over a restart and are
 * anything after the power was away.
 */
export function rtcmemModule({ around }: Chip): Record<string, LuaValue> {
  const isInside = (index: number): boolean => index >= 0 && index < around.rtc.length;
  return {
    read32: (index: number, count = 1) => {
      if (!isInside(index)) return new Several();
      return new Several(...around.rtc.slice(index, index + count));
    },
    write32: (index: number, ...words: number[]) => {
      words.forEach((word, at) => {
        if (isInside(index + at)) around.rtc[index + at] = word;
      });
    },
  };
}
