import { z } from 'zod';
import type { Basis, Flag, Reason } from '../../reading/reading.ts';
import { count, milliseconds, stamp } from './fields.ts';

export const flag = z.enum({ N: 'N', F: 'F', M: 'M', S: 'S', D: 'D', C: 'C', T: 'T', B: 'B' } satisfies {
  [F in Flag]: F;
});

const reason = z.enum({
  'no-answer': 'no-answer',
  garbled: 'garbled',
  'foreign-answer': 'foreign-answer',
  refused: 'refused',
  'line-lost': 'line-lost',
  listening: 'listening',
  'not-sent': 'not-sent',
  'wrong-time': 'wrong-time',
  configuration: 'configuration',
  sentinel: 'sentinel',
  'not-a-number': 'not-a-number',
  'warm-up': 'warm-up',
  'above-range': 'above-range',
  'below-range': 'below-range',
  'instrument-status': 'instrument-status',
  'status-unknown': 'status-unknown',
  'scale-unknown': 'scale-unknown',
  'broken-loop': 'broken-loop',
  'over-range': 'over-range',
  'outside-curve': 'outside-curve',
  'not-listed': 'not-listed',
  'too-fast': 'too-fast',
  stuck: 'stuck',
  'too-few-samples': 'too-few-samples',
  'gateway-not-running': 'gateway-not-running',
  'clock-jumped': 'clock-jumped',
} satisfies { [R in Reason]: R });

const basis = z.enum({ observed: 'observed', inferred: 'inferred', stated: 'stated' } satisfies { [B in Basis]: B });

/** The last whole minute of a series, as it was recorded. */
const minuteValue = z
  .object({
    from: stamp,
    average: z.number().nullable(),
    count,
    expected: count,
    flag,
    reason: reason.nullable(),
  })
  .meta({ id: 'MinuteValue', description: 'A minute as it was recorded; `count` valid values of `expected`' });

export const currentValue = z
  .object({
    point: z.string(),
    /** Where the point is, in the site's own words. */
    place: z.string().optional(),
    factor: z.string(),
    zh: z.string(),
    en: z.string(),
    unit: z.string(),
    /** How many decimals the factor is shown with. */
    decimals: count,
    /** In `unit`; null when there is none, never 0 for "missing". */
    value: z.number().nullable(),
    /** When it was read or given up; null before the first try. */
    at: stamp.nullable(),
    /** Milliseconds since `at`; null before the first try. */
    age: milliseconds.nullable(),
    flag: flag.nullable().describe('null before the first try'),
    reason: reason.nullable(),
    basis: basis.nullable(),
    /** Absent until a minute of this series was closed. */
    lastMinute: minuteValue.optional(),
  })
  .meta({ id: 'CurrentValue', description: 'What a series says now; value null means there is none' });

export type ValuePicture = z.infer<typeof currentValue>;
export type MinutePicture = z.infer<typeof minuteValue>;
