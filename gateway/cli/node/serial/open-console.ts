import { systemClock } from '../../../clock.ts';
import { say, type Terminal } from '../../terminal.ts';
import { NodeConsole, pulseReset } from './node-console.ts';
import { faults } from './node-fault.ts';

/** NodeMCU's speed. */
const baudRate = 115_200;

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
  const { SerialportLink } = await import('../../../link/serialport-link.ts');
  const clock = systemClock;
  const settings = { path, baudRate, parity: 'none', dataBits: 8, stopBits: 1 } as const;
  const link = new SerialportLink({ id: path, settings, clock, observe: () => undefined });
  const fault = await link.open();
  if (fault !== null) throw faults.port(fault.message.replace(/correct links\.[^ ;]+\.path/, 'correct --port'));
  const console = new NodeConsole({
    port: { link, name: path, reset: () => pulseReset((levels) => link.signal(levels), clock) },
    ...{ clock, signal },
    askForReset: () =>
      terminal.complain(
        say(
          { en: 'the node does not answer: press its RST button now', zh: '节点无应答：请现在按下节点的 RST 键' },
          terminal.language,
        ),
      ),
  });
  try {
    return await work(console);
  } finally {
    await console.letGo();
    await link.close();
  }
}
