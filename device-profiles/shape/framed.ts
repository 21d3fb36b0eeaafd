import * as z from 'zod';
import { auxiliaryFields, cadences, pointFields, profileFields, word } from './fields.ts';
import { askingLimits } from './limits.ts';

/**
 * What a profile of an instrument says that speaks frames of its own: bytes between a head and an end or of a stated
 * length, or lines of text. It sends them unasked, or answers a fixed request with one.
 */

/** Bytes a type takes where the type itself says it; the other types take `length` characters, or end at a separator. */
export const framedTypes = {
  u8: { bytes: 1, kind: 'whole' },
  s8: { bytes: 1, kind: 'whole' },
  u14: { bytes: 2, kind: 'whole' },
  u16: { bytes: 2, kind: 'whole' },
  s16: { bytes: 2, kind: 'whole' },
  u24: { bytes: 3, kind: 'whole' },
  s24: { bytes: 3, kind: 'whole' },
  u32: { bytes: 4, kind: 'whole' },
  s32: { bytes: 4, kind: 'whole' },
  float32: { bytes: 4, kind: 'real' },
  'hex-float32': { bytes: 8, kind: 'real' },
  decimal: { bytes: null, kind: 'real' },
  hex: { bytes: null, kind: 'whole' },
  text: { bytes: null, kind: 'text' },
} as const;

type FramedType = keyof typeof framedTypes;
const allTypes = Object.keys(framedTypes) as FramedType[];
type NumericType = Exclude<FramedType, 'text'>;
const numericTypes = allTypes.filter((type): type is NumericType => framedTypes[type].kind !== 'text');

