import { byteAt, frameScanner, type Heard, sumOf } from './scanner.ts';

/*
 *   0  1 | 2 3    | 4 … 9            | 10 12 14          | 16 … 27            | 28      | 29    | last two
 *   42 4D| length | masses, CF=1     | PM1 PM2.5 PM10    | counts per 0.1 L   | version | error | sum of all before
 *
 * Numbers are high byte first. The length counts what follows it: 28 for the PMS5003, 7003 and A003, 20 for the PMS3003,
 * which has no counts, 36 for the PMS5003ST. Sources: device-profiles/plantower.
 */

/**
 * Reads a Plantower in active mode and calls with PM1, PM2.5 and PM10 of the open air, tenths of µg/m³, all three
 * undefined where a sound frame brings none: while the sensor starts, it sends zeros with a right check sum, and what
 * stands beside an error code is no measurement.
 */
export function plantower(
  heard: Heard,
  onValues: (pm1: number | undefined, pm25: number | undefined, pm10: number | undefined) => void,
): (bytes: string) => void {
  return frameScanner({ head: 'B', length: 32, sizeOf, isSound }, heard, (frame) => {
    const size = frame.length;
    // Counts are left out for the PMS3003, whose bytes behind the masses no source explains.
    const isZero = sumOf(frame, 10, size > 24 ? 23 : 15) === 0;
    if (isZero || (size === 32 && byteAt(frame, 29) !== 0)) onValues(undefined, undefined, undefined);
    else onValues(massAt(frame, 10), massAt(frame, 12), massAt(frame, 14));
  });
}

function sizeOf(bytes: string): number {
  const has = bytes.length;
  if (has > 1 && byteAt(bytes, 1) !== 0x4d) return 0;
  if (has < 4) return 4;
  const size = wordAt(bytes, 2) + 4;
  return size === 32 || size === 24 || size === 40 ? size : 0;
}

function isSound(frame: string): boolean {
  const last = frame.length - 2;
  return sumOf(frame, 0, last - 1) === wordAt(frame, last);
}

function wordAt(frame: string, place: number): number {
  return byteAt(frame, place) * 256 + byteAt(frame, place + 1);
}

function massAt(frame: string, place: number): number {
  return wordAt(frame, place) * 10;
}
