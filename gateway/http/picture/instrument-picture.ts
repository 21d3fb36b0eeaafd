import { z } from 'zod';
import type { RelayUse } from '../../../device-profiles/shape/firmata.ts';
import type { RelayCause, RelayState } from '../../driver/firmata/relays/relay.ts';
import { counters } from '../lines/line-picture.ts';
import { count, sentence, siteFault, stamp } from './fields.ts';
import { currentValue, flag } from './value-picture.ts';

const contact = z
  .object({
    /** The point of the profile. */
    id: z.string(),
    /** The monitoring point. */
    point: z.string(),
    name: sentence,
    /** What it says when closed and when open. */
    says: z.object({ closed: sentence, open: sentence }),
    closed: z.boolean().nullable().describe('null while it is not known'),
    /** Since when it is so; null while it is not known. */
    since: stamp.nullable(),
  })
  .meta({ id: 'Contact', description: 'A contact of a board with pins' });

const relay = z
  .object({
    id: z.string(),
    name: sentence,
    use: z.enum({ lamp: 'lamp', 'mist-cannon': 'mist-cannon' } satisfies { [U in RelayUse]: U }),
    /** Whether the site allows it to be switched at all. */
    allowed: z.boolean(),
    /** Who may switch it on the page. */
    role: z.enum(['technician', 'administrator']),
    longestSeconds: count,
    warningSeconds: count,
    /** The contact that must be closed for it; null where there is none. */
    lockOut: z.string().nullable(),
    state: z.enum({ off: 'off', warning: 'warning', on: 'on', unknown: 'unknown' } satisfies { [S in RelayState]: S }),
    cause: z
      .enum({
        asked: 'asked',
        warning: 'warning',
        'time-over': 'time-over',
        'locked-out': 'locked-out',
        'board-lost': 'board-lost',
        'not-confirmed': 'not-confirmed',
        'asker-lost': 'asker-lost',
        stopping: 'stopping',
      } satisfies { [C in RelayCause]: C })
      .nullable(),
    /** Who asked for it; null where nobody did. */
    who: z.string().nullable(),
    /** During a warning: when it goes on. */
    next: stamp.nullable(),
    /** When it goes off by itself. */
    until: stamp.nullable(),
  })
  .meta({ id: 'Relay', description: 'A relay of a board with pins, and how it stands' });

export const instrument = z
  .object({
    id: z.string(),
    /** Profile id, `maker/model`. */
    profile: z.string(),
    /** Of the profile; the profile id in both when the profile is not known. */
    name: sentence,
    /** The profile comes from the site's own directory. */
    local: z.boolean(),
    /** Its values are made up by a simulation, for show or training, and count for nothing. */
    simulated: z.boolean(),
    /** The profile has no capture of a real instrument yet. */
    unproven: z.boolean().optional(),
    link: z.string(),
    /** Slave address; null for an instrument that talks unasked. */
    address: z.int().nullable(),
    /** Milliseconds from one poll to the next. */
    every: z.number().positive().nullable().describe('Milliseconds; null when the profile is not known'),
    /** `left-out`: not run, because the site document does not allow it; `faults` says why. */
    condition: z.enum(['starting', 'answering', 'not-answering', 'left-out']),
    faults: z.array(siteFault),
    lastAnswerAt: stamp.nullable(),
    /** How the last transaction ended; null before the first. */
    lastOutcome: counters.keyof().nullable(),
    /** Modbus exception code of the last transaction, where it was an exception. */
    lastException: z.int().nullable(),
    values: z.array(currentValue),
    counters,
    /** Answers that came too late and were thrown away. */
    late: count,
    /** What it says of itself; empty when all is normal, or it says nothing. */
    says: z.array(z.object({ flag, zh: z.string(), en: z.string() })),
    /** Where the gateway chooses the variant of its profile: the one it was found to be, else null and those that fit. */
    variant: z.object({ found: z.string().nullable(), fitting: z.array(z.string()) }).optional(),
    /** Of a board with pins: its contacts and relays. */
    board: z.object({ contacts: z.array(contact), relays: z.array(relay) }).optional(),
  })
  .meta({ id: 'Instrument', description: 'An instrument, its condition and what it says now' });

export type InstrumentPicture = z.infer<typeof instrument>;
export type ContactPicture = z.infer<typeof contact>;
export type RelayPicture = z.infer<typeof relay>;
