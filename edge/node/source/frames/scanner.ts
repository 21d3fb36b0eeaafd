/** What a sensor's line has brought since the boot. */
export interface Heard {
  /** Frames whose length and check sum hold. */
  good: number;
  /** As many frames as the bytes beside those would have made, parts counted whole. */
  bad: number;
}

/** What tells one kind of frame from anything else. */
export interface FrameShape {
  /** The byte that every frame begins with. */
  head: string;
  /** Bytes of an ordinary frame. */
  length: number;
  /**
   * Bytes of the frame that begins here; 0 if none does. While too little has come to tell, more than has come. Never
   * more than 40.
   */
  sizeOf: (this: void, bytes: string) => number;
  /** Whether these bytes, as many as `sizeOf` said, are a frame: check sum and end. */
  isSound: (this: void, frame: string) => boolean;
}

/**
 * Cuts sound frames out of bytes that come in pieces of any size. What is damaged costs only itself: behind its first
 * byte the search goes on, so that a frame that begins within it is found. Holds at most one frame's bytes between pieces.
 */
export function frameScanner(
  shape: FrameShape,
  heard: Heard,
  onFrame: (frame: string) => void,
): (bytes: string) => void {
  let held = '';
  let stray = 0;
  const drop = (length: number): void => {
    held = string.sub(held, length + 1);
    stray += length;
    while (stray >= shape.length) {
      stray -= shape.length;
      heard.bad += 1;
    }
  };
  return (bytes) => {
    held = held + bytes;
    while (held !== '') {
      const [at] = string.find(held, shape.head, 1, true);
      drop(at === undefined ? held.length : at - 1);
      const size = shape.sizeOf(held);
      if (size > held.length) return;
      const frame = string.sub(held, 1, size);
      if (size > 0 && shape.isSound(frame)) {
        held = string.sub(held, size + 1);
        if (stray > 0) heard.bad += 1;
        stray = 0;
        heard.good += 1;
        onFrame(frame);
      } else if (held !== '') drop(1);
    }
  };
}

/** The byte at a place of a frame; the first is 0, as instruments' manuals count. */
export function byteAt(frame: string, place: number): number {
  const [byte] = string.byte(frame, place + 1);
  return byte ?? 0;
}

/** The sum of the bytes from one place to another, both included. */
export function sumOf(frame: string, from: number, to: number): number {
  let sum = 0;
  for (let place = from; place <= to; place++) sum += byteAt(frame, place);
  return sum;
}
