import type { Hardware } from '../hardware.ts';
import { microsecondsBetween, secondsFrom } from './seconds.ts';

/*
 * ESP8266 with the NodeMCU image of branch `release`; each call as https://nodemcu.readthedocs.io/en/release/modules/
 * has it. Pins by the numbers of the board:
 *
 *   D7 (GPIO13)  RX, from the sensor's TX         A0   analogue, 0 to 1 V at the chip
 *   D8 (GPIO15)  TX, stays open: nothing is sent  D1 (GPIO5)  LED of the Sharp through an NPN transistor, high = on
 */

/** D1, which is low while the chip boots. */
const ledPin = 1;

/** By the extended reset cause that `node.bootreason` gives second. */
const reasons = ['power', 'watchdog', 'exception', 'watchdog', 'software', 'deep-sleep', 'external'];

export function hardware(): Hardware {
  // 31 bits of microseconds on the crystal's clock; `tmr.time` goes by the RTC's oscillator, which drifts with warmth.
  const now = tmr.now as (this: void) => number;
  const delay = tmr.delay as (this: void, microseconds: number) => void;
  const write = gpio.write;
  const read = adc.read;
  const on = gpio.HIGH;
  const off = gpio.LOW;
  /** Microseconds of waiting that bring the sample to 0.28 ms; the calls around it take the rest. Finds itself. */
  let wait = 250;
  return {
    chip: 'esp8266',
    secure: false,
    id: () => string.format('%06x', node.chipid() as number),
    uptime: secondsFrom(now),
    after: (milliseconds, then) => {
      tmr.create().alarm(milliseconds, tmr.ALARM_SINGLE, then);
    },
    every: (milliseconds, then) => {
      tmr.create().alarm(milliseconds, tmr.ALARM_AUTO, then);
    },
    random: node.random as (this: void) => number,
    heap: node.heap,
    bootReason: () => {
      const [, reason] = node.bootreason();
      return reasons[reason] ?? 'unknown';
    },
    restart: node.restart,
    keepAlive: tmr.softwd as (this: void, seconds: number) => void,
    sensor: (onBytes) => {
      uart.setup(0, 9600, 8, uart.PARITY_NONE, uart.STOPBITS_1, 0);
      (uart.alt as (this: void, isAlternate: number) => void)(1);
      // 0: each byte as it comes; with a length, a frame would wait for the one that follows it. The last 0: not a console.
      uart.on('data', 0, onBytes, 0);
    },
    openAnalogue: () => {
      if ((adc.force_init_mode as (this: void, mode: number) => boolean)(adc.INIT_ADC as number)) node.restart();
      (gpio.mode as (this: void, pin: number, mode: number) => void)(ledPin, gpio.OUTPUT);
      write(ledPin, off);
    },
    analogue: () => {
      const count = read(0);
      // 65535 where it reads the supply.
      return count > 1024 ? undefined : count;
    },
    // 17 ms: 50 Hz at 20 places, twice that at 10, 60 Hz at 50. Below 10 ms the ADC drives the radio off the air
    // (https://github.com/esp8266/Arduino/issues/513).
    sampleMilliseconds: 17,
    fullCount: 1023,
    perMillivolts: 125,
    perCounts: 128,
    dust: () => {
      write(ledPin, on);
      const start = now();
      delay(wait);
      const lead = microsecondsBetween(start, now());
      const count = read(0);
      write(ledPin, off);
      // `tmr.delay` may take noticeably longer than it was told, and an interrupt longer still.
      wait += lead > 280 ? -4 : 4;
      if (wait < 100) wait = 100;
      return lead < 260 || lead > 300 || count > 1024 ? undefined : count;
    },
    wifi: (ssid, password, onChange) => {
      const events = wifi.eventmon as NonNullable<typeof wifi.eventmon>;
      (wifi.setmode as (this: void, mode: number, save: boolean) => void)(wifi.STATION, false);
      events.register(events.STA_GOT_IP, () => onChange(true));
      // Comes at every attempt that fails, too.
      events.register(events.STA_DISCONNECTED, () => onChange(false));
      wifi.sta.config({ ssid, pwd: password, auto: true, save: false });
    },
    rssi: wifi.sta.getrssi as (this: void) => number | undefined,
  };
}
