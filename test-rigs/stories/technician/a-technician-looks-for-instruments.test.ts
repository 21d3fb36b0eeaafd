import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { GatewayProcess } from '../../gateway-process/gateway-process.ts';
import { simulate } from '../../instruments/from-profile/simulated-instrument.ts';
import { float32, registerImage } from '../../instruments/register-image.ts';
import { Sdm630 } from '../../instruments/sdm630.ts';
import { SimulatedDlt645Meter } from '../../instruments/simulated-dlt645-meter.ts';
import { rtuFrame, SimulatedModbusSlave } from '../../instruments/simulated-modbus-slave.ts';
import { TtyAdapter } from '../../links/tty-pair.ts';
import { until, wait } from '../process-site.ts';

const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'fenceline');

type Registers = ConstructorParameters<typeof SimulatedModbusSlave>[0]['registers'];

/** A port of a test's own with instruments on its wires, and a directory for a site. */
class Bench implements AsyncDisposable {
  readonly adapter: TtyAdapter;
  readonly directory: string;
  /** What the program sent, as the instruments hear it. */
  readonly heard: number[] = [];

  private constructor(adapter: TtyAdapter, directory: string) {
    this.adapter = adapter;
    this.directory = directory;
    adapter.line.onBytes((bytes) => this.heard.push(...bytes));
  }

  static async make(): Promise<Bench> {
    return new Bench(await TtyAdapter.plugIn(), await mkdtemp(join(tmpdir(), 'fenceline-scan-')));
  }

  /** The port at a speed at which nobody has to wait. */
  get onPort(): string[] {
    return ['--serial', this.adapter.path, '--speed', '115200-8N1', '--listen-first', '300ms'];
  }

  slave(address: number, registers: Registers): SimulatedModbusSlave {
    const made = new SimulatedModbusSlave({ address, registers, turnAround: 5 });
    made.serveRtu(this.adapter.line);
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.adapter.remove();
    await rm(this.directory, { recursive: true, force: true });
  }
}

interface Told {
  readonly code: number | null;
  readonly printed: string;
  readonly complained: string;
}

/** Runs the real command on the adapter's port; `began` is given the process. */
async function scan(args: readonly string[], began: (child: ChildProcess) => void = () => undefined): Promise<Told> {
  const child = spawn(program, ['scan', ...args], { stdio: 'pipe', env: { ...process.env, LC_ALL: 'C' } });
  let [printed, complained] = ['', ''];
  child.stdout.on('data', (text) => (printed += text));
  child.stderr.on('data', (text) => (complained += text));
  child.stdin.end();
  began(child);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, printed, complained };
}

/** Bits per second at which the tty stands. */
async function speedOf({ device }: TtyAdapter): Promise<string> {
  const asked = spawn('stty', ['-F', device, 'speed'], { stdio: 'pipe' });
  let told = '';
  asked.stdout.on('data', (text) => (told += text));
  await once(asked, 'close');
  return told.trim();
}

interface ToldInstrument {
  readonly address: number;
  readonly best: readonly { readonly profile: string }[];
  readonly others: readonly { readonly profile: string }[];
  readonly orders: readonly { readonly type: string; readonly order: string }[];
  readonly damaged: number;
}

const profilesOf = (fits: ToldInstrument['best'] = []): string[] => fits.map(({ profile }) => profile);

