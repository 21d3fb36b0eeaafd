import { byteAt, frameScanner, type Heard, sumOf } from './scanner.ts';

/*
 *   0  1  | 2 3            | 4 5             | 6 7 | 8                 | 9
 *   AA C0 | PM2.5, tenths  | PM10, tenths    | id  | sum of 2 to 7     | AB     SDS011
 *   AA CF | not stated     | PM100, whole    | id  | sum of 2 to 7     | AB     SDS198
 *
 * Numbers are low byte first. Sources: device-profiles/nova.
 */

/**
 * Reads an SDS011 or an SDS198 and calls with PM2.5, PM10 and PM100, tenths of µg/m³; undefined is what that sensor does
 * not measure. It has no warm-up that a source states.
 */
export function nova(
  heard: Heard,
  onValues: (pm25: number | undefined, pm10: number | undefined, pm100: number | undefined) => void,
): (bytes: string) => void {
  return frameScanner({ head: string.char(0xaa), length: 10, sizeOf, isSound }, heard, (frame) => {
    if (byteAt(frame, 1) === 0xc0) onValues(wordAt(frame, 2), wordAt(frame, 4), undefined);
    else onValues(undefined, undefined, wordAt(frame, 4) * 10);
  });
}

function sizeOf(bytes: string): number {
  const kind = byteAt(bytes, 1);
  return bytes.length > 1 && kind !== 0xc0 && kind !== 0xcf ? 0 : 10;
}

function isSound(frame: string): boolean {
  const sum = sumOf(frame, 2, 7);
  return byteAt(frame, 9) === 0xab && sum - math.floor(sum / 256) * 256 === byteAt(frame, 8);
}

function wordAt(frame: string, place: number): number {
  return byteAt(frame, place) + byteAt(frame, place + 1) * 256;
}
