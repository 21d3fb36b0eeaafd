import { applyNames, DiskDirectory, DiskFile, type DiskNode, type FileChange } from './disk.ts';

/**
 * What a disk may do with what was not synced.
 *
 * `prefix`: of each file, the changes since its last sync are there up to some point, and the next one is torn: its
 * first bytes only (or nothing of it). Files are independent of each other.
 *
 * `reordered`: a disk that writes its sectors when it likes: each sector of 512 bytes is as it was after any of the
 * changes to it, one is torn in the middle, and the size is any the file has had; what lies within the size and was
 * never written reads as zeros.
 *
 * Under both, names are the strict reading of POSIX: what came, went or was renamed in a directory is there up to some
 * point since the last sync of that directory, which may be before a file whose content was synced had its name; a
 * rename is there whole or not at all. What a failed sync was to write may be there or not, change by change, whatever
 * was synced later. What was written through a mapping is there as it stands or as zeros, sector by sector.
 */
export type Rules = 'prefix' | 'reordered';

/** How much a disk has done by itself. */
type Mood = 'nothing' | 'some' | 'everything';

const sectorSize = 512;

/** One legal state: names and contents. */
export type DiskState = Map<string, DiskState | { readonly node: DiskFile; readonly content: Buffer }>;

/** Picks one of the states that a cut may leave, by chance. */
export function legalState(
  root: DiskDirectory,
  { rules, random, mapped }: { rules: Rules; random: () => number; mapped: (path: string) => Buffer | undefined },
): DiskState {
  const draw = random();
  // The two ends are where mistakes show most.
  const mood: Mood = draw < 0.3 ? 'nothing' : draw < 0.4 ? 'everything' : 'some';
  const contents = new Map<DiskFile, Buffer>();
  const contentOf = (file: DiskFile, path: string): Buffer => {
    const known = contents.get(file);
    if (known !== undefined) return known;
    const chance = { mood, random };
    const seen = file.mapped ? mapped(path) : undefined;
    const content = file.mapped
      ? sectorsOrZeros(seen ?? Buffer.alloc(0), chance)
      : rules === 'prefix'
        ? prefixOf(file, chance)
        : reorderedOf(file, chance);
    contents.set(file, content);
    return content;
  };
  const stateOf = (directory: DiskDirectory, path: string): DiskState => {
    const state: DiskState = new Map();
    for (const [name, node] of namesOf(directory, { mood, random })) {
      const inner = path === '' ? name : `${path}/${name}`;
      if (node instanceof DiskDirectory) state.set(name, stateOf(node, inner));
      else if (node instanceof DiskFile) state.set(name, { node, content: contentOf(node, inner) });
    }
    return state;
  };
  return stateOf(root, '');
}

/** The disk as the program last saw it: everything that was done, and nothing else. */
export function liveState(root: DiskDirectory): DiskState {
  const state: DiskState = new Map();
  for (const [name, node] of root.live) {
    if (node instanceof DiskDirectory) state.set(name, liveState(node));
    else if (node instanceof DiskFile) state.set(name, { node, content: applied(node.base, node.changes) });
  }
  return state;
}

interface Chance {
  readonly mood: Mood;
  readonly random: () => number;
}

/** 0 up to `most`, both included. */
function howMany(most: number, { mood, random }: Chance): number {
  if (mood === 'nothing') return 0;
  return mood === 'everything' ? most : Math.floor(random() * (most + 1));
}

function namesOf(directory: DiskDirectory, chance: Chance): Map<string, DiskNode> {
  const names = new Map(directory.base);
  const open = directory.changes.filter(({ at }) => at >= directory.synced);
  for (const change of directory.changes) if (change.at < directory.synced) applyNames(names, change.names);
  for (const change of open.slice(0, howMany(open.length, chance))) applyNames(names, change.names);
  return names;
}

