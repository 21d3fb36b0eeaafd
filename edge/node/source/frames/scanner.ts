const byte = string.byte;
const sub = string.sub;

/** What a sensor's line has brought since the boot. */
export interface Heard {
  /** Frames whose length and check sum hold. */
  good: number;
  /** As many frames as the bytes beside those would have made. */
  bad: number;
}

/** Called at each sound frame with up to three values, tenths of µg/m³; undefined is what was not measured. */
export type OnFrame = (first?: number, second?: number, third?: number) => void;

/**
 * Finds frames in bytes that come in pieces of any size. Damage costs only itself: the search goes on behind the first
 * damaged byte, so a frame that begins within is found. No more than one frame's bytes are kept between pieces.
 *
 * @param head the byte that every frame begins with
 * @param usual bytes of an ordinary frame
 * @param read tells what the sound frame says that `held`, four bytes or more, begins with, and gives its bytes; 0 if it
 *   begins with none; more than `held` has while it may become one
 */
function frameScanner(
  head: number,
  usual: number,
  heard: Heard,
  read: (held: string) => number,
): (bytes: string) => void {
  const first = string.char(head);
  let held = '';
  let stray = 0;
  return (bytes) => {
    held = held + bytes;
    while (true) {
      const [at] = string.find(held, first, 1, true);
      const skipped = at === undefined ? held.length : at - 1;
      held = sub(held, skipped + 1);
      let size = held.length < 4 ? usual : read(held);
      stray += skipped;
      if (size > 0) {
        if (size > held.length) break;
        heard.good += 1;
      } else {
        size = 1;
        stray += 1;
      }
      held = sub(held, size + 1);
    }
    while (stray >= usual) {
      stray -= usual;
      heard.bad += 1;
    }
  };
}

/** The sum of the bytes at two places and between, counted from 1. */
function sumOf(frame: string, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at <= to; at++) sum += byte(frame, at);
  return sum;
}

export { byte, frameScanner, sumOf };
