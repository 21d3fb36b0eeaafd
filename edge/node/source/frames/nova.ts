import { byte, frameScanner, type Heard, type OnFrame, sumOf } from './scanner.ts';

/*
 *   0  1  | 2 3           | 4 5            | 6 7 | 8             | 9
 *   AA C0 | PM2.5, tenths | PM10, tenths   | id  | sum of 2 to 7 | AB     SDS011
 *   AA CF | not stated    | PM100, whole   | id  | sum of 2 to 7 | AB     SDS198
 *
 * Numbers are low byte first. Sources: device-profiles/nova.
 */

/** Reads an SDS011 or an SDS198; values are PM2.5, PM10 and PM100. No source states a warm-up. */
function nova(heard: Heard, onFrame: OnFrame): (bytes: string) => void {
  return frameScanner(0xaa, 10, heard, (held) => {
    const [, kind, a, b, c, d] = byte(held, 1, 6);
    if (kind !== 0xc0 && kind !== 0xcf) return 0;
    if (held.length < 10) return 10;
    const [sum, end] = byte(held, 9, 10);
    if (end !== 0xab || sumOf(held, 3, 8) % 256 !== sum) return 0;
    if (kind === 0xcf) onFrame(undefined, undefined, (c + d * 256) * 10);
    else onFrame(a + b * 256, c + d * 256);
    return 10;
  });
}

export { nova };
