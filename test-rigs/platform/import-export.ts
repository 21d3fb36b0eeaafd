import type { ExportEntry, ReadStretch } from '../../gateway/contract/export/lines.ts';
import type { ExportManifest } from '../../gateway/contract/export/manifest.ts';
import { type ExportFault, type OpenExport, openExport, readPart } from '../../gateway/contract/export/read-export.ts';
import { isFault } from '../../gateway/contract/fields.ts';
import type { Link } from '../../gateway/contract/verify.ts';
import { canonicalJson } from '../../gateway/record/canonical.ts';
import { fingerprintOf } from '../../gateway/record/key-chain.ts';
import type { Entry } from '../../gateway/record/record.ts';
import type { KeptStretch, Platform } from './platform.ts';

/** What an import came to. Where there is a fault nothing was taken. */
interface ImportReport {
  /** Entries that were not here before, and entries that were. */
  readonly taken: number;
  readonly again: number;
  /** Why it was refused, each with file and line. */
  readonly faults: readonly string[];
}

/** Faults that are told. */
const faultBound = 100;

/**
 * Takes an export as if its entries had been received: the same trust in the same key, the same chain, the same key of
 * each entry, so that what came by MQTT already changes nothing. All of it is proven before any of it is taken. What was
 * left out of the export stays missing; it is not accounted for.
 */
export async function importExport(platform: Platform, directory: string): Promise<ImportReport> {
  const open = await openExport(directory);
  if (isFault(open)) return refused([open.fault]);
  const { manifest } = open;
  if (open.fault !== null) return refused([faultText(open.fault)]);
  if (manifest.content !== 'jsonl')
    return refused(['tables carry no hashes and cannot be imported; export JSON lines']);
  if (!platform.trusts(manifest.gateway, manifest)) {
    const key = fingerprintOf(manifest.publicKey);
    return refused([
      `the key ${key} signed it, which is not the one that is trusted of ${manifest.gateway}, nor its heir`,
    ]);
  }
  const faults = await proofOf(open);
  if (faults.length > 0) return refused(faults);
  const [before, entries] = [platform.table.keys, manifest.entries];
  for (const part of manifest.parts) {
    for await (const read of readPart(directory, part)) {
      // It was whole a moment ago: the medium fails, or somebody is at it. What was taken is proven line by line.
      if ('detail' in read) return { ...counted(platform, before, entries), faults: [faultText(read)] };
      take(platform, manifest, read);
    }
  }
  return { ...counted(platform, before, entries), faults: [] };
}

/** Everything that does not hold; a break in the gateway's own chain is none: the platform reports it as it would by MQTT. */
async function proofOf({ directory, manifest }: OpenExport): Promise<string[]> {
  const faults: string[] = [];
  for (const part of manifest.parts) {
    for await (const read of readPart(directory, part)) {
      if (faults.length >= faultBound) return faults;
      if (!('detail' in read)) faults.push(...read.entries.flatMap((entry) => notCanonical(part.file, entry)));
      else if (read.kind !== 'does-not-follow') faults.push(faultText(read));
    }
  }
  return faults;
}

/** A platform that got the entry by MQTT computes its canonical form itself. */
function notCanonical(file: string, { seq, text }: ExportEntry): string[] {
  try {
    if (canonicalJson(JSON.parse(text)) === text) return [];
  } catch {
    // No JSON is not canonical JSON either.
  }
  return [`${file}: the entry of seq ${seq} is no canonical JSON`];
}

function take(platform: Platform, { area, gateway }: ExportManifest, stretch: ReadStretch): void {
  const { stream, epoch } = stretch;
  for (const piece of piecesOf(stretch)) {
    platform.takeProven({ area, gateway }, { stream, epoch }, piece, piece.links);
  }
}

/** The stretch without what was left out: that must stay missing until it comes. */
export function piecesOf(stretch: ReadStretch): (KeptStretch & { readonly links: readonly Link[] })[] {
  const pieces: (KeptStretch & { readonly links: readonly Link[] })[] = [];
  let [from, before] = [stretch.from, stretch.before];
  const cut = (to: number): void => {
    if (to < from) return;
    const links = stretch.entries.filter(({ seq }) => seq >= from && seq <= to).map(linkOf);
    const absent = stretch.absent.filter(([first]) => first >= from && first <= to);
    pieces.push({ from, to, before, late: true, absent: absent.map(([...one]) => one), links });
  };
  for (const [first, last, after] of stretch.left) {
    cut(first - 1);
    [from, before] = [last + 1, after];
  }
  cut(stretch.to);
  return pieces;
}

function linkOf({ seq, hash, text }: ExportEntry): Link {
  return { seq, hash, canonical: text, entry: JSON.parse(text) as Entry };
}

function counted(platform: Platform, before: number, entries: number): Omit<ImportReport, 'faults'> {
  const taken = platform.table.keys - before;
  return { taken, again: entries - taken };
}

function refused(faults: readonly string[]): ImportReport {
  return { taken: 0, again: 0, faults };
}

function faultText({ file, line, detail }: ExportFault): string {
  return line === null ? `${file}: ${detail}` : `${file} line ${line}: ${detail}`;
}
