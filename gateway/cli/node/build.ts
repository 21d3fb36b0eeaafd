import { join } from 'node:path';
import { type Command, exit, parseArguments, say, type Terminal } from '../terminal.ts';
import { firmwareDirectory, readFirmware } from './firmware-files.ts';

const help = `fenceline node build [--json]

Compiles the firmware of sensor nodes into edge/node/dist. Where the compiler is not installed, as on a gateway in
the field, says what is compiled already.

  --json   print one JSON object

Exit code: 0 when there is firmware, 1 when not.`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values } = parseArguments(args, { json: { type: 'boolean', default: false } });
    const built = await compiled(terminal);
    if (built === 'faulty') return exit.failed;
    if (built !== null && !values.json) {
      terminal.print(built);
      return exit.ok;
    }
    const firmware = readFirmware(firmwareDirectory);
    if ('fault' in firmware) {
      terminal.complain(say(firmware.fault, terminal.language));
      return exit.failed;
    }
    const files = firmware.files.map(({ name, bytes }) => ({ name, size: bytes.length }));
    if (values.json) {
      terminal.print(JSON.stringify({ compiled: built !== null, version: firmware.version, files }));
      return exit.ok;
    }
    const list = files.map(({ name, size }) => `  ${name}  ${size} B`).join('\n');
    const en = `the compiler is not installed here; compiled already: firmware ${firmware.version}\n${list}`;
    const zh = `此处未安装编译器；已编译的固件版本 ${firmware.version}\n${list}`;
    terminal.print(say({ en, zh }, terminal.language));
    return exit.ok;
  },
};

/** What was compiled, in the compiler's words; null where there is no compiler. */
async function compiled(terminal: Terminal): Promise<string | null | 'faulty'> {
  const building = await import('../../../edge/node/build.ts').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  });
  if (building === null) return null;
  try {
    return building.describeFirmware(await building.buildFirmware(join(firmwareDirectory, '..')));
  } catch (error) {
    if (!(error instanceof building.FirmwareFault)) throw error;
    terminal.complain(error.message);
    return 'faulty';
  }
}
