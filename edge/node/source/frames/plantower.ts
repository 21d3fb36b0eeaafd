import { byte, frameScanner, type Heard, type OnFrame, sumOf } from './scanner.ts';

/*
 *   0  1 | 2 3    | 4 … 9        | 10 12 14         | 16 … 27          | 28      | 29    | last two
 *   42 4D| length | masses, CF=1 | PM1 PM2.5 PM10   | counts per 0.1 L | version | error | sum of all before
 *
 * Numbers are high byte first; the length counts what follows it. 32 bytes in all for the PMS5003, 7003 and A003; 24,
 * without counts, for the PMS3003; 40 for the PMS5003ST. Sources: device-profiles/plantower.
 */

/**
 * Reads a Plantower in active mode; values are PM1, PM2.5 and PM10 of the open air. A sound frame may bring none: a sensor
 * that starts sends zeros with a right check sum, and what stands beside an error code is no measurement.
 */
function plantower(heard: Heard, onFrame: OnFrame): (bytes: string) => void {
  return frameScanner(0x42, 32, heard, (held) => {
    const [, second, high, low] = byte(held, 1, 4);
    const size = high * 256 + low + 4;
    if (second !== 0x4d || (size !== 32 && size !== 24 && size !== 40)) return 0;
    if (size > held.length) return size;
    const [one, two] = byte(held, size - 1, size);
    if (sumOf(held, 1, size - 2) !== one * 256 + two) return 0;
    if (sumOf(held, 11, size > 24 ? 24 : 16) === 0 || (size === 32 && byte(held, 30) > 0)) onFrame();
    else {
      const [a, b, c, d, e, f] = byte(held, 11, 16);
      onFrame((a * 256 + b) * 10, (c * 256 + d) * 10, (e * 256 + f) * 10);
    }
    return size;
  });
}

export { plantower };
