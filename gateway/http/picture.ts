import { z } from 'zod';
import type { RelayUse } from '../../device-profiles/shape/firmata.ts';
import type { TimeSource } from '../clock/trust.ts';
import type { RelayCause, RelayState } from '../driver/firmata/relays/relay.ts';
import type { Basis, Flag, Reason } from '../reading/reading.ts';
import type { UplinkState } from '../uplink/port.ts';
import { count, counters, link, milliseconds, stamp } from './lines/line-picture.ts';
import { nodePicture } from './nodes/node-picture.ts';

export type {
  Counters,
  LinkFaultPicture,
  LinkPicture,
  Outcome,
  SlavePicture,
  TimesPicture,
  TracePicture,
  TransactionPicture,
} from './lines/line-picture.ts';
export type { NodePicture } from './nodes/node-picture.ts';
export type { Basis, Flag, Reason, UplinkState };

// Every moment is a stamp in the gateway's zone with offset, `2026-11-24T11:45:00.000+08:00`, as in the records.
// Every duration says its unit; ages are measured on the monotonic clock, so a jump of wall time does not move them.
// The lists below are checked against the stations' own types: one word more or less there does not compile here.

const flag = z.enum({ N: 'N', F: 'F', M: 'M', S: 'S', D: 'D', C: 'C', T: 'T', B: 'B' } satisfies { [F in Flag]: F });

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

const uplinkState = z.enum({
  connecting: 'connecting',
  connected: 'connected',
  waiting: 'waiting',
  scheduled: 'scheduled',
  stopped: 'stopped',
} satisfies { [S in UplinkState]: S });

const sentence = z.object({ zh: z.string(), en: z.string() });

/** Something in the site document that could not be used as it stands. */
const siteFault = z
  .object({ field: z.string(), fault: sentence, remedy: sentence })
  .meta({ id: 'SiteFault', description: 'What in the site document is wrong, and what to write instead' });

const gateway = z.object({
  id: z.string(),
  area: z.string(),
  /** Of the software. */
  version: z.string(),
  startedAt: stamp,
  /** When this picture was made. */
  now: stamp,
  timezone: z.string(),
  /** Site version in force, first 16 hexadecimal digits of its hash. */
  site: z.string(),
  /** Of the key that signs what goes to the platforms: six groups of five digits. */
  fingerprint: z.string().optional(),
  siteFaults: z.array(siteFault),
});

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

const instrument = z
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

const head = z.object({ epoch: z.string(), seq: count, oldest: count });

const store = z
  .object({
    /** Null before the store is open. */
    records: head.nullable(),
    samples: head.nullable(),
    bytes: count.nullable(),
    /** What can still be written, within the site's own limit and on the medium, and for how many days at the present growth. */
    room: z.object({ bytes: count, days: z.number().nonnegative().nullable() }).nullable(),
    /** A damaged store that was set aside since the start: part of it that has been read, 0 to 1, and entries taken over. */
    salvage: z
      .object({ file: z.string(), share: z.number().min(0).max(1), entries: count, finished: z.boolean() })
      .nullable(),
    /**
     * Records since then, of so many days, that neither a platform nor an export has: from `at` on they are let go, by age
     * or for room. Null when none are within a month.
     */
    leaving: z.object({ since: stamp, at: stamp, days: count, by: z.enum({ age: 'age', room: 'room' }) }).nullable(),
    /** Since the start it was found that another gateway has, or may have, this one's identity; why, and when. */
    apart: z.object({ reason: z.enum(['another-machine', 'another-writer']), at: stamp }).nullable(),
    /** Entries that a bound, or the medium, made it drop since the start. */
    dropped: count,
    lastCommitAt: stamp.nullable(),
    fault: z.string().nullable(),
  })
  .meta({ id: 'Store', description: 'What is kept on this machine' });

const said = z.object({ zh: z.string(), en: z.string() });

const timeSource = z.enum({
  ntp: 'ntp',
  platform: 'platform',
  technician: 'technician',
  'battery-clock': 'battery-clock',
  system: 'system',
} satisfies { [S in TimeSource]: S });

const clock = z
  .object({
    /** While false, nothing is stamped: readings wait in the holding table. */
    trusted: z.boolean(),
    /** Who vouches for the time; null while nobody does. */
    source: timeSource.nullable(),
    since: stamp.nullable(),
    /** Largest error to be expected, milliseconds; null where nothing bounds it. */
    uncertainty: milliseconds.nullable(),
    why: said,
    /** What to do; null where nothing has to be done. */
    next: said.nullable(),
    /** `clock.trust` of the site file. */
    setting: z.enum(['system', 'ntp']),
    /** The system's clock less the gateway's own time, milliseconds. */
    systemAhead: z.number(),
    machineTimezone: z.string().nullable(),
    /** Readings of this boot that wait for the time, and how long the first of them has; `earlier`: kept of boots that never learned it. */
    held: z.object({ readings: count, earlier: count, seconds: count.nullable(), releasing: z.boolean() }),
    /** The newest moves of the time since the start, newest first: by how much, milliseconds, and on whose word. */
    jumps: z.array(
      z.object({
        at: stamp,
        by: z.number(),
        cause: z.enum(['suspended', 'set', 'corrected']),
        source: timeSource.nullable(),
      }),
    ),
    /** The last time that a platform or a technician offered, and what became of it. */
    offer: z
      .object({ from: z.enum(['platform', 'technician']), time: stamp, taken: z.boolean(), why: z.string() })
      .nullable(),
  })
  .meta({ id: 'Clock', description: 'How far the time can be trusted, why, and what waits for it' });