// A search waits more than it works: the ones of these tests wait side by side.
describe.concurrent('on a line that nobody uses', () => {
  test('every instrument is found and named, with what speaks for it', async () => {
    await using bench = await Bench.make();
    bench.slave(1, new Sdm630(systemClock).registers);
    simulate('orno/we-516', { address: '2' }).serve(bench.adapter.line);
    simulate('jxct/jxbs-3001-air', { address: '3' }).serve(bench.adapter.line);
    const values = [231.4, 5.13, 49.98, 1187.2];
    bench.slave(
      4,
      registerImage(3, () => values.map((value, place) => [place * 2, float32(value).reverse()])),
    );
    bench.slave(5, () => 7);
    bench.slave(5, () => 8);
    const { code, printed } = await scan([...bench.onPort, '--addresses', '1-5', '--json']);
    const { instruments, garbled, ended } = JSON.parse(printed);
    const [meter, other, dust, unknown, doubled] = [1, 2, 3, 4, 5].map((address) =>
      (instruments as ToldInstrument[]).find((one) => one.address === address),
    );
    expect(profilesOf(meter?.best)).toContain('eastron/sdm630');
    expect(profilesOf(other?.best)).toEqual(['orno/we-516']);
    expect(profilesOf(dust?.others)[0]).toBe('jxct/jxbs-3001-air');
    expect([profilesOf(unknown?.best), unknown?.orders[0]]).toEqual([
      [],
      expect.objectContaining({ type: 'float32', order: 'CDAB' }),
    ]);
    expect(garbled.includes(5) || (doubled?.damaged ?? 0) > 3).toBe(true);
    expect([code, ended]).toEqual([0, 'whole']);
  });

  test('it is told in words how well an instrument fits, also in Chinese', async () => {
    await using bench = await Bench.make();
    bench.slave(1, new Sdm630(systemClock).registers);
    const [english, chinese] = [
      await scan([...bench.onPort, '--addresses', '1']),
      await scan([...bench.onPort, '--addresses', '1', '--lang', 'zh']),
    ];
    expect(english.printed).toMatch(
      /address 1: eastron\/sdm630 or eastron\/sdm72 \(what it answers does not tell them apart\)/,
    );
    expect(english.printed).toMatch(
      /strong evidence: \d+ of \d+ values plausible, .*P agrees with U x I x PF within 1 %/,
    );
    expect(english.complained).toContain('listening for 0.3 s first');
    expect(chinese.printed).toMatch(/地址 1：eastron\/sdm630 或 eastron\/sdm72（从应答无法区分）/);
    expect(chinese.printed).toMatch(/证据充分：\d+ 个数值中 \d+ 个合理.*有功功率与U×I×PF相差不到 1%/);
  });

  test('a DL/T 645 meter among them is asked for its digits where that is wished', async () => {
    await using bench = await Bench.make();
    bench.slave(1, new Sdm630(systemClock).registers);
    new SimulatedDlt645Meter({ address: '000000000161' }).serve(bench.adapter.line);
    const { code, printed } = await scan([...bench.onPort, '--addresses', '1', '--meters']);
    expect(printed).toMatch(/meter 000000000161, DL\/T 645-2007: dlt645\/meter-2007\n {4}\d+ of \d+ values plausible/);
    expect(code).toBe(0);
  });

  test('Ctrl-C ends it with what was found so far', async () => {
    await using bench = await Bench.make();
    bench.slave(1, new Sdm630(systemClock).registers);
    const { code, printed } = await scan(bench.onPort, (child) => {
      child.stderr?.on('data', (text) => {
        if (String(text).includes('address 1: eastron')) child.kill('SIGINT');
      });
    });
    expect(printed).toContain('address 1: eastron/sdm630');
    expect(printed).toContain('The search was broken off');
    expect(code).toBe(0);
  });

  test('a port that is not there is told with what to do, and nothing found is exit code 1', async () => {
    const { code, printed } = await scan(['--serial', '/dev/serial/by-id/none', '--addresses', '1']);
    expect(printed).toMatch(/The search ended: .*\/dev\/serial\/by-id\/none is not there; plug the adapter in/);
    expect(code).toBe(1);
  });
});

describe.concurrent('at other speeds', () => {
  const speeds = ['--serial', '--listen-first', '100ms', '--addresses', '2', '--quick', '--also-speeds'];
  const args = (bench: Bench, ...more: string[]): string[] =>
    speeds.flatMap((one) => (one === '--serial' ? [one, bench.adapter.path] : one)).concat(more);

  test('nothing is tried before somebody agreed to the risk, which is told', async () => {
    await using bench = await Bench.make();
    const { code, complained } = await scan([...args(bench), '--speed', '9600-8N1']);
    expect(complained).toMatch(/other speeds and parities: .*4800-8N1.*; about \d+ s/);
    expect(complained).toContain('take the garbage for a write');
    expect(complained).toContain('--yes says so beforehand. Other speeds were not tried');
    expect(code).toBe(2);
  });

  test('an instrument is found that was set to another one', async () => {
    await using bench = await Bench.make();
    const meter = bench.slave(2, new Sdm630(systemClock).registers);
    meter.on = false;
    // A tty knows its speed, though its bytes do not: the meter hears what is sent at 4800 only.
    let isOver = false;
    const watch = async (): Promise<void> => {
      while (!isOver) {
        meter.on = (await speedOf(bench.adapter)) === '4800';
        await wait(30);
      }
    };
    const watching = watch();
    const { code, printed } = await scan([...args(bench, '--yes'), '--speed', '115200-8N1']);
    isOver = true;
    await watching;
    expect(printed).toMatch(/\(115200-8N1\): 0 instruments answered/);
    expect(printed).toMatch(/\(4800-8N1\): 1 instrument answered; .*\n\naddress 2: eastron\/sdm630/);
    expect(code).toBe(0);
  });
});

