import { z } from 'zod';
import type { Outcome } from '../../driver/events.ts';
import type { LinkFault } from '../../link/link.ts';
import { nodesSchema } from '../nodes/nodes-picture.ts';
import { count, milliseconds, stamp } from '../picture/fields.ts';

export type { Outcome };

const linkFaultKind = z.enum({
  absent: 'absent',
  taken: 'taken',
  denied: 'denied',
  refused: 'refused',
  lost: 'lost',
} satisfies { [K in LinkFault['kind']]: K });

/** Transactions since the gateway started, by how they ended. */
export const counters = z
  .object({
    ok: count,
    'no-bytes': count,
    echo: count,
    short: count,
    crc: count,
    'foreign-slave': count,
    'foreign-function': count,
    'foreign-length': count,
    'wrong-time': count,
    exception: count,
    junk: count,
    'line-lost': count,
  } satisfies { [O in Outcome]: z.ZodType<number> })
  .meta({ id: 'Counters', description: 'Transactions since the gateway started, by how they ended' });

export const outcome = counters.keyof();

/** What happened to a number of transactions, as far as it happened: outcomes that did not occur are left out. */
const tally = z
  .object({
    requests: count,
    outcomes: z.partialRecord(outcome, count),
    /** Bytes stepped over before, behind or instead of an answer. */
    junk: count,
    /** Transactions in which our own request came back. */
    echoes: count,
    /** Transactions before which an answer to an earlier request came too late. */
    late: count,
  })
  .meta({ id: 'Tally', description: 'How some transactions with one slave ended' });

/** Times from the end of a request, milliseconds, over the answers among the last transactions. */
const times = z.object({ median: milliseconds, largest: milliseconds }).meta({ id: 'Times' });

/** One slave of a line. Instruments that share a slave address share this. */
const slave = z
  .object({
    /** Slave address; null for an instrument that talks unasked. */
    address: z.int().nullable(),
    /** Ids of the instruments that were asked under this address. */
    instruments: z.array(z.string()),
    /** Since the gateway started. */
    total: tally,
    /** The last 100 transactions: one device or all devices is what tells most about a fault. */
    recent: tally,
    /** Until the last byte of an answer; null where none of the last transactions brought one. */
    response: times.nullable(),
    /** Until the first byte of an answer, where no echo hid it. */
    firstByte: times.nullable(),
  })
  .meta({ id: 'Slave', description: 'How the transactions with one slave of a line ended' });

export const link = z
  .object({
    id: z.string(),
    kind: z.enum(['serial', 'tcp', 'tcp-server', 'nodes', 'firmata']),
    /** Path of the port, or host:port. */
    address: z.string(),
    /** Line settings in short, `9600-8N1`, or the framing on TCP. */
    settings: z.string(),
    state: z.enum(['open', 'closed']),
    /** Why it is closed and what to do, in English; null when it is open, or was never asked for. */
    fault: z.object({ kind: linkFaultKind, message: z.string() }).nullable(),
    counters,
    /** Every slave that was asked so far, by address. */
    slaves: z.array(slave),
    /** Share of the slaves' last requests that came back to us, 0 to 1: the adapter hears itself. Null before the first. */
    echo: z.number().nonnegative().nullable(),
    bytesIn: count,
    bytesOut: count,
    /** Share of the last minute in which the line was busy, 0 to 1; null when not known yet. */
    utilisation: z.number().nonnegative().nullable(),
    /** Share of the line's time that the site asks for, where that is more than there is; null when it fits. */
    overload: z.number().nullable(),
    /** Whether it may be spoken on; null before it was listened to, and where nobody else can be heard. */
    silence: z
      .object({
        state: z.enum(['listening', 'clear', 'not-understood', 'other-master', 'only-listening']),
        /** Slave addresses that another master was heard to ask. */
        asked: z.array(z.int()),
        /** Bytes heard that make no frame known. */
        junk: count,
      })
      .nullable(),
    /** Only of a link to sensor nodes. */
    nodes: nodesSchema.optional(),
  })
  .meta({ id: 'Link', description: 'A line and how the transactions on it ended' });

/** Bytes as people read them: pairs of hexadecimal digits with a space between them. */
const hex = z.string().regex(/^(?:[0-9A-F]{2}(?: [0-9A-F]{2})*)?$/);

const transaction = z
  .object({
    /** Counts the transactions of this link since the gateway started, from 1. */
    number: z.int().positive(),
    /** When the last byte was seen, or the request was given up. */
    at: stamp,
    instrument: z.string().nullable().describe('Its id; null for a question of a search, which belongs to none'),
    address: z.int().nullable().describe('Slave address; null for an instrument that talks unasked'),
    /** How often the link had been opened: another number is another connection, or the adapter plugged in anew. */
    generation: count,
    /** The first 64 bytes of each direction; `bytesSent` and `bytesReceived` count all of them, late ones included. */
    sent: hex,
    received: hex,
    bytesSent: count,
    bytesReceived: count,
    /** Milliseconds from the end of the request; null when no byte came. */
    firstByte: milliseconds.nullable(),
    lastByte: milliseconds.nullable(),
    /** Longest silence within what came, milliseconds; null when it came in one piece or not at all. */
    longestGap: milliseconds.nullable(),
    /** Bytes that the answer would have; null where nobody asked. */
    expected: count.nullable(),
    /** Milliseconds from the start of the request to the end. */
    duration: milliseconds,
    outcome,
    /** Modbus exception code, where the outcome is `exception`. */
    exception: z.int().nullable(),
    /** Bytes stepped over before a good frame (in all where there was none), and behind it. */
    junkBefore: count,
    junkAfter: count,
    /** Bytes of our own request that came back. */
    echoed: count,
    /** Bytes that came before the request was sent: an earlier answer, late. */
    late: count,
  })
  .meta({ id: 'Transaction', description: 'One request on a line and what came back' });

/** The schema of the API's answer to `/api/v1/links/{id}/trace`. */
export const traceSchema = z
  .object({
    link: z.string(),
    /** When the gateway started, and with it the numbers. */
    startedAt: stamp,
    /** Transactions since then: the newest one's number. */
    total: count,
    /** How many of them are no longer held. */
    overwritten: count,
    /** Newest last. */
    transactions: z.array(transaction),
  })
  .meta({ id: 'Trace', description: 'The newest transactions of a line' });

export const transactionSchema = transaction;

export type Counters = z.infer<typeof counters>;
export type LinkPicture = z.infer<typeof link>;
export type LinkFaultPicture = NonNullable<LinkPicture['fault']>;
export type SlavePicture = z.infer<typeof slave>;
export type TallyPicture = z.infer<typeof tally>;
export type TimesPicture = z.infer<typeof times>;
export type TransactionPicture = z.infer<typeof transaction>;
export type TracePicture = z.infer<typeof traceSchema>;
