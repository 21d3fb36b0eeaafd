import type { Hardware } from '../hardware.ts';
import { microsecondsBetween, secondsFrom } from './seconds.ts';

/*
 * ESP32 with the NodeMCU image of branch `dev-esp32`; each call as
 * https://nodemcu.readthedocs.io/en/dev-esp32/modules/ has it. Pins:
 *
 *   GPIO16  RX of UART 2, from the sensor's TX    GPIO34  analogue, 0 to 1.1 V
 *   GPIO17  TX of UART 2, stays open              GPIO25  LED of the Sharp through an NPN transistor, high = on
 */

const led = 25;

/** GPIO34 of the first ADC; the second one belongs to the radio. */
const channel = 6;

const timer =
  (mode: number) =>
  (milliseconds: number, then: () => void): void => {
    tmr.create().alarm(milliseconds, mode, then);
  };

function hardware(): Hardware {
  const uptime = node.uptime as (this: void) => LuaMultiReturn<[number, number]>;
  const one = adc.ADC1 as number;
  const read = adc.read;
  const now = (): number => {
    const [low] = uptime();
    return low;
  };
  /** Holds up until so many microseconds after `start`, and says how many it became. There is no `tmr.delay` here. */
  const waitUntil = (start: number, microseconds: number): number => {
    let passed = 0;
    while (passed < microseconds) passed = microsecondsBetween(start, now());
    return passed;
  };
  (adc.setwidth as (this: void, adcNumber: number, bits: number) => void)(one, 12);
  (adc.setup as (this: void, adcNumber: number, at: number, attenuation: number) => void)(
    one,
    channel,
    adc.ATTEN_0db as number,
  );
  // Without a seed the same numbers come at every boot: this one is of its moment and of the ADC's noise.
  let seed = now();
  for (let step = 0; step < 12; step++) seed = math.floor(seed / 3) + read(one, channel) * 100003;
  math.randomseed(seed);
  let watchdog: Timer | undefined;
  const every = timer(tmr.ALARM_AUTO);
  return {
    chip: 'esp32',
    // `0x1818fe346a88`
    id: () => string.sub(node.chipid() as string, 3),
    uptime: secondsFrom(now),
    after: timer(tmr.ALARM_SINGLE),
    every,
    random: math.random,
    bootReason: () => {
      const [, reason, panics] = node.bootreason();
      if (reason === 8) return 'power';
      // 19 also stands for an error in Lua that nobody caught; then the third tells how many in a row.
      if (reason === 19 && (panics ?? 0) > 0) return 'exception';
      if (reason === 10 || reason === 19) return 'software';
      if (reason === 12) return 'deep-sleep';
      if (reason === 22) return 'brownout';
      return reason === 11 || (reason >= 14 && reason <= 23 && reason !== 17 && reason !== 21) ? 'watchdog' : 'unknown';
    },
    keepAlive: (seconds) => {
      if (watchdog === undefined) watchdog = tmr.create();
      watchdog.unregister();
      watchdog.alarm(seconds * 1000, tmr.ALARM_SINGLE, node.restart);
    },
    sensor: (onBytes) => {
      // No parity, one stop bit.
      uart.setup(2, 9600, 8, 0, 1, { tx: 17, rx: 16 });
      uart.on(2, 'data', 0, onBytes);
      (uart.start as (this: void, port: number) => boolean)(2);
    },
    sample: (isDust, onCount) => {
      (gpio.config as (this: void, settings: { gpio: number; dir: number }) => void)({ gpio: led, dir: gpio.OUT });
      gpio.write(led, 0);
      if (!isDust) {
        let phase = 0;
        // Timers move in ticks of 10 ms here, the very cycle of rectified 50 Hz. 30 ms meet each tenth of 100 ms in turn,
        // which are whole cycles of 50 and of 60 Hz; 0.9 ms further at each sample go over what is between.
        every(30, () => {
          waitUntil(now(), phase);
          onCount(read(one, channel));
          phase += phase < 9100 ? 900 : -9100;
        });
        return;
      }
      every(10, () => {
        gpio.write(led, 1);
        const lead = waitUntil(now(), 280);
        const count = read(one, channel);
        gpio.write(led, 0);
        if (lead <= 300) onCount(count);
      });
    },
    fullCount: 4095,
    perMillivolts: 220,
    perCounts: 819,
    wifi: (ssid, password, onChange) => {
      const on = wifi.sta.on as NonNullable<typeof wifi.sta.on>;
      (wifi.mode as (this: void, mode: number, save: boolean) => void)(wifi.STATION, false);
      const onEvent = (event: string): void => onChange(event === 'got_ip');
      on('got_ip', onEvent);
      on('disconnected', onEvent);
      (wifi.start as (this: void) => void)();
      wifi.sta.config({ ssid, pwd: password }, false);
      wifi.sta.connect();
    },
    // Only a scan would tell, which interrupts the connection.
    rssi: () => undefined,
  };
}

export { hardware };
