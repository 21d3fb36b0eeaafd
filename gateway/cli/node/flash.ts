import type { NodeConfiguration } from '../../driver/node/offers/node-configuration.ts';
import { BadInput, type Command, exit, parseArguments, required, say, type Terminal } from '../terminal.ts';
import { atConsole, configurationFor, showProgress } from './at-console.ts';
import { type Chip, chips, type FirmwareFiles, filesOf, firmwareDirectory, readFirmware } from './firmware-files.ts';
import { configurationFile, configurationOn, lookAtChip, putOnNode } from './serial/flash-node.ts';
import type { NodeConsole } from './serial/node-console.ts';
import { NodeFiles, type Uploaded } from './serial/node-files.ts';
import { knownOf } from './settings/new-configuration.ts';
import type { Questions } from './settings/questions.ts';
import { type SaidSettings, saidSettings, settingsHelp, settingsOptions } from './settings/settings-options.ts';

const help = `fenceline node flash --port PORT [--chip CHIP] [SETTINGS] [--json]

Puts the firmware on a node: an ESP8266 or ESP32 with a NodeMCU image, on a USB serial port. Stops what runs on it,
writes every file beside the one that is there, reads it back, puts all in their places, restarts the node, and shows
the adoption code that it then says. Run again after an interruption, it goes on from what was written. What the node
has been told before, its account with the gateway too, stays unless it is given here.

  --port PORT                 serial port, best one of /dev/serial/by-id
  --chip CHIP                 ${chips.join(' or ')}; refuses the other one
${settingsHelp}
  --forget-account            the node gives up the account that it has, and is to be adopted anew: where the gateway
                              does not know it any more, or it goes to another gateway
  --firmware DIR              firmware that was compiled elsewhere; without it edge/node/dist
  --json                      print one JSON object

Exit code: 0 when the firmware is on the node, 1 when not, 2 when the arguments are wrong.

  fenceline node flash --port /dev/ttyUSB0 --wifi site-nodes --gateway 10.42.0.1 --sensor plantower`;

/** Milliseconds after a restart within which a new node says its code: boot, five seconds, start. */
const codeWithin = 20_000;

interface Flashed {
  readonly chip: Chip;
  readonly lua: string;
  readonly chipId: string;
  readonly version: string;
  readonly files: Record<string, Uploaded>;
  readonly configuration: NodeConfiguration;
  readonly restarts: number;
  readonly code: string | null;
}

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      port: { type: 'string' },
      chip: { type: 'string' },
      firmware: { type: 'string', default: firmwareDirectory },
      'forget-account': { type: 'boolean', default: false },
      ...settingsOptions,
      json: { type: 'boolean', default: false },
    });
    if (positionals.length > 0) throw new BadInput(`${positionals[0]} is not understood`);
    const port = required(values.port, '--port');
    const chip = chips.find((one) => one === values.chip);
    if (values.chip !== undefined && chip === undefined) throw new BadInput(`--chip takes ${chips.join(' or ')}`);
    const said = saidSettings(values);
    const firmware = readFirmware(values.firmware);
    if ('fault' in firmware) {
      terminal.complain(say(firmware.fault, terminal.language));
      return exit.failed;
    }
    const flashed = await atConsole(port, terminal, (console, questions) =>
      flash(console, { chip, said, questions, terminal, firmware, forgets: values['forget-account'] }),
    );
    if (flashed === undefined) return exit.failed;
    if (values.json) terminal.print(JSON.stringify(jsonOf(port, flashed)));
    else tell(flashed, terminal);
    return exit.ok;
  },
};

interface Wanted {
  readonly chip: Chip | undefined;
  readonly said: SaidSettings;
  readonly questions: Questions;
  readonly terminal: Terminal;
  readonly firmware: FirmwareFiles;
  /** Whether the account that is on the node stays behind. */
  readonly forgets: boolean;
}

/** Undefined when it came to nothing, which has been said. */
async function flash(
  console: NodeConsole,
  { chip, said, questions, terminal, firmware, forgets }: Wanted,
): Promise<Flashed | undefined> {
  const found = await lookAtChip(console, chip);
  const files = new NodeFiles(console);
  const { node, password, ...settings } = knownOf(await configurationOn(files));
  const account = forgets || node === undefined || password === undefined ? {} : { node, password };
  const known = { ...settings, ...account };
  const configuration = await configurationFor(found.chip, said, known, questions, terminal);
  if (configuration === undefined) return undefined;
  const wanted = filesOf(firmware, found.chip);
  if (wanted === undefined) throw new BadInput(`the firmware lacks a file for ${found.chip}; fenceline node build`);
  const order = [configurationFile(configuration), ...wanted];
  const states = await putOnNode(files, order, showProgress(terminal));
  const other = found.chip === 'esp8266' ? 'esp32.lua' : 'esp8266.lua';
  if ((await files.list()).has(other)) await files.remove(other);
  terminal.status?.('');
  await console.restart();
  const code = configuration.node === undefined ? await codeOf(console, terminal) : null;
  return {
    ...found,
    ...{ version: firmware.version, files: states, configuration, restarts: console.restarts, code },
  };
}

/** The code by which a technician adopts the node; null when it does not say one in time. */
async function codeOf(console: NodeConsole, terminal: Terminal): Promise<string | null> {
  const waiting = { en: 'the node restarts; waiting for its adoption code', zh: '节点重启中，等待其接入码' };
  terminal.complain(say(waiting, terminal.language));
  return (await console.listen(codeWithin, /adoption code (\d{6})/))?.[1] ?? null;
}

function tell(
  { chip, chipId, lua, version, files, configuration, code }: Flashed,
  { print, language }: Terminal,
): void {
  const written = Object.values(files).filter((state) => state === 'written').length;
  const count = Object.keys(files).length;
  const zh = language === 'zh';
  print(
    zh
      ? `固件 ${version} 已写入 ${chip.toUpperCase()}（${lua}），并已逐一读回校验：共 ${count} 个文件，新写入 ${written} 个`
      : `firmware ${version} is on the ${chip.toUpperCase()} (${lua}), read back and right: ${count} files, ${written} of them written now`,
  );
  if (configuration.node !== undefined) {
    const id = configuration.node;
    print(zh ? `节点保留其身份 ${id}` : `the node keeps its account as ${id}`);
  } else if (code !== null) {
    print(
      zh
        ? `芯片 ${chipId}，接入码 ${code}\n在页面上输入，或执行：fenceline node adopt --site DIR ${chipId} --code ${code}`
        : `chip ${chipId}, adoption code: ${code}\nenter it on the page, or: fenceline node adopt --site DIR ${chipId} --code ${code}`,
    );
  } else {
    print(
      zh
        ? '节点未在时限内给出接入码：请按 RST，并用 115200 8N1 查看其串口输出'
        : 'the node did not say its adoption code in time: press RST, and look at its console at 115200 8N1',
    );
  }
}

function jsonOf(port: string, { configuration, code, ...flashed }: Flashed): object {
  const { version, node } = configuration;
  return { port, ...flashed, configuration: version, node: node ?? null, adoptionCode: code };
}
