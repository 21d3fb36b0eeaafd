import {
  BadInput,
  type Command,
  exit,
  interruption,
  parseArguments,
  required,
  say,
  type Terminal,
} from '../terminal.ts';
import { showProgress } from './flash.ts';
import { knownOf, newConfiguration } from './new-configuration.ts';
import { Questions } from './questions.ts';
import { configurationFile, configurationOn, lookAtChip, putOnNode } from './serial/flash-node.ts';
import type { NodeConsole } from './serial/node-console.ts';
import { NodeFault } from './serial/node-fault.ts';
import { NodeFiles } from './serial/node-files.ts';
import { withConsole } from './serial/open-console.ts';
import { type SaidSettings, saidSettings, settingsHelp, settingsOptions } from './settings-options.ts';

const help = `fenceline node configure --port PORT [SETTINGS] [--json]

Changes the configuration of a node on a serial port, and restarts it. What is not given stays as it is.

  --port PORT                 serial port, best one of /dev/serial/by-id
${settingsHelp}
  --json                      print one JSON object

Exit code: 0 when the node has it, 1 when not, 2 when the arguments are wrong.

  fenceline node configure --port /dev/ttyUSB0 --sensor nova --period 300`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      port: { type: 'string' },
      ...settingsOptions,
      json: { type: 'boolean', default: false },
    });
    if (positionals.length > 0) throw new BadInput(`${positionals[0]} is not understood`);
    const port = required(values.port, '--port');
    const said = saidSettings(values);
    const signal = interruption();
    const questions = new Questions(terminal, signal);
    try {
      const version = await withConsole(port, terminal, signal, (console) =>
        configure(console, said, questions, terminal),
      );
      if (version === undefined) return exit.failed;
      terminal.print(
        values.json
          ? JSON.stringify({ port, configuration: version })
          : say(
              {
                en: `configuration ${version} is on the node, read back and right; it restarts`,
                zh: `配置（第 ${version} 版）已写入节点并读回校验；节点重启中`,
              },
              terminal.language,
            ),
      );
      return exit.ok;
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      terminal.status?.('');
      terminal.complain(say(error.sentence, terminal.language));
      return exit.failed;
    } finally {
      questions.close();
    }
  },
};

/** The number of the document that is on the node now; undefined when the questions were broken off. */
async function configure(
  console: NodeConsole,
  said: SaidSettings,
  questions: Questions,
  terminal: Terminal,
): Promise<number | undefined> {
  const { chip } = await lookAtChip(console, undefined);
  const files = new NodeFiles(console);
  const document = await newConfiguration(said, knownOf(await configurationOn(files)), questions);
  if (document === undefined) {
    terminal.complain(say({ en: 'nothing was written', zh: '未写入任何内容' }, terminal.language));
    return undefined;
  }
  if (document.tls && chip === 'esp8266') throw new BadInput('--tls yes needs an ESP32');
  await putOnNode(files, [configurationFile(document)], showProgress(terminal));
  terminal.status?.('');
  await console.restart();
  return document.version;
}
