import { BadInput, type Command, exit, interruption, parseArguments, required, say } from '../terminal.ts';
import { NodeFault } from './serial/node-fault.ts';
import { listenTo } from './serial/open-console.ts';

const help = `fenceline node console --port PORT [--no-reset] [--seconds N]

Shows what a node says on its serial console, after restarting it: why it started, its adoption code, what is wrong.
Types nothing. An ESP8266 with a sensor says nothing any more once it has started: its only line goes to the sensor.
Ctrl-C ends it.

  --port PORT    serial port, best one of /dev/serial/by-id
  --no-reset     do not restart it
  --seconds N    end after so many seconds, 1 to 3600

Exit code: 0 when it said something, 1 when not, 2 when the arguments are wrong.

  fenceline node console --port /dev/ttyUSB0`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      port: { type: 'string' },
      'no-reset': { type: 'boolean', default: false },
      seconds: { type: 'string' },
    });
    if (positionals.length > 0) throw new BadInput(`${positionals[0]} is not understood`);
    const port = required(values.port, '--port');
    const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
    if (seconds !== undefined && !(Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600)) {
      throw new BadInput('--seconds takes a whole number from 1 to 3600');
    }
    const enough = seconds === undefined ? [] : [AbortSignal.timeout(seconds * 1000)];
    const signal = AbortSignal.any([interruption(), ...enough]);
    let lines = 0;
    try {
      await listenTo(port, {
        reset: !values['no-reset'],
        signal,
        onLine(line) {
          lines += 1;
          terminal.print(line);
        },
      });
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      terminal.complain(say(error.sentence, terminal.language));
      return exit.failed;
    }
    if (lines > 0) return exit.ok;
    const quiet = values['no-reset']
      ? {
          en: '; a node that runs says nothing as long as all is well, so leave --no-reset out',
          zh: '；正常运行的节点不输出任何内容，可去掉 --no-reset',
        }
      : { en: '', zh: '' };
    const en = `nothing came from ${port}: see that it is the node's port, and press its RST button while this runs${quiet.en}`;
    const zh = `${port} 没有任何输出：请核对端口，并在本命令运行时按节点的 RST 键${quiet.zh}`;
    terminal.complain(say({ en, zh }, terminal.language));
    return exit.failed;
  },
};
