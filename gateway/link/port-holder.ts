import { readdir, readFile, readlink } from 'node:fs/promises';

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
