import type { PlantowerProfile } from '../../profile.ts';
import type { Complain } from './complain.ts';

/** Rules of a Plantower profile: where its frame ends. */
export function checkPlantower({ frame, points }: PlantowerProfile, complain: Complain): void {
  const lastData = frame.length - 3;
  if (frame.allZero && (frame.allZero[0] > frame.allZero[1] || frame.allZero[1] > lastData)) {
    complain(['frame', 'allZero'], 'is no span of data bytes', `write [first, last] within 4 to ${lastData}`);
  }
  const taken = new Map<number, string>();
  points.forEach(({ id, byteOffset, type }, index) => {
    const path = ['points', index, 'byteOffset'];
    const last = byteOffset + (type === 'u8' ? 0 : 1);
    if (last > lastData) {
      const fault = `${type} at byte ${byteOffset} would end beyond the data`;
      complain(path, fault, `write a byte of at most ${lastData - (last - byteOffset)}: the checksum follows`);
    }
    const other = taken.get(byteOffset) ?? taken.get(last);
    if (other !== undefined) complain(path, `overlaps the point ${other}`, 'correct the byte of one of the two');
    for (let byte = byteOffset; byte <= last; byte += 1) taken.set(byte, id);
  });
}
