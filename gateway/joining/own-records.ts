import type { Catalogue } from '../../device-profiles/catalogue.ts';
import type { SiteClock } from '../clock/site-clock.ts';
import type { LocalTime } from '../clock.ts';
import type { GatewayEvent } from '../diagnosis/gateway-event.ts';
import type { ContactChanged, InstrumentCondition, InstrumentIdentity, RelayChanged } from '../driver/events.ts';
import type { UnstampedRecord } from '../holding/held-items.ts';
import type { Holding } from '../holding/holding.ts';
import type { AuditRecord, Json } from '../record/record.ts';
import type { KeyRing } from '../site/key-ring.ts';
import { expectedSeries, type LoadedSite, type SiteSeries } from '../site/load-site.ts';
import type { Store } from '../store/port.ts';

interface RunDescription {
  readonly loaded: LoadedSite;
  readonly catalogue: Catalogue;
  readonly version: string;
  readonly clock: SiteClock;
}

/** What stands at the beginning of every run: the site as it holds now, and that the gateway started. */
export function openingRecords(
  { loaded, catalogue, version, clock }: RunDescription,
  siteVersion: string,
): UnstampedRecord[] {
  const profiles = loaded.site.instruments.flatMap(({ profile }) => {
    const found = catalogue.find(profile);
    return found === undefined ? [] : [[profile, found.hash] as const];
  });
  const records: UnstampedRecord[] = [
    {
      kind: 'audit',
      who: 'gateway',
      action: 'gateway-started',
      details: { version, node: process.version, site: loaded.source, clock: clock.state().source },
      revision: 1,
    },
    {
      kind: 'site',
      version: siteVersion,
      document: loaded.document as Json,
      profiles: Object.fromEntries(profiles),
      expected: expectedSeries(loaded, catalogue)
        .filter(hasMinutes)
        .map(({ point, factor, every }) => ({ point, factor, every: every / 1000 })),
      revision: 1,
    },
  ];
  return records;
}

/** What is read less often than once a minute has samples only: a minute without one would tell of a fault that is none. */
export function hasMinutes(series: SiteSeries): series is SiteSeries & { readonly every: number } {
  return series.every !== null && series.every <= 60_000;
}

/** What is recorded of what a driver tells; null for what is not. */
export function recordOf(event: GatewayEvent): UnstampedRecord | null {
  switch (event.kind) {
    case 'instrument-condition':
    case 'instrument-identity':
      return stateRecord(event);
    case 'contact-changed':
      return contactRecord(event);
    case 'relay-changed':
      return relayRecord(event);
    default:
      return null;
  }
}

/** What an instrument's condition, or what it says of itself, is as a record. */
function stateRecord(event: InstrumentCondition | InstrumentIdentity): UnstampedRecord {
  const isCondition = event.kind === 'instrument-condition';
  return {
    kind: 'state',
    instrument: event.instrument,
    // Who says which unit it is answers.
    state: isCondition ? event.condition : 'answering',
    reason: null,
    parameters: isCondition ? { outcome: event.outcome } : { ...event.identity },
    revision: 1,
  };
}

/** What a contact did, as a record: the platform knows from each one on how it stands. */
function contactRecord({
  instrument,
  contact,
  point,
  factor,
  closed,
  changes,
  first,
}: ContactChanged): UnstampedRecord {
  return {
    kind: 'event',
    event: first ? 'contact-state' : 'contact-changed',
    instrument,
    point,
    factor,
    details: { contact, state: closed === null ? 'unknown' : closed ? 'closed' : 'open', changes },
    revision: 1,
  };
}

/** What was switched, by whom and why; null for what nobody switched: a relay that is found off, or lost while it was off. */
function relayRecord(event: RelayChanged): UnstampedRecord | null {
  const { instrument, relay, use, state, before, cause, who } = event;
  const isSwitched = [state, before].some((one) => one === 'on' || one === 'warning') || cause === 'not-confirmed';
  if (!isSwitched) return null;
  const action = { off: 'relay-off', warning: 'relay-warning', on: 'relay-on', unknown: 'relay-unknown' }[state];
  return {
    kind: 'audit',
    who: who ?? 'gateway',
    action,
    details: { instrument, relay, use, before, cause },
    revision: 1,
  };
}

/**
 * Enters keys that the records stream does not have yet: the first one, and what a rotation made. What the store or the
 * medium refuses is tried again at the next start.
 */
export async function recordKeys(keys: KeyRing, store: Store, localTime: LocalTime, clock: SiteClock): Promise<void> {
  const { unrecorded } = keys;
  if (unrecorded.length === 0) return;
  if (!clock.isKnown()) await becomesKnown(clock);
  const at = localTime.stamp(clock.wall());
  const appended = unrecorded.map(({ publicKey, previous, signature }) =>
    store.append({ kind: 'key', at, publicKey, previous, signature, revision: 1 }),
  );
  try {
    await Promise.all(appended);
    await keys.recorded(unrecorded);
  } catch {
    // The store tells of its faults itself; the chain in birth holds without the record.
  }
}

/** A record whose stamp would be a guess is held with the others; rejects, for nobody can say when it will be durable. */
export async function recordDurably(
  record: AuditRecord,
  store: Store,
  holding: Holding,
  clock: SiteClock,
): Promise<unknown> {
  if (clock.isKnown()) return store.append(record);
  const { at: _, ...unstamped } = record;
  holding.append(unstamped);
  throw new Error('held until the time is known');
}

function becomesKnown(clock: SiteClock): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = clock.onChanged(() => {
      if (!clock.isKnown()) return;
      unsubscribe();
      resolve();
    });
  });
}
