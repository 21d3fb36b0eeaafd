/**
 * The chip itself. https://nodemcu.readthedocs.io/en/release/modules/node/ (ESP8266),
 * https://nodemcu.readthedocs.io/en/dev-esp32/modules/node/ (ESP32).
 */
declare const node: {
  /** A number on ESP8266; a text such as `0x1818fe346a88` on ESP32. */
  chipid(this: void): number | string;
  /** Free bytes. */
  heap(this: void): number;
  /**
   * A raw code, and the reason: 0 power, 1 hardware watchdog, 2 exception, 3 software watchdog, 4 software restart, 5 deep
   * sleep, 6 external reset; on ESP32 also 7 to 23, the codes of its reset hardware.
   */
  bootreason(this: void): LuaMultiReturn<[number, number, ...number[]]>;
  restart(this: void): void;
  /** 3: what is compiled from now on keeps neither line numbers nor names of locals and upvalues. Both chips. */
  stripdebug?(this: void, level: number): void;
  /** ESP8266 only. A whole number, or one up to so many. */
  random?(this: void, from?: number, to?: number): number;
  /** ESP32 only. Microseconds since boot: 31 bits, and how often those were used up. */
  uptime?(this: void): LuaMultiReturn<[number, number]>;
};
