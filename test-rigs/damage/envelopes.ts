import type { FramedProfile, Profile } from '../../device-profiles/profile.ts';
import { closedFrame } from '../instruments/from-profile/encoding/frames.ts';
import { type CrcKind, hj212CrcOf } from '../instruments/hj212-packet.ts';
import { rtuFrame } from '../instruments/simulated-modbus-slave.ts';

/*
 * What a protocol puts around its content to prove it, apart from the product's own: so a test knows of any bytes whether
 * their check sum holds, and can put a right one around nonsense.
 *
 *   envelope.find(bytes)                          // the first frame that is right by its check sum
 *   envelope.close(nonsense(envelope.open(frame)))
 */
export interface Envelope {
  /** The first piece whose check sum holds; undefined where there is none. */
  readonly find: (bytes: Uint8Array) => Uint8Array | undefined;
  /** What the check sum of a right frame stands for. */
  readonly open: (frame: Uint8Array) => Uint8Array;
  /** A frame with that content, its length and check sum right over it. */
  readonly close: (content: Uint8Array) => Uint8Array;
}

export function envelopeOf(profile: Profile): Envelope {
  switch (profile.protocol) {
    case 'modbus':
      return modbusEnvelope(profile.quirks.crcSwapped);
    case 'dlt645':
      return dlt645Envelope;
    case 'hj212':
      return hj212Envelope;
    case 'framed':
      return framedEnvelope(profile.framing);
    case 'node':
      throw new RangeError(`${profile.profile}: messages of a node have no check sum of their own`);
    case 'firmata':
      throw new RangeError(`${profile.profile}: messages of a board have no check sum`);
  }
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

/** Every piece that begins with this. */
function* from(bytes: Uint8Array, start: Uint8Array): Generator<Uint8Array> {
  if (start.length === 0) return yield bytes;
  const all = Buffer.from(bytes);
  for (let at = all.indexOf(start); at >= 0; at = all.indexOf(start, at + 1)) yield bytes.subarray(at);
}

const modbusEnvelope = (swapsCheckSums: boolean): Envelope => {
  const close = (content: Uint8Array): Uint8Array => {
    const frame = rtuFrame(content[0] ?? 0, content.subarray(1));
    if (swapsCheckSums) frame.subarray(-2).reverse();
    return frame;
  };
  const open = (frame: Uint8Array): Uint8Array => frame.subarray(0, -2);
  const isRight = (frame: Uint8Array): boolean => isSame(rtuFrame(frame[0] ?? 0, frame.subarray(1, -2)), frame);
  const holds = (frame: Uint8Array): boolean =>
    isRight(frame) || (swapsCheckSums && isRight(Uint8Array.of(...open(frame), ...frame.slice(-2).reverse())));
  return {
    open,
    close,
    find: (bytes) => {
      for (let at = 0; at + 5 <= bytes.length; at += 1) {
        // By what stands for its length in an answer with data, or as a refusal.
        const lengths = [5 + (bytes[at + 2] ?? 0), 5];
        const found = lengths.find((length) => at + length <= bytes.length && holds(bytes.subarray(at, at + length)));
        if (found) return bytes.subarray(at, at + found);
      }
      return undefined;
    },
  };
};

/** Modbus TCP proves nothing but its length, and that each frame carries the number of its request. */
export const modbusTcpEnvelope: Envelope = {
  find: (frame) => frame,
  open: (frame) => frame,
  close: (content) => {
    const length = Math.max(0, content.length - 6);
    return content.map((byte, at) => [0, 0, length >> 8, length & 0xff][at - 2] ?? byte);
  },
};

const sumOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => (sum + byte) % 256, 0);

/** Content: from the first 68 to the last byte of the data, whose length is made right. */
const dlt645Envelope: Envelope = {
  find: (bytes) => {
    for (const rest of from(bytes, Uint8Array.of(0x68))) {
      const frame = rest.subarray(0, 12 + (rest[9] ?? 0));
      if (rest[7] === 0x68 && frame.length >= 12 && isSame(summed(frame.subarray(0, -2)), frame)) return frame;
    }
    return undefined;
  },
  open: (frame) => frame.subarray(0, -2),
  close: (content) =>
    summed(content.length < 10 ? content : content.map((byte, at) => (at === 9 ? content.length - 10 : byte))),
};

