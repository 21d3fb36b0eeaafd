import { behaviourHelp, behaviourOf, says } from '../instruments/from-profile/behaviours.ts';
import type { SimulatedInstrument } from '../instruments/from-profile/simulated-instrument.ts';

/** One instrument of the rig by the name that it has in the site file. */
export interface Named {
  readonly name: string;
  readonly instrument: SimulatedInstrument;
}

export const commandHelp = `off [NAME]           switched off at the mains; on [NAME] switches it on again
fault [NAME]         it says that it is faulty, where its profile has a code for that; ok [NAME] ends everything
BEHAVIOUR [NAME]     ${behaviourHelp.replaceAll('\n', '\n                     ')}
help, quit`;

/** Obeys one line that somebody typed; the result is what to answer, or null to end. */
export function obey(line: string, all: readonly Named[]): string | null {
  const [word = '', name] = line.trim().split(/\s+/);
  if (word === 'quit') return null;
  if (word === '' || word === 'help') return commandHelp;
  const meant = name === undefined ? all : all.filter((one) => one.name === name);
  if (meant.length === 0) return `there is no ${name}; there is ${all.map((one) => one.name).join(', ')}`;
  return meant.map((one) => `${one.name}: ${change(word, one)}`).join('\n');
}

function change(word: string, { instrument }: Named): string {
  switch (word) {
    case 'off':
    case 'on':
      instrument.on = word === 'on';
      return `is ${word}`;
    case 'ok':
      instrument.behaviours.length = 0;
      return 'behaves again';
    default:
      return behave(word === 'fault' ? 'says=D' : word, instrument);
  }
}

/** What the profile cannot show is taken back, and told. */
function behave(text: string, instrument: SimulatedInstrument): string {
  const behaviour = text === 'says=D' ? says('D') : behaviourOf(text);
  if (!behaviour) return `${text} is no command; help lists them`;
  const point = /:([^=]+)/.exec(text)?.[1];
  if (point !== undefined && !instrument.points.some(({ id }) => id === point)) {
    return `it has no ${point}; it has ${instrument.points.map(({ id }) => id).join(', ')}`;
  }
  instrument.behaviours.push(behaviour);
  try {
    instrument.rehearse();
  } catch (error) {
    instrument.behaviours.pop();
    return error instanceof Error ? error.message : String(error);
  }
  return behaviour.name;
}
