import type { Chip } from '../chip/chip.ts';
import type { LuaValue } from '../crossing.ts';

/** Edges that are kept. */
const KEPT = 10_000;

/**
 * `gpio` and `adc` as https://nodemcu.readthedocs.io/en/release/modules/gpio/, .../adc/ (ESP8266: pins by the board's
 * numbers, one channel of 0 to 1024) and .../dev-esp32/modules/gpio/, .../adc/ (ESP32) have it. Each call takes the
 * processor some microseconds, so that the length of a pulse means something; every edge is noted.
 */
export function pinModules(chip: Chip): Record<string, LuaValue> {
  const { around } = chip;
  const write = (pin: number, level: number): void => {
    chip.busy(2);
    around.edges.push({ pin, level, at: chip.microseconds() });
    if (around.edges.length > KEPT) around.edges.shift();
    chip.busy(2);
  };
  const read = (pin: number): number => {
    chip.busy(3);
    return around.inputs(pin);
  };
  const levels = { write, read, HIGH: 1, LOW: 0 };
  if (around.kind === 'esp8266') {
    return {
      gpio: { ...levels, mode: () => undefined, OUTPUT: 1, INPUT: 0, INT: 2, OPENDRAIN: 3, PULLUP: 1, FLOAT: 0 },
      adc: {
        INIT_ADC: 0,
        INIT_VDD33: 255,
        force_init_mode: () => false,
        read: (channel: number) => sampled(chip, channel, 1024),
      },
    };
  }
  let bits = 0;
  const readied = new Set<number>();
  return {
    gpio: { ...levels, config: () => undefined, IN: 1, OUT: 2, IN_OUT: 3, PULL_UP: 1, PULL_DOWN: 2, FLOATING: 0 },
    adc: {
      ADC1: 1,
      ATTEN_0db: 0,
      ATTEN_2_5db: 1,
      ATTEN_6db: 2,
      ATTEN_11db: 3,
      setwidth: (_adc: number, wanted: number) => {
        if (wanted < 9 || wanted > 12) throw new Error('Invalid bits');
        bits = wanted;
      },
      setup: (_adc: number, channel: number) => void readied.add(channel),
      read: (_adc: number, channel: number) => {
        if (bits === 0) throw new Error('setwidth first');
        return sampled(chip, channel, readied.has(channel) ? 2 ** bits - 1 : 0);
      },
    },
  };
}

/** The sample is taken in the middle of the call. */
function sampled(chip: Chip, channel: number, most: number): number {
  chip.busy(10);
  const count = chip.around.analogue(chip.microseconds(), channel);
  chip.busy(10);
  return Math.max(0, Math.min(most, Math.round(count)));
}
