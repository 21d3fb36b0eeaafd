/**
 * What the shared code asks of a chip. One thin file per chip makes it: `chips/esp8266.ts` and `chips/esp32.ts`, which
 * hold nothing but documented calls of NodeMCU's modules. `mqtt`, `file`, `sjson` and `node` are nearly the same on both
 * chips, so shared code may use those directly.
 *
 * @noSelf the compiler hands every function of an interface a first argument of its own without this word.
 */
export interface Hardware {
  /** `esp8266` or `esp32`. */
  chip: string;
  /** The chip's own number, lower-case hexadecimal, at most 12 characters. */
  id(): string;
  /** Whole seconds since this boot. Never goes back: the chip's file deals with counters that wrap. */
  uptime(): number;
  /** Calls once, after that many milliseconds: 1 to 6,870,947 (1 h 54 min), the longest a NodeMCU timer takes. */
  after(milliseconds: number, then: () => void): void;
  /** Calls again and again, as `after`. There is no way to stop it. */
  every(milliseconds: number, then: () => void): void;
  /** 0 up to, not including, 1. */
  random(): number;
  /** Free bytes of the heap. */
  heap(): number;
  /** Why it booted: `power`, `external`, `watchdog`, `exception`, `software`, `brownout`, `deep-sleep` or `unknown`. */
  bootReason(): string;
  restart(): void;
  /** Arms or feeds the watchdog: without another call within so many seconds the chip restarts. */
  keepAlive(seconds: number): void;
  /**
   * Hands the UART to the sensor at 9600-8N1 and calls with what it sends, in pieces of any size from one byte up. On an
   * ESP8266 this is the console's own UART, which moves to GPIO13 (RX) and GPIO15 (TX): the console is not read after this.
   * The first call stays in force until a restart.
   */
  sensor(onBytes: (bytes: string) => void): void;
  /**
   * Readies the ADC, and the pin of the Sharp's LED; called once, before the first `analogue` or `dust`. An ESP8266 whose
   * ADC was set to its own supply sets it to the pin and restarts.
   */
  openAnalogue(): void;
  /** Raw count of the ADC; undefined where it reads something other than its pin. */
  analogue(): number | undefined;
  /**
   * Milliseconds between two calls of `analogue` such that what comes from the mains, 50 or 60 Hz and rectified or not, is
   * met at many places of its cycle instead of always at the same.
   */
  sampleMilliseconds: number;
  /** The raw count from which on the pin's voltage is above what the ADC can tell. */
  fullCount: number;
  /** So many millivolts at the chip's own pin are so many counts; in lowest terms, so that products stay below 2^24. */
  perMillivolts: number;
  perCounts: number;
  /**
   * One sample of a Sharp dust sensor: LED on, 0.28 ms, raw count, LED off. Undefined where something held the chip up, so
   * that the sample did not stand at its place in the pulse: such a count means nothing.
   */
  dust(): number | undefined;
  /** Joins the network and joins again whenever it is lost; calls at every change. */
  wifi(ssid: string, password: string, onChange: (isUp: boolean) => void): void;
  /** dBm; undefined while there is no network. */
  rssi(): number | undefined;
  /** Whether TLS fits into the chip. */
  secure: boolean;
}
