import { describe, expect, test } from 'vitest';
import { MemoryLink } from '../../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../../test-rigs/links/paced-line.ts';
import { seededRandom } from '../../../../test-rigs/stories/seeded-random.ts';
import { type ChipBehaviour, SimulatedChip } from '../../../../test-rigs/surroundings/node-repl/simulated-chip.ts';
import { SimulatedClock } from '../../../../test-rigs/surroundings/simulated-clock.ts';
import { longestLine } from './console-lua.ts';
import { NodeConsole } from './node-console.ts';
import { NodeFault } from './node-fault.ts';
import { NodeFiles } from './node-files.ts';

/** Text that has everything a line could stumble over. */
const sample = (lines: number): Buffer =>
  Buffer.from(
    Array.from({ length: lines }, (_, at) => `print("#${at} ok \\"[[]]--" .. 'ä\t\0', ${at})\r\n`).join(''),
    'latin1',
  );

async function scene(behaviour: ChipBehaviour = {}, { canReset = true, baudRate = 115_200 } = {}) {
  const clock = new SimulatedClock();
  const line = new PacedLine({ clock, baudRate });
  const end = line.connect();
  const chip = new SimulatedChip({ end, clock, behaviour });
  const link = new MemoryLink({ id: 'node', clock, end: line.connect(), characterTime: line.characterTime });
  await link.open();
  const asked: number[] = [];
  const reset = async (): Promise<boolean> => {
    if (canReset) await chip.reset();
    return canReset;
  };
  const breakOff = new AbortController();
  const console = new NodeConsole({
    port: { link, name: '/dev/ttyUSB0', reset },
    clock,
    signal: breakOff.signal,
    askForReset: () => void asked.push(clock.monotonic()),
  });
  const during = <Result>(work: Promise<Result>): Promise<Result> => clock.during(work);
  return { clock, chip, line: end, link, console, files: new NodeFiles(console), asked, breakOff, during };
}

const nothing = (): void => undefined;
const faultOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no fault',
    (error) => (error instanceof NodeFault ? error.kind : error),
  );

test.each(['esp8266', 'esp32'] as const)(
  'a file is on a new %s as it was sent, and no byte was sent too fast',
  async (kind) => {
    const { chip, files, during, clock } = await scene({ chip: kind, busy: 30 });
    await chip.reset();
    const bytes = sample(100);
    const shown: number[] = [];
    const done = await during(files.upload({ name: 'node.lua', bytes }, ({ done }) => void shown.push(done)));
    expect(done).toBe('written');
    expect(chip.flash.text('node.lua')).toBe(bytes.toString('latin1'));
    expect([chip.dropped, chip.flash.files.has('node.lua.new')]).toEqual([0, false]);
    expect(shown.at(-1)).toBe(bytes.length);
    expect(chip.longest).toBeLessThanOrEqual(longestLine);
    // 5 s of every 10 kB at most go into waiting for the flash; a technician stands beside it.
    expect(clock.monotonic()).toBeLessThan(20_000);
  },
);

test('the rig drops what comes faster than Lua takes it, as the chip does', async () => {
  const { chip, link, clock } = await scene({ busy: 200 });
  await chip.reset();
  await clock.advance(1000);
  await link.write(Buffer.from(`${'print(1)\r\n'.repeat(100)}`));
  await clock.advance(1000);
  expect(chip.dropped).toBeGreaterThan(300);
});

test('over a line that loses and garbles bytes both ways the file is still right', async () => {
  const seed = 20_261_126;
  const random = seededRandom(seed);
  const damage = (bytes: Uint8Array): Uint8Array =>
    bytes.filter(() => random() > 0.0005).map((byte) => (random() < 0.0005 ? byte ^ 4 : byte));
  const { chip, files, during } = await scene({ damage });
  await chip.reset();
  const bytes = sample(60);
  await during(files.upload({ name: 'node.lua', bytes }, nothing));
  expect(chip.flash.text('node.lua'), `seed ${seed}`).toBe(bytes.toString('latin1'));
});

test('a chip that restarts in the middle is gone on with from what its flash has', async () => {
  const { chip, files, console, during } = await scene({ restartsAt: [25, 50] });
  await chip.reset();
  const bytes = sample(60);
  const shown: number[] = [];
  await during(files.upload({ name: 'node.lua', bytes }, ({ done }) => void shown.push(done)));
  expect(chip.flash.text('node.lua')).toBe(bytes.toString('latin1'));
  expect(console.restarts).toBe(2);
  // Nothing was written twice.
  expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
});

test('a chip that restarts again and again is told as a matter of its supply', async () => {
  const { chip, files, during } = await scene({ restartsAt: Array.from({ length: 80 }, (_, at) => 15 * at + 15) });
  await chip.reset();
  expect(await during(faultOf(files.upload({ name: 'node.lua', bytes: sample(60) }, nothing)))).toBe('restarting');
});

test('firmware that has the UART at its sensor is reset, and held in its five seconds', async () => {
  const { chip, files, asked, clock, during } = await scene({ says: 'started\n' });
  chip.flash.put('init.lua', '--');
  await chip.reset();
  await clock.advance(60_000);
  await during(files.upload({ name: 'node.lua', bytes: sample(20) }, nothing));
  await clock.advance(60_000);
  expect([chip.starts, asked]).toEqual([2, []]);
  // It is still held: the console answers.
  expect((await during(files.list())).get('node.lua')).toBe(sample(20).length);
});

