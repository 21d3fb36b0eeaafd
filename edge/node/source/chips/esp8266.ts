import type { Hardware } from '../hardware.ts';
import { microsecondsBetween, secondsFrom } from './seconds.ts';

/*
 * ESP8266 with the NodeMCU image of branch `release`; each call as https://nodemcu.readthedocs.io/en/release/modules/
 * has it. Pins by the names on the board:
 *
 *   D7 (GPIO13)  RX, from the sensor's TX         A0          analogue, 0 to 1 V at the chip
 *   D8 (GPIO15)  TX, stays open: nothing is sent  D1 (GPIO5)  LED of the Sharp through an NPN transistor, high = on
 */

/** D1, which is low while the chip boots. */
const led = 1;

/** By the extended reset cause that `node.bootreason` gives second. */
const reasons = ['power', 'watchdog', 'exception', 'watchdog', 'software', 'deep-sleep', 'external'];

const timer =
  (mode: number) =>
  (milliseconds: number, then: () => void): void => {
    tmr.create().alarm(milliseconds, mode, then);
  };

function hardware(): Hardware {
  // On the crystal's clock; `tmr.time` goes by the RTC's oscillator, which drifts with warmth.
  const now = tmr.now as (this: void) => number;
  const delay = tmr.delay as (this: void, microseconds: number) => void;
  const write = gpio.write;
  const read = adc.read;
  const every = timer(tmr.ALARM_AUTO);
  return {
    chip: 'esp8266',
    id: () => string.format('%06x', node.chipid() as number),
    uptime: secondsFrom(now),
    after: timer(tmr.ALARM_SINGLE),
    every,
    random: node.random as (this: void) => number,
    bootReason: () => {
      const [, reason] = node.bootreason();
      return reasons[reason] ?? 'unknown';
    },
    keepAlive: tmr.softwd as (this: void, seconds: number) => void,
    sensor: (onBytes) => {
      // No parity, one stop bit, no echo.
      uart.setup(0, 9600, 8, 0, 1, 0);
      (uart.alt as (this: void, isAlternate: number) => void)(1);
      // 0: each byte as it comes; with a length, a frame would wait for the one behind it. The last 0: not to the console.
      uart.on('data', 0, onBytes, 0);
    },
    sample: (isDust, onCount) => {
      if ((adc.force_init_mode as (this: void, mode: number) => boolean)(adc.INIT_ADC as number)) node.restart();
      (gpio.mode as (this: void, pin: number, mode: number) => void)(led, gpio.OUTPUT);
      write(led, 0);
      if (!isDust) {
        // Rectified 50 Hz is met at 10 places of its cycle, 60 Hz at 25. Samples 1 or 2 ms apart take the radio off the air,
        // 10 ms do not (https://github.com/esp8266/Arduino/issues/513).
        every(17, () => {
          const count = read(0);
          // 65535 where it reads the supply.
          if (count <= 1024) onCount(count);
        });
        return;
      }
      /** Microseconds of waiting that bring the sample to 0.28 ms; the calls around it take the rest. Finds itself. */
      let wait = 250;
      every(10, () => {
        write(led, 1);
        const start = now();
        delay(wait);
        const end = now();
        const count = read(0);
        write(led, 0);
        // `tmr.delay` may take noticeably longer than it was told, and an interrupt longer still: nothing to learn from.
        const lead = microsecondsBetween(start, end);
        if (lead < 380) wait += lead > 280 && wait > 4 ? -4 : 4;
        if (lead >= 260 && lead <= 300 && count <= 1024) onCount(count);
      });
    },
    fullCount: 1023,
    perMillivolts: 125,
    perCounts: 128,
    wifi: (ssid, password, onChange) => {
      const events = wifi.eventmon as NonNullable<typeof wifi.eventmon>;
      (wifi.setmode as (this: void, mode: number, save: boolean) => void)(wifi.STATION, false);
      const onEvent = (information: { readonly IP?: unknown }): void => onChange(information.IP !== undefined);
      events.register(events.STA_GOT_IP, onEvent);
      events.register(events.STA_DISCONNECTED, onEvent);
      wifi.sta.config({ ssid, pwd: password, auto: true, save: false });
    },
    rssi: wifi.sta.getrssi as (this: void) => number | undefined,
  };
}

export { hardware };
