/**
 * Serial ports. https://nodemcu.readthedocs.io/en/release/modules/uart/ (ESP8266: 0 is the console and the only one that
 * receives), https://nodemcu.readthedocs.io/en/dev-esp32/modules/uart/ (ESP32: 0 is the console, 1 and 2 are free and
 * have to be started).
 */

/** Pins of an ESP32's UART by GPIO number. */
interface UartPins {
  readonly tx: number;
  readonly rx: number;
}

declare const uart: {
  readonly PARITY_NONE: number;
  readonly STOPBITS_1: number;
  /** The rate that was set. The last argument is the echo (0 none) on ESP8266, the pins on ESP32. */
  setup(
    this: void,
    port: number,
    baud: number,
    databits: number,
    parity: number,
    stopbits: number,
    echoOrPins?: number | UartPins,
  ): number;
  /** ESP8266 only. 1 moves UART 0 from its usual pins to GPIO13 (RX) and GPIO15 (TX); 0 moves it back. */
  alt?(this: void, isAlternate: number): void;
  /** ESP32 only. Before this, nothing is received on the port. True if it started. */
  start?(this: void, port: number): boolean;
  /** Bytes, or one byte as a number. */
  write(this: void, port: number, ...data: (string | number)[]): void;
  /**
   * ESP8266: `on('data', length, then, 0)`. Calls with that many bytes, which may lie across what the sensor means as one
   * frame; `0` calls with whatever came. The last argument 0 keeps input from the Lua console and makes it safe for binary.
   * ESP32: the port stands first. A length of 0 calls for every byte there.
   */
  on(this: void, what: 'data', length: number, then: (this: void, bytes: string) => void, toConsole?: number): void;
  on(
    this: void,
    port: number,
    what: 'data' | 'error',
    length: number,
    then: (this: void, bytes: string) => void,
    toConsole?: number,
  ): void;
};
