/**
 * Timers and counters. https://nodemcu.readthedocs.io/en/release/modules/tmr/ (ESP8266),
 * https://nodemcu.readthedocs.io/en/dev-esp32/modules/tmr/ (ESP32: timers only).
 */

interface Timer {
  /**
   * Sets and starts the timer: true if it runs. 1 to 6,870,947 ms (1 h 54 min); any other number is an error. The timer
   * is handed to `then`. A single timer lets go of its callback when it has fired.
   */
  alarm(this: Timer, milliseconds: number, mode: number, then: (this: void, timer: Timer) => void): boolean;
  /** As `alarm` without starting. */
  register(this: Timer, milliseconds: number, mode: number, then: (this: void, timer: Timer) => void): void;
  /** False if it runs already. */
  start(this: Timer): boolean;
  /** False if it does not run. It stays set. */
  stop(this: Timer): boolean;
  /** Stops it and lets go of its callback. */
  unregister(this: Timer): void;
  interval(this: Timer, milliseconds: number): void;
  /** Whether it runs, and its mode; undefined if it is not set. */
  state(this: Timer): LuaMultiReturn<[boolean | undefined, number | undefined]>;
}

declare const tmr: {
  create(this: void): Timer;
  readonly ALARM_SINGLE: number;
  /** Fires once for every `start`. */
  readonly ALARM_SEMI: number;
  readonly ALARM_AUTO: number;
  /** ESP8266 only. Microseconds, 31 bits: back to 0 every 35 min 47 s. */
  now?(this: void): number;
  /** ESP8266 only. Seconds since boot, 31 bits. */
  time?(this: void): number;
  /** ESP8266 only. Holds the processor up so many microseconds, or somewhat longer; nothing else runs meanwhile. */
  delay?(this: void, microseconds: number): void;
  /** ESP8266 only. Restarts the chip unless it is called again within so many seconds; negative switches it off. */
  softwd?(this: void, seconds: number): void;
  /** ESP8266 only. Feeds the system's own watchdog. */
  wdclr?(this: void): void;
};
