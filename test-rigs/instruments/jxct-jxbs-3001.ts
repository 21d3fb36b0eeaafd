import type { Clock } from '../../gateway/clock.ts';
import { registerImage, swaying, word } from './register-image.ts';
import type { Registers } from './simulated-modbus-slave.ts';

/*
 * In three lines:
 *   const dust = jxctDust(clock);
 *   new SimulatedModbusSlave({ address: 1, registers: dust }).serveRtu(line.connect());
 */

/** A JXCT JXBS-3001 with humidity, temperature, PM2.5 and PM10: holding registers 0 to 9. */
export function jxctDust(clock: Clock): Registers {
  return registerImage(3, () => {
    const now = clock.monotonic();
    const values = [
      swaying(58, 5, 700, now) * 10,
      swaying(19, 2, 800, now) * 10,
      0,
      0,
      Math.max(0, swaying(42, 10, 180, now)),
      swaying(430, 20, 500, now),
      0,
      0,
      0,
      Math.max(0, swaying(85, 20, 160, now)),
    ];
    return values.map((value, index): [number, number[]] => [index, word(value)]);
  });
}
