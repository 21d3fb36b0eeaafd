import { BadInput, type Command } from './terminal.ts';

/** What there is for sensor nodes, in the order in which a technician needs it. */
const parts: Readonly<Record<string, { readonly does: string; readonly load: () => Promise<{ command: Command }> }>> = {
  build: { does: 'compile the firmware, or say what is compiled', load: () => import('./node/build.ts') },
  flash: { does: 'put the firmware on a node on a serial port', load: () => import('./node/flash.ts') },
  console: { does: 'show what a node says on its serial console', load: () => import('./node/console.ts') },
  adopt: { does: 'give a new node its account, by the code on its console', load: () => import('./node/adopt.ts') },
  list: { does: 'list the nodes that have an account, and those that wait', load: () => import('./node/list.ts') },
  forget: { does: 'take a node’s account away', load: () => import('./node/forget.ts') },
  configure: {
    does: 'change a node’s configuration, on a serial port or over the air',
    load: () => import('./node/configure.ts'),
  },
  update: { does: 'offer the compiled firmware to nodes over the air', load: () => import('./node/update.ts') },
};

const overview = [
  'fenceline node WHAT [OPTIONS]',
  '',
  'Sensor nodes: ESP8266 and ESP32 chips with a NodeMCU image and Fenceline’s firmware.',
  '',
  ...Object.entries(parts).map(([name, { does }]) => `  ${name.padEnd(11)}${does}`),
  '',
  'fenceline node WHAT --help shows options and examples.',
].join('\n');

function partOf(name: string | undefined): (typeof parts)[string] | undefined {
  return name !== undefined && Object.hasOwn(parts, name) ? parts[name] : undefined;
}

export const command: Command = {
  help: overview,
  async helpOf([name]) {
    return (await partOf(name)?.load())?.command.help;
  },
  async run([name, ...rest], terminal) {
    const part = partOf(name);
    if (part === undefined) throw new BadInput(`say what: ${Object.keys(parts).join(', ')}`);
    const { command } = await part.load();
    return command.run(rest, terminal);
  },
};