const uplink = z
  .object({
    id: z.string(),
    /** Without user name and password. */
    url: z.string(),
    state: uplinkState,
    detail: z.string(),
    acknowledge: z.enum(['broker', 'platform']),
    backlog: z.object({
      records: count,
      samples: count,
      /** Age of the oldest entry not yet acknowledged; null when there is none. */
      hours: z.number().nonnegative().nullable(),
      /** Seconds until it is empty at the present rate; absent when not known. */
      drainsIn: z.number().nonnegative().optional(),
    }),
    /** Bytes a second that the line carries by what was last measured; null while that is not known. */
    bytesPerSecond: z.number().nonnegative().nullable(),
    /** Bytes of this month, an estimate of what a carrier counts, and the site's limit where it has one. */
    month: z.object({ month: z.string(), bytes: z.number().nonnegative(), limit: z.number().nullable() }).nullable(),
    /** Local time at which it may connect next; null while it may. */
    opensAt: z.string().nullable(),
    /** Why the backlog waits though there is a connection: its turn after an outage, or the month's bytes. */
    backlogWaits: z.enum(['spread', 'month']).nullable(),
    /** Seconds until that turn; null where it waits for none. */
    backlogTurnIn: z.number().nonnegative().nullable(),
    /** Entries since the start. Of `sent`, `again` had been sent before, and `late` went out marked so. */
    sent: count,
    acknowledged: count,
    again: count,
    late: count,
    refused: count,
    /** The latest of them since the start, newest first, with the reason that was given. */
    refusals: z.array(z.object({ stream: z.enum(['records', 'samples']), seq: count, reason: z.string() })).max(5),
    /** What is wrong with the login or the certificates of the link, or soon will be. */
    credentials: z.array(siteFault),
    /** The gateway's own certificate and the broker's, as far as there are any. */
    certificates: z.array(z.object({ whose: z.enum(['gateway', 'broker']), names: z.array(z.string()), until: stamp })),
    malformed: count,
    lastReceiptAt: stamp.nullable(),
  })
  .meta({ id: 'Uplink', description: 'The way to one platform, and what still waits for it' });

const commands = z
  .object({
    /** The newest first, also of earlier runs. */
    last: z.array(
      z.object({
        id: z.string(),
        /** Of the newest reply. */
        at: stamp,
        /** Which command. */
        command: z.string(),
        /** Uplink and key. */
        who: z.string(),
        outcome: z.enum(['accepted', 'done', 'refused', 'failed']),
        reason: z.string().nullable(),
        detail: z.string().nullable(),
      }),
    ),
    /** A site document that runs, and gives way to the former one at that time unless its platform is reached. */
    trial: z
      .object({ id: z.string(), who: z.string(), from: z.string(), to: z.string(), rollsBackAt: stamp })
      .nullable(),
    /** Uplinks that their platforms have retired; `delivered`: nothing goes out by them any more. */
    retired: z.array(z.object({ uplink: z.string(), at: stamp, who: z.string(), delivered: z.boolean() })),
    /** False once every uplink is retired: then no instrument is read. */
    isReading: z.boolean(),
    /** Why commands are not heard or obeyed; English. */
    fault: z.string().nullable(),
  })
  .meta({ id: 'Commands', description: 'What platforms asked of this gateway, and what became of it' });

/** Something thrown away since the start, by where: told so that nothing is lost unseen. */
const discarded = z
  .object({
    /** Who did it: `page`, `uplink district`, `store samples`, `link rs485-1`. */
    where: z.string(),
    count,
    lastAt: stamp,
    /** What was wrong with the last one. */
    why: z.string(),
  })
  .meta({ id: 'Discarded', description: 'Messages or entries thrown away since the start, by where' });

/** The schema of the API's answer to `/api/v1/picture`. */
export const pictureSchema = z
  .object({
    gateway,
    instruments: z.array(instrument),
    links: z.array(link),
    /** Those that instruments of the site are on, and whoever else has an account. */
    nodes: z.array(nodePicture),
    store,
    clock,
    uplinks: z.array(uplink),
    commands,
    /** Messages from page or broker that were not what they should be. */
    malformed: z.array(discarded),
    /** What bounds made the gateway drop. */
    dropped: z.array(discarded),
  })
  .meta({ id: 'Picture', description: 'Everything the gateway knows about itself at one moment' });

export const instrumentSchema = instrument;

/** Everything the gateway knows about itself at one moment: what diagnosis makes and the page shows. */
export type Picture = z.infer<typeof pictureSchema>;
export type InstrumentPicture = z.infer<typeof instrument>;
export type ContactPicture = z.infer<typeof contact>;
export type RelayPicture = z.infer<typeof relay>;
export type ValuePicture = z.infer<typeof currentValue>;
export type MinutePicture = z.infer<typeof minuteValue>;
export type StorePicture = z.infer<typeof store>;
export type ClockPicture = z.infer<typeof clock>;
export type UplinkPicture = z.infer<typeof uplink>;
export type CommandsPicture = z.infer<typeof commands>;
export type DiscardedPicture = z.infer<typeof discarded>;
export type SiteFaultPicture = z.infer<typeof siteFault>;
