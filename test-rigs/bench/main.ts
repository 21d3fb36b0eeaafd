import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Account, accountOf, isComplete } from '../gateway-process/account.ts';
import { Ledger } from '../gateway-process/ledger.ts';
import { figuresOfTurns, ratios, table } from './main/report.ts';
import { PlatformProcess, Slaves, startBroker } from './main/surroundings.ts';
import { bareTurn, type GatewayTurn, gatewayTurn, latenciesAt, type Turn } from './main/turns.ts';
import { writeSite } from './main/workload.ts';
import { environment } from './measure/environment.ts';

const usage = `npm run bench main [-- --seconds N] [--rounds N] [--json]

Measures the gateway on a warm start beside a bare script on the same work, in turn.

  --seconds N   length of each window, 20 (default) or more
  --rounds N    turns of each, 3 by default; the median counts
  --json        the last line is one JSON object of named numbers`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Run {
  readonly broker: string;
  readonly gateway: readonly Turn[];
  readonly bare: readonly Turn[];
  readonly account: Account;
}

/** Runs everything once; what it started is gone when it resolves or rejects. */
async function measure(seconds: number, rounds: number): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'fenceline-bench-'));
  // Warm means: what the first start compiled is there. Peers share the place.
  process.env.NODE_COMPILE_CACHE ??= join(directory, 'compile-cache');
  const broker = await startBroker();
  const slaves = await Slaves.start();
  const platform = await PlatformProcess.start(broker, join(directory, 'platform.sqlite'));
  const site = join(directory, 'site');
  try {
    await writeSite(site, broker, slaves.ports);
    const ledger = new Ledger();
    // The first start of each compiles; it counts for nothing but the account.
    await gatewayTurn(site, ledger, 0);
    await bareTurn(broker.url, slaves.ports, 0);
    const turns: GatewayTurn[] = [];
    const bare: Turn[] = [];
    for (let round = 1; round <= rounds; round++) {
      console.error(`round ${round} of ${rounds}`);
      turns.push(await gatewayTurn(site, ledger, seconds * 1000));
      bare.push(await bareTurn(broker.url, slaves.ports, seconds * 1000));
    }
    const isClean = await platform.stop();
    if (!isClean) throw new Error("the platform's audit is not clean");
    return { broker: broker.name, bare, ...atPlatform(platform, ledger, turns) };
  } finally {
    await Promise.allSettled([platform.stop(), slaves.stop(), broker.stop()]);
    await rm(directory, { recursive: true, force: true });
  }
}

/** The turns with their latencies, and whether everything that was committed, warming up included, has arrived. */
function atPlatform(
  process: PlatformProcess,
  ledger: Ledger,
  turns: readonly GatewayTurn[],
): Pick<Run, 'gateway' | 'account'> {
  const platform = process.read();
  const account = accountOf(ledger, platform);
  const gateway = turns.map((turn) => ({ ...turn, latencies: latenciesAt(platform, turn.window) }));
  platform.table.close();
  return { gateway, account };
}

async function run(): Promise<number> {
  const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (!(seconds >= 20 && seconds <= 3600) || !Number.isInteger(rounds) || rounds < 1 || rounds > 20) {
    console.error(`--seconds takes 20 to 3600, --rounds 1 to 20\n\n${usage}`);
    return 2;
  }
  if (process.platform !== 'linux') {
    console.error('this bench reads /proc: run it on Linux');
    return 2;
  }
  const { broker, account, ...turns } = await measure(seconds, rounds);
  const [gateway, bare] = [figuresOfTurns(turns.gateway), figuresOfTurns(turns.bare)];
  const surroundings = { ...environment(), broker, seconds, rounds };
  const { committed, received, missing, conflicts } = account;
  console.log(table(gateway, bare, surroundings));
  console.log(
    `\n${committed} entries committed, ${received} at the platform, ${missing} missing, ${conflicts} conflicts`,
  );
  if (values.json)
    console.log(JSON.stringify({ ...gateway, bare, ratios: ratios(gateway, bare), ...account, ...surroundings }));
  return isComplete(account) ? 0 : 1;
}

process.exitCode = await run();