test.concurrent('where another master polls nothing is sent, and it is told whom it asks and who answers', async () => {
  await using bench = await Bench.make();
  let polls = 0;
  const stop = new AbortController();
  const poll = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const address = (polls++ % 2) + 1;
      bench.adapter.line.send(rtuFrame(address, [4, 0, 0, 0, 1]));
      await wait(20);
      if (address === 1) bench.adapter.line.send(rtuFrame(1, [4, 2, 0, 42]));
      await wait(100);
    }
  };
  const master = poll();
  const { code, printed } = await scan(['--serial', bench.adapter.path, '--speed', '9600-8N1', '--listen-first', '1s']);
  stop.abort();
  await master;
  expect(bench.heard).toEqual([]);
  expect(printed).toContain('another master polls this line; it is not disturbed');
  expect(printed).toContain('answering: address 1; not answering: address 2');
  expect(code).toBe(1);
});

describe.concurrent('while the gateway runs', () => {
  const site = (bench: Bench): SiteDocument => ({
    gateway: { id: 'zl-0001', area: '320404' },
    source: { name: '一号工地', kind: 'construction-site' },
    links: { 'rs485-1': { kind: 'serial', path: bench.adapter.path, baudRate: 115_200, listenFirst: '0s' } },
    points: [{ id: 'fan' }],
    instruments: [{ id: 'meter-1', profile: 'eastron/sdm630', link: 'rs485-1', address: 1, every: '1s', point: 'fan' }],
    page: { listen: '127.0.0.1:0' },
  });

  test('it asks in between its polls, which are all kept, and leaves alone what it polls', async () => {
    await using bench = await Bench.make();
    const polled = bench.slave(1, new Sdm630(systemClock).registers);
    bench.slave(2, new Sdm630(systemClock).registers);
    await writeFile(join(bench.directory, 'site.json'), JSON.stringify(site(bench)));
    const gateway = await GatewayProcess.start({ directory: bench.directory });
    try {
      await until('the meter is polled', () => polled.answered > 10);
      const before = { at: performance.now(), answered: polled.answered };
      const { code, printed, complained } = await scan(['--site', bench.directory, '--addresses', '1-2']);
      const seconds = (performance.now() - before.at) / 1000;
      expect(complained).toContain('rs485-1: searched through the running gateway');
      expect(printed).toContain('address 2: eastron/sdm630 or eastron/sdm72');
      expect(printed).toContain('polled by the gateway and not asked: 1 meter-1');
      expect(code).toBe(0);
      // Each poll of this meter takes five requests.
      expect((polled.answered - before.answered) / 5).toBeGreaterThan(seconds - 2);
      const wanted = await scan(['--site', bench.directory, '--also-speeds', '--yes', '--addresses', '2']);
      expect([wanted.code, wanted.complained]).toEqual([
        1,
        expect.stringContaining('is polled by the running gateway'),
      ]);
    } finally {
      await gateway.stop();
    }
  });

  test('what was found is added to its site file, and read once it was restarted', async () => {
    await using bench = await Bench.make();
    bench.slave(1, new Sdm630(systemClock).registers);
    simulate('orno/we-516', { address: '2' }).serve(bench.adapter.line);
    const twoPoints = { ...site(bench), points: [{ id: 'fan' }, { id: 'purifier' }] };
    await writeFile(join(bench.directory, 'site.json'), JSON.stringify(twoPoints));
    const first = await GatewayProcess.start({ directory: bench.directory });
    const added = ['--add', '--yes', '--point', 'purifier'];
    const { code, printed } = await scan(['--site', bench.directory, '--addresses', '1-2', ...added]);
    expect(printed).toContain('restart the gateway to have them read');
    expect(code).toBe(0);
    await first.stop();
    const { instruments } = JSON.parse(await readFile(join(bench.directory, 'site.json'), 'utf8'));
    expect(instruments[1]).toEqual({
      ...{ id: 'we-516-1', profile: 'orno/we-516', link: 'rs485-1', address: 2, every: '4s', point: 'purifier' },
    });
    const again = await GatewayProcess.start({ directory: bench.directory });
    await until('it is read', async () => (await read(bench, 'we-516-1')).includes('"value":5'));
    await again.stop();
  });

  async function read(bench: Bench, id: string): Promise<string> {
    const child = spawn(program, ['read', '--site', bench.directory, id, '--json'], { stdio: 'pipe' });
    let printed = '';
    child.stdout.on('data', (text) => (printed += text));
    await once(child, 'close');
    return printed;
  }
});
