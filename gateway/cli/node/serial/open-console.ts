import { systemClock } from '../../../clock.ts';
import type { SerialportLink } from '../../../link/serialport-link.ts';
import { say, type Terminal } from '../../terminal.ts';
import { NodeConsole, pulseReset } from './node-console.ts';
import { faults } from './node-fault.ts';

/** NodeMCU's speed. */
const baudRate = 115_200;

/** A serial port that is open as a node's console is; throws a NodeFault where it cannot be had. */
async function opened(path: string): Promise<SerialportLink> {
  const { SerialportLink } = await import('../../../link/serialport-link.ts');
  const settings = { path, baudRate, parity: 'none', dataBits: 8, stopBits: 1 } as const;
  const link = new SerialportLink({ id: path, settings, clock: systemClock, observe: () => undefined });
  const fault = await link.open();
  if (fault !== null) throw faults.port(path, fault);
  return link;
}

/**
 * Opens a serial port as a node's console, works with it, and lets go of it whatever happens. Throws a NodeFault where
 * the port cannot be had.
 */
export async function withConsole<Result>(
  path: string,
  terminal: Terminal,
  signal: AbortSignal,
  work: (console: NodeConsole) => Promise<Result>,
): Promise<Result> {
  const clock = systemClock;
  const link = await opened(path);
  const console = new NodeConsole({
    port: { link, name: path, reset: () => pulseReset((levels) => link.signal(levels), clock) },
    ...{ clock, signal },
    askForReset: () => terminal.complain(say(pressReset, terminal.language)),
  });
  try {
    return await work(console);
  } finally {
    await console.letGo();
    await link.close();
  }
}

const pressReset = {
  en: 'the node does not answer: press its RST button now',
  zh: '节点无应答：请现在按下节点的 RST 键',
};

/** Characters of a line that are shown. */
const longestShown = 240;

/**
 * Hands on what a node says, line by line, until the signal is raised; types nothing. With `reset` it is restarted first,
 * where the adapter can.
 */
export async function listenTo(
  path: string,
  { reset, signal, onLine }: { reset: boolean; signal: AbortSignal; onLine: (line: string) => void },
): Promise<void> {
  const link = await opened(path);
  try {
    if (reset) await pulseReset((levels) => link.signal(levels), systemClock);
    let rest = '';
    while (!signal.aborted) {
      const arrival = await link.read(250);
      if (arrival === 'timeout') continue;
      if (!('bytes' in arrival)) throw faults.port(path, arrival);
      const lines = (rest + Buffer.from(arrival.bytes).toString('latin1')).split(/\r?\n/);
      rest = (lines.pop() ?? '').slice(-longestShown);
      for (const line of lines) onLine(readable(line));
    }
  } finally {
    await link.close();
  }
}

/** What the boot ROM says at another speed, and control characters, as dots. */
function readable(line: string): string {
  return line.slice(0, longestShown).replace(/[^ -~]+/g, '·');
}
