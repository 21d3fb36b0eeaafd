import type { Chip, ResetReason } from '../chip/chip.ts';
import { type LuaValue, Several } from '../crossing.ts';

/** Raw code and extended reset cause of an ESP8266. After `tmr.softwd` it says 4: that is a restart by software. */
const esp8266Reasons: Readonly<Record<ResetReason, readonly [number, number]>> = {
  power: [1, 0],
  watchdog: [4, 1],
  exception: [2, 2],
  software: [2, 4],
  'deep-sleep': [2, 5],
  external: [3, 6],
  brownout: [1, 0],
};

/** An ESP32's are the codes of its reset hardware, and 19 has the number of Lua panics in a row behind it. */
const esp32Reasons: Readonly<Record<ResetReason, readonly number[]>> = {
  power: [1, 8],
  external: [1, 8],
  watchdog: [4, 14],
  exception: [2, 19, 1],
  software: [2, 19, 0],
  'deep-sleep': [2, 12],
  brownout: [1, 22],
};

/**
 * `node` as https://nodemcu.readthedocs.io/en/release/modules/node/ and .../dev-esp32/modules/node/ have it. `restart`
 * comes back: the chip restarts a moment later.
 */
export function nodeModule(chip: Chip): Record<string, LuaValue> {
  const { around } = chip;
  const shared = {
    heap: () => chip.freeHeap(),
    restart: () => chip.reset('software'),
    egc: { setmode: () => undefined, ALWAYS: 4, ON_ALLOC_FAILURE: 1, NOT_ACTIVE: 0, ON_MEM_LIMIT: 2 },
  };
  if (around.kind === 'esp32') {
    return {
      ...shared,
      chipid: () => `0x${around.chipId.toString(16).padStart(12, '0')}`,
      bootreason: () => new Several(...esp32Reasons[chip.reason]),
      uptime: () => {
        chip.busy(3);
        const now = Math.floor(chip.microseconds());
        return new Several(now % 2 ** 31, Math.floor(now / 2 ** 31));
      },
    };
  }
  return {
    ...shared,
    chipid: () => around.chipId,
    bootreason: () => new Several(...esp8266Reasons[chip.reason]),
    random: (from?: number, to?: number) => {
      if (from === undefined) return around.random();
      const [low, high] = to === undefined ? [1, from] : [from, to];
      return low + Math.floor(around.random() * (high - low + 1));
    },
  };
}
