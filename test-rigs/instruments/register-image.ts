import type { Registers, Table } from './simulated-modbus-slave.ts';

/** What single registers of one table hold, asked for at each read; registers that are not listed do not exist. */
export function registerImage(
  table: Table,
  fields: () => Iterable<readonly [register: number, words: number[]]>,
): Registers {
  let words = new Map<number, number>();
  const image: Registers = (asked, register) => (asked === table ? words.get(register) : undefined);
  // Taken once for each request, so that the words of one quantity belong together.
  image.onRequest = () => {
    words = new Map();
    for (const [register, field] of fields()) {
      for (const [index, word] of field.entries()) words.set(register + index, word);
    }
  };
  return image;
}

/** The two registers of a big-endian float32. */
export function float32(value: number): number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint16(0), view.getUint16(2)];
}

/** One register; negative numbers as two's complement. */
export function word(value: number): number[] {
  return [Math.round(value) & 0xffff];
}

/** A value that sways slowly around a middle: the sum of two waves, no noise, the same for the same moment. */
export function swaying(middle: number, swing: number, seconds: number, milliseconds: number): number {
  const turn = (milliseconds / 1000 / seconds) * 2 * Math.PI;
  return middle + swing * (0.7 * Math.sin(turn) + 0.3 * Math.sin(turn * 3.7 + 1));
}