test('firmware on an ESP32, which keeps its console, is restarted and held too', async () => {
  const { chip, files, clock, during } = await scene({ chip: 'esp32', says: 'started\n' });
  chip.flash.put('init.lua', '--');
  await chip.reset();
  await clock.advance(60_000);
  await during(files.upload({ name: 'node.lua', bytes: sample(2) }, nothing));
  expect(chip.starts).toBe(2);
});

test('where the adapter cannot reset the chip, somebody is asked to, and has a minute', async () => {
  const { chip, files, asked, clock, during } = await scene({}, { canReset: false });
  chip.flash.put('init.lua', '--');
  await chip.reset();
  await clock.advance(10_000);
  clock.after(30_000, () => void chip.reset());
  await during(files.upload({ name: 'init.lua', bytes: sample(2) }, nothing));
  expect(asked).toHaveLength(1);
  expect(chip.flash.text('init.lua')).toBe(sample(2).toString('latin1'));
});

test('a program that floods the console beside it holds nothing up', async () => {
  const { chip, files, during } = await scene({ runs: 'flooding' });
  await chip.reset();
  await during(files.upload({ name: 'node.lua', bytes: sample(10) }, nothing));
  expect(chip.flash.text('node.lua')).toBe(sample(10).toString('latin1'));
});

describe('what is no node ends with its own word', () => {
  /** Something else at the end of the line. */
  async function other(answer: (text: string, send: (text: string) => void) => void, behaviour: ChipBehaviour = {}) {
    const made = await scene(behaviour, { canReset: false });
    made.chip.close();
    made.line.onBytes((bytes) =>
      answer(Buffer.from(bytes).toString('latin1'), (text) => made.line.send(Buffer.from(text, 'latin1'))),
    );
    return made.during(faultOf(made.files.list()));
  }

  test('nothing at all', async () => {
    expect(await other(() => undefined)).toBe('silent');
  });

  test('the maker’s AT firmware', async () => {
    const answer = (text: string, send: (text: string) => void): void =>
      send(text + (/^\s*AT\r\n$/.test(text) ? '\r\nOK\r\n' : '\r\nERROR\r\n'));
    expect(await other(answer)).toBe('at-firmware');
  });

  test('a wire from TX to RX', async () => {
    expect(await other((text, send) => send(text))).toBe('stranger');
  });

  test('another device, which says something readable', async () => {
    expect(await other((_, send) => send('$GPGGA,092750.000,5321.6802,N*76\r\n'))).toBe('stranger');
  });

  test('a device of another speed', async () => {
    const junk = String.fromCharCode(...Array.from({ length: 40 }, (_, at) => 128 + at));
    expect(await other((_, send) => send(junk))).toBe('garbage');
  });

  test('a program that floods the console and takes nothing', async () => {
    const { chip, files, clock, during } = await scene({ runs: 'deaf' });
    await chip.reset();
    await clock.advance(1000);
    expect(await during(faultOf(files.list()))).toBe('flooded');
  });
});

test('the port that is pulled out ends it with the port’s own words', async () => {
  const { chip, files, link, clock, during } = await scene();
  await chip.reset();
  clock.after(2000, () => link.unplug());
  expect(await during(faultOf(files.upload({ name: 'node.lua', bytes: sample(60) }, nothing)))).toBe('port');
});

test('what was broken off goes on from there, and what is there already is not written again', async () => {
  const { chip, files, link, clock, breakOff, during } = await scene();
  await chip.reset();
  const bytes = sample(60);
  clock.after(1800, () => breakOff.abort());
  expect(await during(faultOf(files.upload({ name: 'node.lua', bytes }, nothing)))).toBe('interrupted');
  const written = chip.flash.text('node.lua.new')?.length ?? 0;
  expect(written).toBeGreaterThan(500);
  const again = new NodeFiles(
    new NodeConsole({
      port: { link, name: 'node', reset: async () => false },
      ...{ clock, signal: new AbortController().signal, askForReset: nothing },
    }),
  );
  const shown: number[] = [];
  expect(await during(again.upload({ name: 'node.lua', bytes }, ({ done }) => void shown.push(done)))).toBe('written');
  expect(shown[0]).toBeGreaterThan(written);
  expect(await during(again.upload({ name: 'node.lua', bytes }, nothing))).toBe('same');
});

test('the file of before stays beside the new one, and is read back piece by piece', async () => {
  const { chip, files, during } = await scene();
  await chip.reset();
  chip.flash.put('node.json', sample(3).toString('latin1'));
  await during(files.upload({ name: 'node.json', bytes: sample(2) }, nothing));
  expect(Buffer.from((await during(files.read('node.json.old'))) ?? []).equals(sample(3))).toBe(true);
  await during(files.remove('node.json.old'));
  expect([...(await during(files.list()))]).toEqual([['node.json', sample(2).length]]);
  expect(await during(files.read('node.json.old'))).toBeNull();
});

test('a flash without room is told before anything is written', async () => {
  const { chip, files, during } = await scene();
  chip.flash.size = 3000;
  await chip.reset();
  expect(await during(faultOf(files.upload({ name: 'node.lua', bytes: sample(60) }, nothing)))).toBe('full');
  expect(chip.flash.files.size).toBe(0);
});

test('a flash that gives back something else is told, and the old file is left in its place', async () => {
  const { chip, files, during } = await scene();
  await chip.reset();
  chip.flash.put('node.lua', 'old');
  const put = chip.flash.files.set.bind(chip.flash.files);
  chip.flash.files.set = (name, hex) => put(name, name.endsWith('.new') ? hex.replace(/^../, '00') : hex);
  expect(await during(faultOf(files.upload({ name: 'node.lua', bytes: sample(5) }, nothing)))).toBe('flash');
  expect(chip.flash.text('node.lua')).toBe('old');
});