const hexadecimal = z
  .string()
  .regex(/^[0-9A-Fa-f]{2}( ?[0-9A-Fa-f]{2})*$/, 'must be bytes in hexadecimal, such as 42 4D, in quotes')
  .transform((text) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex')));

const text = z.strictObject({
  text: z
    .string()
    .min(1)
    .refine((characters) => [...characters].every((one) => one.charCodeAt(0) < 0x80), 'must be ASCII characters')
    .describe('The same as ASCII text; \\r, \\n and \\x01 work in double quotes'),
});

/** Bytes on the wire: `"42 4D"`, or `{ text: "LOOP 1\n" }`. */
const bytesSchema = z.union([
  hexadecimal,
  text.transform(({ text: characters }) => Uint8Array.from(Buffer.from(characters, 'latin1'))),
]);

/** A place counted from the frame's first byte; negative from behind its last: -1 is the last byte. */
const place = z.int().min(-1024).max(1023);

const checkSumSchema = z
  .strictObject({
    kind: z
      .enum(['sum', 'xor', 'crc16-modbus', 'crc16-ccitt'])
      .describe('sum of the bytes, all of them exclusive-or, or a CRC (ccitt: polynomial 1021 from 0)'),
    bits: z.literal([8, 16]).default(8).describe('How wide it is'),
    turned: z
      .enum(['as-is', 'negated', 'inverted'])
      .default('as-is')
      .describe('negated: what makes the sum zero (two’s complement); inverted: every bit turned'),
    from: place.default(0).describe('First byte that it covers; negative from the end'),
    to: place.describe('Last byte that it covers; negative from the end'),
    at: place.describe('Where it stands; negative from the end'),
    written: z
      .enum(['high-first', 'low-first', 'hex'])
      .default('high-first')
      .describe('High byte first, low byte first, or as ASCII hexadecimal digits'),
  })
  .describe('What proves that a frame is whole');
export type CheckSum = z.output<typeof checkSumSchema>;

/** What tells a frame from others. */
const marks = z.array(
  z.strictObject({ byte: place.describe('Where they stand'), bytes: bytesSchema.describe('The bytes') }),
);

const framingSchema = z.strictObject({
  start: bytesSchema.optional().describe('Bytes with which every frame begins; left out where lines only have an end'),
  length: z
    .union([
      z.int().min(2).max(1024),
      z.strictObject({
        byte: z.int().min(0).max(64).describe('Where the length stands'),
        type: z.enum(['u8', 'u16']).describe('How it is read, high byte first'),
        plus: z.int().min(0).max(64).describe('Bytes of the frame that it does not count'),
      }),
    ])
    .optional()
    .describe('Bytes of a whole frame, head to check sum; or where the frame says it'),
  end: bytesSchema
    .optional()
    .describe('The bytes with which every frame ends; with a length beside it they must stand where that says'),
  longest: z.int().min(2).max(4096).default(1024).describe('A frame is never longer than this, in bytes'),
  stuffing: z
    .strictObject({
      escape: hexadecimal.describe('The byte that announces a changed one'),
      codes: z
        .record(z.string().regex(/^[0-9A-F]{2}$/, 'must be one byte in capitals, such as "5E", in quotes'), hexadecimal)
        .describe('What follows it: the byte that was meant'),
    })
    .optional()
    .describe('Bytes between start and end that are sent as two; all places count after they are put back'),
  checkSum: checkSumSchema.optional(),
  refusedBy: marks.min(1).optional().describe('What tells a frame that says: I do not know this request'),
  announcedBy: bytesSchema.optional().describe('Bytes before an answer that are no part of it, such as an ACK'),
  idleMs: z
    .int()
    .min(20)
    .max(10_000)
    .default(500)
    .describe('Silence after which an unfinished frame is given up, in ms'),
});
export type Framing = z.output<typeof framingSchema>;

const messageSchema = z.strictObject({
  id: word.describe('Name of the message'),
  request: bytesSchema.optional().describe('What is sent to get it; left out for one that comes unasked'),
  is: marks.default([]).describe('What tells it from other frames: bytes at places'),
  length: z.int().min(2).max(4096).optional().describe('How long it is, in bytes; one of another length is not this'),
  emptyLength: z
    .int()
    .min(2)
    .max(1024)
    .optional()
    .describe('A frame of this length says that there is nothing new since the last one'),
  separator: z.string().min(1).max(3).optional().describe('What stands between the fields of a text, such as ","'),
  records: z
    .strictObject({
      byte: z.int().min(0).max(1023).describe('Where the first record begins'),
      length: z.int().min(1).max(1024).describe('Bytes of a record without what it counts'),
      count: z
        .strictObject({
          byte: z.int().min(0).max(1023).describe('Where it says how many, from the beginning of the record'),
          digits: z.int().min(1).max(4).describe('How many hexadecimal digits'),
          each: z.int().min(1).max(64).describe('Bytes of each of them'),
        })
        .optional()
        .describe('What a record says it holds more of'),
      until: bytesSchema.describe('What stands behind the last record'),
      key: z
        .strictObject({ byte: z.int().min(0).max(1023), length: z.int().min(1).max(16) })
        .describe('The characters of a record that tell it from the others'),
    })
    .optional()
    .describe('A list of records in it'),
  cadence: z
    .enum(cadences)
    .default('fast')
    .describe('How often it is worth asking for: fast with every poll of the site, slow seldom, once, daily'),
});
export type FramedMessage = z.output<typeof messageSchema>;

/** Where a value stands. */
const placement = {
  message: word.optional().describe('The message that holds it; without it, the first'),
  byte: place
    .optional()
    .describe('Its first byte, counted from the start of the frame or record; negative from the end'),
  field: z.int().min(0).max(500).optional().describe('In place of byte: which field of the text, 0 is the first'),
  after: z
    .string()
    .min(1)
    .max(32)
    .optional()
    .describe('In place of byte: the characters it stands behind, such as "PM10="'),
  record: z.string().min(1).max(16).optional().describe('The key of the record in which `byte` counts'),
  length: z.int().min(1).max(64).optional().describe('For text, decimal and hex at a byte: how many characters'),
  order: z.enum(['ABCD', 'DCBA']).default('ABCD').describe('ABCD: high byte first; DCBA: low byte first'),
  bits: z
    .tuple([z.int().min(0).max(31), z.int().min(0).max(31)])
    .optional()
    .describe('Only these bits of a whole number, [lowest, highest], 0 = lowest; they are read without sign'),
};

export const framedPointSchema = z.strictObject({
  ...pointFields,
  ...placement,
  type: z
    .enum(numericTypes)
    .describe('How it is read: bytes; u14 two times 7 bits; decimal, hex and hex-float32 from ASCII characters'),
});

const { once: _, ...auxiliaryOfFrame } = auxiliaryFields;

const framedAuxiliarySchema = z.strictObject({
  ...auxiliaryOfFrame,
  ...placement,
  type: z.enum(allTypes).describe('How it is read'),
});

/** What is sent to an instrument for its effect, and what it says to that. */
const stepSchema = z.strictObject({
  send: bytesSchema.describe('What is sent'),
  expect: bytesSchema
    .optional()
    .describe('What it answers, somewhere in what comes back; without it nothing is waited for'),
  withinMs: z
    .int()
    .min(10)
    .max(10_000)
    .default(500)
    .describe('Longest wait for that, or pause where nothing is expected'),
  tries: z.int().min(1).max(10).default(1).describe('How often it is sent until that comes'),
});
export type FramedStep = z.output<typeof stepSchema>;

export const framedProfileSchema = z.strictObject({
  ...profileFields,
  protocol: z
    .literal('framed')
    .describe('Frames or lines of its own: unasked, or each as the answer to a fixed request'),
  framing: framingSchema.describe('How frames are told apart in the bytes'),
  messages: z.array(messageSchema).min(1).describe('The frames that hold values; one that comes unasked stands alone'),
  wake: stepSchema.optional().describe('Sent before each request, to an instrument that sleeps'),
  start: z
    .array(stepSchema)
    .default([])
    .describe('Sent in order when it is connected, where the site allows it: switched on, set to be asked'),
  stop: z.array(stepSchema).default([]).describe('Sent in order when the gateway lets go of it, where `start` was'),
  limits: askingLimits(0).prefault({}).describe('How the instrument wants to be asked'),
  points: z.array(framedPointSchema).default([]).describe('What can be read'),
  auxiliaries: z.array(framedAuxiliarySchema).default([]).describe('What is read to understand the points'),
});

export type FramedProfile = z.output<typeof framedProfileSchema>;
export type FramedPoint = z.output<typeof framedPointSchema>;
type FramedAuxiliary = z.output<typeof framedAuxiliarySchema>;
/** Something that stands in a frame: a point or an auxiliary value. */
export type FramedPlace = Pick<
  FramedAuxiliary,
  'id' | 'message' | 'byte' | 'field' | 'after' | 'record' | 'length' | 'order' | 'bits' | 'type'
>;
