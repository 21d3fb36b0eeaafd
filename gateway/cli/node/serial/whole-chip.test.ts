import { expect, test } from 'vitest';
import { MemoryLink } from '../../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../../test-rigs/links/paced-line.ts';
import { ScriptedBroker } from '../../../../test-rigs/surroundings/lua-machine/far-side/scripted-broker.ts';
import { NodeRig } from '../../../../test-rigs/surroundings/lua-machine/node-rig.ts';
import { BenchConsole } from '../../../../test-rigs/surroundings/node-repl/bench-console.ts';
import { SimulatedChip } from '../../../../test-rigs/surroundings/node-repl/simulated-chip.ts';
import { SimulatedClock } from '../../../../test-rigs/surroundings/simulated-clock.ts';
import { filesOf, firmwareDirectory, readFirmware } from '../firmware-files.ts';
import { configurationFile, lookAtChip, putOnNode } from './flash-node.ts';
import { NodeConsole } from './node-console.ts';
import { NodeFiles } from './node-files.ts';

const nothing = (): void => undefined;
const document = {
  ...{ version: 1, wifi: ['site', 'quiet-lake'] as [string, string], gateway: ['10.42.0.1', 1883] as [string, number] },
  ...{ tls: false, sensor: 'plantower' as const, adc: 'none' as const, period: 60 },
};

/** A chip with its own Lua and NodeMCU's modules at the end of a line at 115200, reset by the adapter. */
async function bench(kind: 'esp8266' | 'esp32', files: Readonly<Record<string, string>> = {}) {
  const clock = new SimulatedClock();
  const rig = await NodeRig.create({ kind, clock, farSide: new ScriptedBroker(clock), files });
  const line = new PacedLine({ clock, baudRate: 115_200 });
  const chip = new SimulatedChip({ end: line.connect(), clock, brain: () => new BenchConsole(rig) });
  const link = new MemoryLink({ id: 'node', clock, end: line.connect(), characterTime: line.characterTime });
  await link.open();
  await chip.reset();
  const reset = async (): Promise<boolean> => {
    await chip.reset();
    return true;
  };
  const console = new NodeConsole({
    port: { link, name: '/dev/ttyUSB0', reset },
    ...{ clock, signal: new AbortController().signal, askForReset: nothing },
  });
  return { clock, rig, chip, console, during: <Result>(work: Promise<Result>) => clock.during(work) };
}

test.each(['esp8266', 'esp32'] as const)(
  'the compiled firmware is put on a whole %s, in its own Lua, starts, and says its code',
  async (kind) => {
    const firmware = readFirmware(firmwareDirectory);
    if ('fault' in firmware) throw new Error(firmware.fault.en);
    const wanted = filesOf(firmware, kind) ?? [];
    const shared = Buffer.from(wanted.find(({ name }) => name === 'node.lua')?.bytes ?? []).toString('latin1');
    // Lua 5.3 in JavaScript sums slowly: there the large file is on the chip already, and only looked at.
    const isThere = kind === 'esp32';
    const { rig, console, clock, during } = await bench(kind, isThere ? { 'node.lua': shared } : {});
    expect(await during(lookAtChip(console, kind))).toMatchObject({ chip: kind });
    const begun = clock.monotonic();
    const states = await during(putOnNode(new NodeFiles(console), [configurationFile(document), ...wanted], nothing));
    const took = clock.monotonic() - begun;
    const { 'node.lua': large, ...others } = states;
    expect([large, new Set(Object.values(others))]).toEqual([isThere ? 'same' : 'written', new Set(['written'])]);
    for (const { name, bytes } of wanted) expect(rig.flash.files.get(name)).toBe(Buffer.from(bytes).toString('latin1'));
    await during(console.restart());
    const code = await during(console.listen(20_000, /adoption code (\d{6})/));
    expect(code?.[1]).toMatch(/^\d{6}$/);
    expect(rig.panics).toEqual([]);
    // At the speed of the line: a technician stands beside it.
    expect(took).toBeLessThan(60_000);
  },
);
