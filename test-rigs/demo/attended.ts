import { pause, systemClock } from '../../gateway/clock.ts';
import { isClean } from '../platform/audit.ts';
import { DemoRun } from './demo-run.ts';
import { drawScreen } from './screen.ts';

/** Milliseconds the gateway may go on sending when somebody quits. */
const drain = 1000;
/** Milliseconds between two pictures. */
const beat = 500;

const alternateScreen = { enter: '\x1b[?1049h\x1b[?25l', leave: '\x1b[?25h\x1b[?1049l' };

/** Runs the demo for a person at a terminal, until `quit`. Without a terminal it prints a line now and then instead. */
export async function runAttended(quit: AbortController): Promise<number> {
  const demo = await DemoRun.start(`${drain}ms`);
  const login = { url: demo.url, password: demo.password };
  const isTerminal = process.stdout.isTTY === true;
  console.log(`Page: ${login.url}   password: ${login.password}   (Ctrl-C ends the demo)`);
  const cutOrRestore = (): void => void (demo.broker.isCut ? demo.broker.restore() : demo.broker.cut());
  const stopKeys = listenToKeys(quit, cutOrRestore);
  if (isTerminal) process.stdout.write(alternateScreen.enter);
  try {
    for (let beats = 0; !quit.signal.aborted; beats++) {
      const picture = await demo.picture();
      const audit = demo.platform.audit();
      const platform = { entries: audit.received, faults: isClean(audit) ? 0 : 1 };
      if (isTerminal) {
        const { columns = 80, rows = 24 } = process.stdout;
        const lines = drawScreen({ picture, platform, uplinkCut: demo.broker.isCut, login, columns, rows });
        process.stdout.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`);
      } else if (beats % 20 === 0) {
        console.log(`platform holds ${platform.entries}, held back ${demo.held}`);
      }
      await pause(systemClock, beat, quit.signal);
    }
  } finally {
    stopKeys();
    if (isTerminal) process.stdout.write(alternateScreen.leave);
  }
  const exit = await demo.stopGateway(drain);
  await demo.stopSurroundings();
  const { entries, held } = { entries: demo.platform.table.keys, held: demo.held };
  await demo.close();
  console.log(`Stopped. The platform held ${entries} entries; ${held} were still with the gateway.`);
  return exit === 0 ? 0 : 1;
}

/** `u` cuts and restores the uplink; `q` and Ctrl-C quit, which in raw mode is a key as well. */
function listenToKeys(quit: AbortController, cutOrRestore: () => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  const onKeys = (keys: Buffer): void => {
    for (const key of keys.toString('latin1')) {
      if (key === 'u' || key === 'U') cutOrRestore();
      else if (key === 'q' || key === 'Q' || key === '\x03') quit.abort();
    }
  };
  stdin.setRawMode(true).resume().on('data', onKeys);
  return () => {
    stdin.off('data', onKeys).setRawMode(false).pause();
  };
}
