import { readdir, readFile, readlink, stat } from 'node:fs/promises';

/** A process that has a device for itself. */
export interface Holder {
  readonly pid: number;
  /** `name (pid 123)`. */
  readonly name: string;
}

/**
 * The process that holds a lock on the device (flock), found in /proc/locks, which shows those of every user; undefined
 * when there is none, or none can be seen. The device is not opened for it.
 */
export async function lockHolderOf(device: string): Promise<Holder | undefined> {
  const file = await stat(device).catch(() => undefined);
  const locks = await readFile('/proc/locks', 'utf8').catch(() => '');
  if (!file) return undefined;
  // 1: FLOCK  ADVISORY  WRITE 1234 00:05:678 0 EOF       (proc(5): pid, then device and inode of the file)
  const place = `${deviceNumber(file.dev)}:${file.ino}`;
  const lock = locks.split('\n').find((line) => line.includes(' FLOCK ') && line.split(/\s+/)[5] === place);
  const pid = lock?.split(/\s+/)[4];
  return pid === undefined ? undefined : { pid: Number(pid), name: `${await nameOf(pid)} (pid ${pid})` };
}

/** Major and minor number, two hexadecimal digits each at least, as /proc/locks writes them (Linux, fs/locks.c). */
function deviceNumber(device: number): string {
  // The C library keeps the lower bits of both in the middle (sysmacros.h, makedev).
  const bits = BigInt(device);
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & ~0xfffn);
  const minor = (bits & 0xffn) | ((bits >> 12n) & 0xffffff00n);
  return [major, minor].map((part) => part.toString(16).padStart(2, '0')).join(':');
}

/** At most so many descriptors are looked at: the answer is a courtesy, not worth a stall. */
const mostDescriptors = 20_000;

/** More processes than this are not named. */
const mostHolders = 3;

/**
 * Which processes have the device open, as `name (pid 123)` joined by commas, found in /proc; undefined when none can
 * be seen (another user's descriptors are hidden from an ordinary user).
 */
export async function holdersOf(device: string): Promise<string | undefined> {
  const holders: string[] = [];
  let looked = 0;
  for (const pid of await namesIn('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const descriptors = await namesIn(`/proc/${pid}/fd`);
    looked += descriptors.length;
    if (looked > mostDescriptors || holders.length === mostHolders) break;
    const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    if (targets.includes(device)) holders.push(`${await nameOf(pid)} (pid ${pid})`);
  }
  return holders.length > 0 ? holders.join(', ') : undefined;
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

async function nameOf(pid: string): Promise<string> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a process');
  return name.trim();
}
