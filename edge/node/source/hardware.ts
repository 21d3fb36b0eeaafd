/**
 * What the shared code asks of a chip. One thin file per chip makes it: `chips/esp8266.ts` and `chips/esp32.ts`, which
 * hold nothing but documented calls of NodeMCU's modules. What is the same on both chips, shared code uses directly:
 * `node.heap`, `node.restart`, `mqtt`, `file`, `sjson`. At most 16 fields: one more, and Lua makes room for 32. What is
 * called once may be taken out of the record afterwards, so that its code is freed.
 *
 * @noSelf the compiler hands every function of an interface a first argument of its own without this word.
 */
export interface Hardware {
  /** `esp8266`, into which TLS does not fit, or `esp32`. */
  chip: string;
  /** The chip's own number, lower-case hexadecimal, at most 12 characters. */
  id(): string;
  /** Whole seconds since this boot. Never goes back; has to be asked every half hour, for the counter behind it wraps. */
  uptime(): number;
  /** Calls once, after that many milliseconds: 1 to 6,870,947 (1 h 54 min), the longest a NodeMCU timer takes. */
  after(milliseconds: number, then: () => void): void;
  /** Calls again and again, as `after`. There is no way to stop it. */
  every(milliseconds: number, then: () => void): void;
  /** 0 up to, not including, 1. */
  random(): number;
  /** Why it booted: `power`, `external`, `watchdog`, `exception`, `software`, `brownout`, `deep-sleep` or `unknown`. */
  bootReason(): string;
  /** Arms or feeds the watchdog: without another call within so many seconds the chip restarts. */
  keepAlive(seconds: number): void;
  /**
   * Hands the UART to the sensor at 9600-8N1 and calls with what it sends, in pieces of any size from one byte up. On an
   * ESP8266 this is the console's own UART, which moves to GPIO13 (RX) and GPIO15 (TX): the console is not read after this.
   * Stays in force until a restart.
   */
  sensor(onBytes: (bytes: string) => void): void;
  /**
   * Samples the ADC until a restart and calls with each sound raw count.
   *
   * Without `isDust`, at moments that meet the mains, 50 or 60 Hz and rectified or not, at many places of its cycle instead
   * of always at the same. With it, every 10 ms one sample of a Sharp dust sensor: its LED on, 0.28 ms, the count, LED off;
   * a sample that did not stand at its place, because something held the chip up, means nothing and is left out.
   *
   * An ESP8266 whose ADC was set to measure its own supply is set to its pin, and restarts.
   */
  sample(isDust: boolean, onCount: (count: number) => void): void;
  /** The raw count from which on the pin's voltage is above what the ADC can tell. */
  fullCount: number;
  /** So many millivolts at the chip's own pin are `perCounts` counts; in lowest terms, so that products stay below 2^24. */
  perMillivolts: number;
  perCounts: number;
  /** Joins the network, and joins again whenever it is lost; calls at every change, and may call the same again. */
  wifi(ssid: string, password: string, onChange: (isUp: boolean) => void): void;
  /** dBm; undefined while there is no network, and where the chip does not tell. */
  rssi(): number | undefined;
}
