import type { NodeConfiguration } from '../../driver/node/offers/node-configuration.ts';
import { BadInput, interruption, say, type Terminal } from '../terminal.ts';
import type { Chip } from './firmware-files.ts';
import type { NodeConsole } from './serial/node-console.ts';
import { NodeFault } from './serial/node-fault.ts';
import type { Progress } from './serial/node-files.ts';
import { withConsole } from './serial/open-console.ts';
import { newConfiguration } from './settings/new-configuration.ts';
import { Questions } from './settings/questions.ts';
import type { SaidSettings } from './settings/settings-options.ts';

/**
 * Works with the node on a serial port, and asks the technician what was not given. Undefined when it came to nothing: a
 * fault of the node or its port is said here, anything else by `work`.
 */
export async function atConsole<Result>(
  port: string,
  terminal: Terminal,
  work: (console: NodeConsole, questions: Questions) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  const signal = interruption();
  const questions = new Questions(terminal, signal);
  try {
    return await withConsole(port, terminal, signal, (console) => work(console, questions));
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error;
    terminal.status?.('');
    terminal.complain(say(error.sentence, terminal.language));
    return undefined;
  } finally {
    questions.close();
  }
}

/** The configuration that a node of that chip is to have; undefined when the questions were broken off, which is said. */
export async function configurationFor(
  chip: Chip,
  said: SaidSettings,
  known: Partial<NodeConfiguration>,
  questions: Questions,
  terminal: Terminal,
): Promise<NodeConfiguration | undefined> {
  const configuration = await newConfiguration(said, known, questions);
  if (configuration === undefined) {
    terminal.complain(say({ en: 'nothing was written', zh: '未写入任何内容' }, terminal.language));
  } else if (configuration.tls && chip === 'esp8266') throw new BadInput('--tls yes needs an ESP32');
  return configuration;
}

/** In place on a terminal; elsewhere each file once, when it is there. */
export function showProgress(terminal: Terminal): (progress: Progress) => void {
  return ({ name, done, of }) => {
    const percent = Math.floor((done / of) * 100);
    if (terminal.status) terminal.status(`${name}  ${done}/${of} B  ${percent} %`);
    else if (done === of) terminal.complain(`${name}  ${of} B`);
  };
}
