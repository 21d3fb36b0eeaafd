import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WallTime } from '../clock.ts';
import type { BatteryClock, Machine, NtpView } from './machine.ts';
import { readChronyTracking } from './sources/chrony.ts';
import { readTimedatectl, readTimesync } from './sources/timesyncd.ts';

/** Where the kernel and systemd tell what is asked here; a test points them elsewhere. */
interface MachinePaths {
  readonly bootId: string;
  readonly uptime: string;
  readonly batteryClock: string;
  readonly synchronized: string;
}

const systemPaths: MachinePaths = {
  bootId: '/proc/sys/kernel/random/boot_id',
  uptime: '/proc/uptime',
  batteryClock: '/sys/class/rtc/rtc0',
  synchronized: '/run/systemd/timesync/synchronized',
};

/** Runs a program and resolves to what it printed; undefined when it is not there, fails, or takes too long. */
type RunProgram = (program: string, args: readonly string[]) => Promise<string | undefined>;

const runProgram: RunProgram = (program, args) =>
  new Promise((resolve) => {
    const limits = { timeout: 3000, maxBuffer: 65_536, env: { ...process.env, LC_ALL: 'C' } };
    execFile(program, [...args], limits, (error, output) => resolve(error === null ? output : undefined));
  });

/** This machine, as Linux tells of it. What it does not tell is null; where there is no /proc, a boot is a process. */
export function linuxMachine(paths: MachinePaths = systemPaths, run: RunProgram = runProgram): Machine {
  const uptime = (): number => {
    const seconds = Number.parseFloat(textOf(paths.uptime) ?? '');
    return Number.isNaN(seconds) ? performance.now() : seconds * 1000;
  };
  return {
    bootId: textOf(paths.bootId)?.trim() || randomUUID(),
    uptime,
    ntp: () => askNtp(paths, run),
    batteryClock: () => askBatteryClock(paths),
    timezone: () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? null,
  };
}

async function askNtp(paths: MachinePaths, run: RunProgram): Promise<NtpView | null> {
  const chrony = readChronyTracking((await run('chronyc', ['-c', 'tracking'])) ?? '');
  if (chrony !== undefined) return chrony;
  const touched = await stat(paths.synchronized).then(
    ({ mtimeMs }) => Math.round(mtimeMs) as WallTime,
    () => null,
  );
  const timesync = await run('timedatectl', ['show-timesync', '--all']);
  if (touched !== null || timesync !== undefined) return readTimesync(timesync ?? '', touched);
  // Another service, such as ntpd: only the mark that it leaves with the kernel.
  const kernel = readTimedatectl((await run('timedatectl', ['show'])) ?? '');
  if (kernel === undefined) return null;
  return { service: 'kernel', ...kernel, syncedAt: null, uncertainty: null, offset: null, stratum: null };
}

async function askBatteryClock(paths: MachinePaths): Promise<BatteryClock | null> {
  try {
    const read = async (name: string): Promise<string> =>
      (await readFile(join(paths.batteryClock, name), 'utf8')).trim();
    const [name, seconds] = [await read('name'), await read('since_epoch')];
    return /^\d{1,11}$/.test(seconds) ? { name, time: (Number(seconds) * 1000) as WallTime } : null;
  } catch {
    return null;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
