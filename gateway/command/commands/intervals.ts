import * as z from 'zod';
import type { Json } from '../../record/record.ts';
import { type DocumentFault, defineCommand, refused } from '../command-kind.ts';
import { propose, within } from './site-change.ts';

/** A duration as the site file writes it; the site's own check says what may stand where. */
const duration = z.string().min(2).max(12).describe('As in site.json: 500ms, 10s, 1min');

type JsonObject = { readonly [key: string]: Json };

/** How often instruments are read, status is said, and what was measured goes out: a small change of the site document. */
export const intervals = defineCommand({
  kind: 'intervals',
  does: 'Changes how often instruments are read and how soon what they say goes out, within what the lines can bear',
  body: z.strictObject({
    kind: z.literal('intervals'),
    every: z.record(z.string(), duration).optional().describe('By instrument: how often it is read'),
    statusEvery: duration.optional().describe('Of the uplink that the command came by'),
    records: duration.optional().describe('Longest time a record waits to go out: records.commitEvery'),
    samples: duration.optional().describe('The same of single readings: samples.commitEvery'),
    within,
  }),
  changes: true,
  needsBase: true,
  async run({ every = {}, statusEvery, records, samples, within }, ports, asked) {
    const site = ports.siteDocument as JsonObject;
    const faults: DocumentFault[] = [];
    const document = {
      ...site,
      instruments: withEach(site.instruments, every, 'every', faults),
      uplinks: withEach(
        site.uplinks,
        statusEvery === undefined ? {} : { [asked.sender.uplink]: statusEvery },
        'statusEvery',
        faults,
      ),
      ...(records === undefined ? {} : { records: { ...(site.records as JsonObject), commitEvery: records } }),
      ...(samples === undefined ? {} : { samples: { ...(site.samples as JsonObject), commitEvery: samples } }),
    };
    if (faults.length > 0)
      return refused('no-such-instrument', faults.map(({ fault }) => fault).join('; '), seeBirth, faults);
    return propose(ports, { document, within, isCareful: true, asked });
  },
});

const seeBirth = 'see the instruments in birth';

/** The list with a member of the named ones changed; every name that it does not hold is a fault. */
function withEach(
  list: Json | undefined,
  by: { readonly [id: string]: string },
  member: string,
  faults: DocumentFault[],
): Json {
  const all = Array.isArray(list) ? (list as readonly JsonObject[]) : [];
  for (const id of Object.keys(by)) {
    if (all.some((one) => one.id === id)) continue;
    faults.push({ field: `${member}.${id}`, fault: `nothing is called ${id} here`, remedy: seeBirth });
  }
  return all.map((one) => {
    const wanted = Object.hasOwn(by, String(one.id)) ? by[String(one.id)] : undefined;
    return wanted === undefined ? one : { ...one, [member]: wanted };
  });
}
