import type { Clock } from '../../gateway/clock.ts';
import { registerImage, swaying, word } from './register-image.ts';
import type { Registers } from './simulated-modbus-slave.ts';

/*
 * In three lines:
 *   const station = renkeStation(clock);
 *   new SimulatedModbusSlave({ address: 2, registers: station }).serveRtu(line.connect());
 */

/** Beaufort force of a wind speed in m/s. */
function beaufort(speed: number): number {
  return Math.min(12, Math.round((speed / 0.836) ** (2 / 3)));
}

/** A Renke RS-FSXCS-N01 with every sensor fitted, wind speed in tenths: sixteen holding registers from 500. */
export function renkeStation(clock: Clock): Registers {
  return registerImage(3, () => {
    const now = clock.monotonic();
    const wind = Math.max(0, swaying(2.4, 1.1, 50, now));
    const direction = (swaying(140, 35, 120, now) + 360) % 360;
    const lux = Math.max(0, swaying(24_000, 3000, 300, now));
    const values = [
      wind * 10,
      beaufort(wind),
      Math.round(direction / 45) % 8,
      direction,
      swaying(62, 4, 600, now) * 10,
      swaying(18.5, 1.5, 900, now) * 10,
      swaying(61, 5, 40, now) * 10,
      Math.max(0, swaying(38, 9, 240, now)),
      Math.max(0, swaying(74, 16, 200, now)),
      swaying(101.5, 0.1, 1800, now) * 10,
      Math.floor(lux / 65_536),
      lux % 65_536,
      lux / 100,
      0,
      0,
      Math.max(0, swaying(310, 60, 300, now)),
    ];
    return values.map((value, index): [number, number[]] => [500 + index, word(value)]);
  });
}
