import { z } from 'zod';
import { count, milliseconds, stamp } from '../picture/fields.ts';
import { currentValue } from '../picture/value-picture.ts';
import { transactionSchema } from './line-picture.ts';

const reading = currentValue
  .omit({ age: true, lastMinute: true })
  .extend({
    /** When it was read or given up. */
    at: stamp,
    flag: currentValue.shape.flag.unwrap(),
    origin: z.enum(['measured', 'computed', 'entered', 'foreign', 'simulated']),
  })
  .meta({ id: 'Reading', description: 'What a series said when it was asked for; value null means there is none' });

/** The schema of the API's answer to `POST /api/v1/instruments/{id}/read`. */
export const readSchema = z
  .object({
    instrument: z.string(),
    /** When the answer was complete. */
    at: stamp,
    /** Milliseconds from the asking to then, waiting for the line included. */
    took: milliseconds,
    /** Every point of the instrument, each with a value or with flag, reason and basis. */
    readings: z.array(reading),
    /** What went over the line for it, oldest first. */
    transactions: z.array(transactionSchema),
    /** Transactions before those that were too many to be kept. */
    omitted: count,
  })
  .meta({ id: 'Read', description: 'What an instrument said when somebody asked for it' });

export type ReadPicture = z.infer<typeof readSchema>;
export type ReadingPicture = z.infer<typeof reading>;
