import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pause, systemClock } from '../../../gateway/clock.ts';

/** What a process took, over a window and at its end. */
export interface ProcessFigures {
  /** Resident memory at the end of the window, megabytes of 1 048 576 bytes (VmRSS, proc(5)). */
  readonly rssMb: number;
  /** Most resident memory since its start (VmHWM). */
  readonly peakMb: number;
  /** User and system time of all its threads over the window, percent of one core. */
  readonly cpuPercent: number;
}

/** Clock ticks a second, the unit of /proc/PID/stat. */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Milliseconds of processor time since the process started: fields 14 and 15 of /proc/PID/stat. */
export function processorTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

function memory(pid: number): Pick<ProcessFigures, 'rssMb' | 'peakMb'> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { rssMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}

/** Watches a process for a window of so many milliseconds. */
export async function figuresOf(pid: number, window: number): Promise<ProcessFigures> {
  const [before, started] = [processorTime(pid), performance.now()];
  await pause(systemClock, window);
  const used = processorTime(pid) - before;
  return { ...memory(pid), cpuPercent: (used / (performance.now() - started)) * 100 };
}
