/**
 * 128 words of 32 bits that keep over a restart, but not without power. ESP8266 only; undefined on ESP32.
 * https://nodemcu.readthedocs.io/en/release/modules/rtcmem/
 */
declare const rtcmem:
  | {
      /** The words from `index` (0 to 127), `count` of them. Nothing outside. */
      read32(this: void, index: number, count?: number): LuaMultiReturn<(number | undefined)[]>;
      write32(this: void, index: number, ...words: number[]): void;
    }
  | undefined;
