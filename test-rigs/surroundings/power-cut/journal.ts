/** What a record of the shim's journal tells; power-cut.h describes each. */
const kinds = [
  'none',
  'opened',
  'written',
  'resized',
  'sync-begun',
  'sync-ended',
  'renamed',
  'linked',
  'removed',
  'directory',
  'socket',
  'mapped',
  'sync-failed',
  'beyond',
  'told',
] as const;

/** One deed of the program, in the order in which they were done. */
export interface Deed {
  readonly kind: (typeof kinds)[number];
  /** The open file it is about; 0 where it is about names. */
  readonly handle: bigint;
  /** Place in the file, new size, number of the sync or what opening did, as the kind says. */
  readonly offset: number;
  /** Relative to the directory that is followed; two for what has an old and a new name. */
  readonly paths: readonly string[];
  readonly data: Buffer;
}

const headLength = 32;

/** Reads a journal. A last record that the kill cut off is left out: what it would tell of was under way. */
export function readDeeds(journal: Buffer): Deed[] {
  const deeds: Deed[] = [];
  for (let at = 0; at + headLength <= journal.length; ) {
    const kind = kinds[journal.readUInt32LE(at)];
    if (kind === undefined || kind === 'none') throw new Error(`not a journal of the power-cut shim, at byte ${at}`);
    const pathEnd = at + headLength + journal.readUInt32LE(at + 4);
    const end = pathEnd + Number(journal.readBigUInt64LE(at + 8));
    if (end > journal.length) break;
    const paths = journal.toString('utf8', at + headLength, pathEnd).split('\0');
    const offset = Number(journal.readBigUInt64LE(at + 24));
    deeds.push({
      ...{ kind, handle: journal.readBigUInt64LE(at + 16), offset },
      ...{ paths, data: journal.subarray(pathEnd, end) },
    });
    at = end;
  }
  return deeds;
}
