/**
 * Pins. https://nodemcu.readthedocs.io/en/release/modules/gpio/ and .../adc/ (ESP8266: pins by the numbers on the board,
 * one ADC channel, 0 to 1024), https://nodemcu.readthedocs.io/en/dev-esp32/modules/gpio/ and .../adc/ (ESP32: GPIO numbers).
 */

declare const gpio: {
  /** ESP8266 only. */
  mode?(this: void, pin: number, mode: number): void;
  /** ESP32 only. */
  config?(this: void, settings: { gpio: number | number[]; dir: number; opendrain?: number; pull?: number }): void;
  write(this: void, pin: number, level: number): void;
  read(this: void, pin: number): number;
  readonly OUTPUT: number;
  readonly INPUT: number;
  readonly HIGH: number;
  readonly LOW: number;
  readonly OUT: number;
  readonly IN: number;
};

declare const adc: {
  /** ESP8266 only. */
  readonly INIT_ADC?: number;
  /** ESP8266 only: what the ADC measures, the pin or the supply. True if the chip has to restart for it first. */
  force_init_mode?(this: void, mode: number): boolean;
  /** ESP8266: channel 0. ESP32: number of the ADC, channel. Raw count; 65535 where the ESP8266 reads its supply. */
  read(this: void, adcOrChannel: number, channel?: number): number;
  /** ESP32 only. */
  readonly ADC1?: number;
  readonly ATTEN_0db?: number;
  readonly ATTEN_2_5db?: number;
  readonly ATTEN_6db?: number;
  readonly ATTEN_11db?: number;
  /** ESP32 only. 9 to 12 bits, for all channels. */
  setwidth?(this: void, adcNumber: number, bits: number): void;
  setup?(this: void, adcNumber: number, channel: number, attenuation: number): void;
};