/** What is on the medium for certain, and what may be besides. */
function durable(file: DiskFile, random: () => number): { content: Buffer; open: FileChange[] } {
  const isKept = (change: FileChange): boolean => !change.doubtful || random() < 0.5;
  const content = applied(
    file.base,
    file.changes.filter((change) => change.at < file.synced && isKept(change)),
  );
  return { content, open: file.changes.filter(({ at }) => at >= file.synced) };
}

function prefixOf(file: DiskFile, chance: Chance): Buffer {
  const { content, open } = durable(file, chance.random);
  const whole = howMany(open.length, chance);
  const kept = open.slice(0, whole);
  const torn = open[whole];
  if (chance.mood === 'some' && torn?.kind === 'write' && chance.random() < 0.5) {
    kept.push({ ...torn, data: torn.data.subarray(0, Math.floor(chance.random() * torn.data.length)) });
  }
  return applied(content, kept);
}

function reorderedOf(file: DiskFile, chance: Chance): Buffer {
  const { content, open } = durable(file, chance.random);
  const sizes = [content.length];
  const touches = new Map<number, number>();
  for (const change of open) {
    const before = sizes.at(-1) ?? 0;
    for (const sector of touchedBy(change, before)) touches.set(sector, (touches.get(sector) ?? 0) + 1);
    sizes.push(sizeAfter(change, before));
  }
  const stops = new Map([...touches].map(([sector, times]) => [sector, howMany(times, chance)]));
  const tearable = [...touches].filter(([sector, times]) => times > (stops.get(sector) ?? 0));
  const torn = chance.mood === 'some' ? tearable[Math.floor(chance.random() * tearable.length)]?.[0] : undefined;
  const tear = Math.floor(chance.random() * sectorSize);

  const longest = Math.max(...sizes);
  const [live, medium] = [Buffer.alloc(longest), Buffer.alloc(longest)];
  for (const buffer of [live, medium]) content.copy(buffer);
  const done = new Map<number, number>();
  let size = content.length;
  for (const change of open) {
    if (change.kind === 'write') change.data.copy(live, change.offset);
    else if (change.size < size) live.fill(0, change.size);
    for (const sector of touchedBy(change, size)) {
      const times = (done.get(sector) ?? 0) + 1;
      done.set(sector, times);
      const start = sector * sectorSize;
      const stop = stops.get(sector) ?? 0;
      if (times <= stop) live.copy(medium, start, start, start + sectorSize);
      else if (times === stop + 1 && sector === torn) live.copy(medium, start, start, start + tear);
    }
    size = sizeAfter(change, size);
  }
  return medium.subarray(0, sizes[howMany(open.length, chance)]);
}

/** Sectors whose content a change may alter. */
function touchedBy(change: FileChange, size: number): number[] {
  const [from, to] =
    change.kind === 'write'
      ? [change.offset, change.offset + change.data.length]
      : [Math.min(change.size, size), Math.max(size, change.size)];
  const sectors: number[] = [];
  for (let sector = Math.floor(from / sectorSize); sector * sectorSize < to; sector++) sectors.push(sector);
  return sectors;
}

function sizeAfter(change: FileChange, size: number): number {
  return change.kind === 'size' ? change.size : Math.max(size, change.offset + change.data.length);
}

/** A content after these changes. */
function applied(base: Buffer, changes: readonly FileChange[]): Buffer {
  let size = base.length;
  let longest = size;
  for (const change of changes) {
    size = sizeAfter(change, size);
    longest = Math.max(longest, size);
  }
  const content = Buffer.alloc(longest);
  base.copy(content);
  size = base.length;
  for (const change of changes) {
    if (change.kind === 'write') change.data.copy(content, change.offset);
    else if (change.size < size) content.fill(0, change.size, size);
    size = sizeAfter(change, size);
  }
  return content.subarray(0, size);
}

function sectorsOrZeros(seen: Buffer, chance: Chance): Buffer {
  const content = Buffer.from(seen);
  for (let at = 0; at < content.length; at += sectorSize) {
    if (howMany(1, chance) === 0) content.fill(0, at, at + sectorSize);
  }
  return content;
}