function summed(content: Uint8Array): Uint8Array {
  return Uint8Array.of(...content, sumOf(content), 0x16);
}

const crcKinds: readonly CrcKind[] = ['hj212', 'modbus', 'modbus-swapped'];

const hj212Envelope: Envelope = {
  find: (bytes) => {
    for (const rest of from(bytes, Buffer.from('##'))) {
      const text = Buffer.from(rest).toString('latin1');
      const declared = Number(/^##(\d{4})/.exec(text)?.[1] ?? Number.NaN);
      const lineEnds = [...text.matchAll(/\r\n|\\r\\n/g)].map(({ index }) => index - 10);
      for (const length of [declared, ...lineEnds]) {
        if (length >= 0 && isRightPacket(rest.subarray(6, 6 + length), text.slice(6 + length, 10 + length))) {
          return rest.subarray(0, 10 + length);
        }
      }
    }
    return undefined;
  },
  open: (packet) => packet.subarray(6, -4),
  close: (segment) => {
    const [crc = 0, length] = [hj212CrcOf(segment, 'hj212'), String(segment.length).padStart(4, '0').slice(-4)];
    const digits = crc.toString(16).toUpperCase().padStart(4, '0');
    return Uint8Array.of(...Buffer.from(`##${length}`), ...segment, ...Buffer.from(`${digits}\r\n`));
  },
};

function isRightPacket(segment: Uint8Array, digits: string): boolean {
  const crc = /^[0-9A-Fa-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
  return crcKinds.some((kind) => hj212CrcOf(segment, kind) === crc);
}

/** Content: the whole frame before anything of it is stuffed. */
function framedEnvelope(framing: FramedProfile['framing']): Envelope {
  const { start = new Uint8Array(0), end, length, longest } = framing;
  const close = (content: Uint8Array): Uint8Array => closedFrame(framing, withLength(framing, content));
  const open = (frame: Uint8Array): Uint8Array => unstuffed(framing, frame);
  // A byte that should have been stuffed and was not is no fault of the sum.
  const { stuffing: _, ...plain } = framing;
  const holds = (content: Uint8Array): boolean => isSame(closedFrame(plain, content), content);
  const sizes = (rest: Uint8Array): number[] => {
    if (end)
      return [...from(rest.subarray(0, longest), end)].map(
        (tail) => Math.min(rest.length, longest) - tail.length + end.length,
      );
    if (typeof length === 'number') return [length];
    if (!length) return [];
    const width = length.type === 'u8' ? 1 : 2;
    return [
      length.plus +
        Buffer.from(rest)
          .subarray(0, length.byte + width)
          .readUIntBE(length.byte, width),
    ];
  };
  return {
    open,
    close,
    find: (bytes) => {
      for (const rest of from(bytes, start)) {
        for (const size of rest.length > 4 ? sizes(rest) : []) {
          const frame = rest.subarray(0, size);
          if (frame.length === size && size > 2 && holds(open(frame))) return frame;
        }
      }
      return undefined;
    },
  };
}

function withLength({ length }: FramedProfile['framing'], content: Uint8Array): Uint8Array {
  if (length === undefined || typeof length === 'number') return content;
  const stated = Math.max(0, content.length - length.plus);
  const own = length.type === 'u8' ? [stated & 0xff] : [stated >> 8, stated & 0xff];
  return content.map((byte, at) => own[at - length.byte] ?? byte);
}

function unstuffed({ stuffing, start, end }: FramedProfile['framing'], frame: Uint8Array): Uint8Array {
  if (!stuffing) return frame;
  const inner = frame.subarray(start?.length ?? 0, frame.length - (end?.length ?? 0));
  const plain: number[] = [];
  for (let at = 0; at < inner.length; at += 1) {
    const isEscape = inner[at] === stuffing.escape[0];
    const code = (inner[at + 1] ?? 0).toString(16).toUpperCase().padStart(2, '0');
    plain.push(isEscape ? (stuffing.codes[code]?.[0] ?? 0) : (inner[at] ?? 0));
    if (isEscape) at += 1;
  }
  return Uint8Array.of(...(start ?? []), ...plain, ...(end ?? []));
}
