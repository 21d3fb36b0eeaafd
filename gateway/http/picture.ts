import { z } from 'zod';
import { link } from './lines/line-picture.ts';
import { nodePicture } from './nodes/node-picture.ts';
import { clock } from './picture/clock-picture.ts';
import { commands } from './picture/commands-picture.ts';
import { count, siteFault, stamp } from './picture/fields.ts';
import { instrument } from './picture/instrument-picture.ts';
import { store } from './picture/store-picture.ts';
import { uplink } from './picture/uplink-picture.ts';

export type { Basis, Flag, Reason } from '../reading/reading.ts';
export type { UplinkState } from '../uplink/port.ts';
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
export type { ClockPicture } from './picture/clock-picture.ts';
export type { CommandsPicture } from './picture/commands-picture.ts';
export type { SiteFaultPicture } from './picture/fields.ts';
export type { ContactPicture, InstrumentPicture, RelayPicture } from './picture/instrument-picture.ts';
export type { StorePicture } from './picture/store-picture.ts';
export type { UplinkPicture } from './picture/uplink-picture.ts';
export type { MinutePicture, ValuePicture } from './picture/value-picture.ts';

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

/** Everything the gateway knows about itself at one moment: what diagnosis makes and the page shows. */
export type Picture = z.infer<typeof pictureSchema>;
export type DiscardedPicture = z.infer<typeof discarded>;
