import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalTime, systemClock } from '../../gateway/clock.ts';
import { canonicalJson } from '../../gateway/record/canonical.ts';
import { chainNext, chainStart } from '../../gateway/record/chain.ts';
import type { Stream } from '../../gateway/record/record.ts';
import { openStore } from '../../gateway/store/sqlite-store.ts';
import { entryKey } from './ledger.ts';

/** What a site's store holds: every entry's key and its hash, recomputed from the start of its epoch. */
export interface Stored {
  readonly hashes: ReadonlyMap<string, string>;
  /** Places where a span does not follow from the one before it. */
  readonly breaks: readonly string[];
}

/**
 * Reads the whole store of a stopped gateway, as an uplink that nobody has sent anything to yet would be given it. What
 * is acknowledged is let go under that uplink's name only.
 */
export async function readStored(directory: string): Promise<Stored> {
  const document = JSON.parse(readFileSync(join(directory, 'site.json'), 'utf8'));
  const gateway: string = document.gateway.id;
  const auditor = 'auditor';
  const store = await openStore({
    ...{ directory, gateway, site: 'audit', clock: systemClock, uplinks: [auditor], keepSamples: false },
    ...{ localTime: new LocalTime('Asia/Shanghai'), observe: () => {} },
  });
  if ('refusal' in store) throw new Error(store.message);
  const hashes = new Map<string, string>();
  const breaks: string[] = [];
  const tails = new Map<string, string>();
  try {
    for (let span = await store.pending(auditor, 500, []); span; span = await store.pending(auditor, 500, [])) {
      const { stream, epoch, from, to, before, entries } = span;
      const place = `${stream} ${epoch}`;
      const start = tails.get(place) ?? chainStart(gateway, stream as Stream, epoch);
      if (before !== start || span.absent.length > 0) breaks.push(`${place} ${from}`);
      let hash = before;
      for (const { seq, entry } of entries) {
        hash = chainNext(hash, seq, canonicalJson(entry));
        hashes.set(entryKey({ stream, epoch, seq }), hash);
      }
      tails.set(place, hash);
      await store.acknowledge(auditor, stream, epoch, [[from, to]]);
    }
  } finally {
    await store.close();
  }
  return { hashes, breaks };
}
