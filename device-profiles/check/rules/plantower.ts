import type { PlantowerProfile } from '../../profile.ts';
import { both, type Complain } from './complain.ts';

/** Rules of a Plantower profile: where its frame ends. */
export function checkPlantower({ frame, points }: PlantowerProfile, complain: Complain): void {
  const lastData = frame.length - 3;
  if (frame.allZero && (frame.allZero[0] > frame.allZero[1] || frame.allZero[1] > lastData)) {
    complain(
      ['frame', 'allZero'],
      both('is no span of data bytes', '不是数据字节的范围'),
      both(`write [first, last] within 4 to ${lastData}`, `写 [首, 尾]，4 到 ${lastData}`),
    );
  }
  const taken = new Map<number, string>();
  points.forEach(({ id, byteOffset, type }, index) => {
    const path = ['points', index, 'byteOffset'];
    const last = byteOffset + (type === 'u8' ? 0 : 1);
    if (last > lastData) {
      const most = lastData - (last - byteOffset);
      complain(
        path,
        both(`${type} at byte ${byteOffset} would end beyond the data`, `第 ${byteOffset} 字节的 ${type} 超出数据`),
        both(`write a byte of at most ${most}: the checksum follows`, `字节最大为 ${most}：其后是校验和`),
      );
    }
    const other = taken.get(byteOffset) ?? taken.get(last);
    if (other !== undefined) {
      complain(
        path,
        both(`overlaps the point ${other}`, `与测点 ${other} 重叠`),
        both('correct the byte of one of the two', '改正其中一个的字节'),
      );
    }
    for (let byte = byteOffset; byte <= last; byte += 1) taken.set(byte, id);
  });
}
