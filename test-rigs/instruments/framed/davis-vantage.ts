import type { Clock } from '../../../gateway/clock.ts';
import { hexOf, Responder } from './responder.ts';

/** What the station measures, in its own units; null where a sensor is missing. */
export interface Weather {
  /** inHg. */
  readonly barometer: number;
  /** °F. */
  readonly temperature: number | null;
  /** %. */
  readonly humidity: number | null;
  /** mph. */
  readonly wind: number | null;
  /** Degrees; 360 is north. */
  readonly direction: number;
  /** Bucket tips since new year. */
  readonly tips: number;
}

/** Bits come in from the top; a 1 that falls out flips 0x1021. */
function crc(bytes: readonly number[]): number {
  let register = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const out = register >= 0x8000;
      const incoming = Math.floor(byte / 2 ** bit) % 2 === 1;
      register = (register * 2) % 0x10000;
      if (out !== incoming) register ^= 0x1021;
    }
  }
  return register;
}

/** The 99 bytes of a LOOP packet (weewx, vantage.py), CRC high byte first. */
export function loopPacket({ barometer, temperature, humidity, wind, direction, tips }: Weather): Uint8Array {
  const view = new DataView(new ArrayBuffer(97));
  for (const [place, byte] of [0x4c, 0x4f, 0x4f].entries()) view.setUint8(place, byte);
  view.setUint16(7, Math.round(barometer * 1000), true);
  view.setInt16(12, temperature === null ? 0x7fff : Math.round(temperature * 10), true);
  view.setUint8(14, wind ?? 0xff);
  view.setUint16(16, direction, true);
  view.setUint8(33, humidity ?? 0xff);
  view.setUint8(43, 0xff);
  view.setUint16(44, 0x7fff, true);
  view.setUint16(54, tips, true);
  view.setUint8(95, 0x0a);
  view.setUint8(96, 0x0d);
  const content = [...new Uint8Array(view.buffer)];
  const sum = crc(content);
  return Uint8Array.of(...content, Math.floor(sum / 256), sum % 256);
}

/** A Davis Vantage Pro2 console: it sleeps again two minutes after it was woken, and hears only a line feed then. */
export function vantagePro2(clock: Clock, measure: () => Weather): Responder {
  let awakeUntil = Number.NEGATIVE_INFINITY;
  const isAwake = (): boolean => clock.monotonic() < awakeUntil;
  let wakes = 0;
  return new Responder(
    {
      [hexOf('LOOP 1\n')]: () => (isAwake() ? Uint8Array.of(0x06, ...loopPacket(measure())) : undefined),
      // The first line feed only wakes it; the answer comes to the next one.
      [hexOf('\n')]: () => {
        wakes = isAwake() ? wakes : wakes + 1;
        if (!isAwake() && wakes < 2) return undefined;
        wakes = 0;
        awakeUntil = clock.monotonic() + 120_000;
        return Uint8Array.of(0x0a, 0x0d);
      },
    },
    { clock },
  );
}
