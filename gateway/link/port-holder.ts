import { readdir, readFile, readlink } from 'node:fs/promises';

/** At most so many descriptors are looked at: the answer is a courtesy, not worth a stall. */
const mostDescriptors = 20_000;

/**
 * Which process has the device open, as `name (pid 123)`, found in /proc; undefined when none can be seen (another
 * user's descriptors are hidden from an ordinary user).
 */
export async function holderOf(device: string): Promise<string | undefined> {
  let looked = 0;
  for (const pid of await namesIn('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const descriptor of await namesIn(`/proc/${pid}/fd`)) {
      if (++looked > mostDescriptors) return undefined;
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (target === device) return `${await nameOf(pid)} (pid ${pid})`;
    }
  }
  return undefined;
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

async function nameOf(pid: string): Promise<string> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a process');
  return name.trim();
}
