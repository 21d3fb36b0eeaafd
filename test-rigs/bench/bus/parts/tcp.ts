import { join } from 'node:path';
import { pause, systemClock } from '../../../../gateway/clock.ts';
import { Program } from '../../measure/program.ts';
import { median, medianRatio, rounded } from '../../measure/statistics.ts';
import { type Row, table } from '../report.ts';
import { registersPerRead, type TcpFigures, type TcpPlan } from '../tcp/tcp-plan.ts';
import type { PartOptions, PartResult } from './part.ts';

const directory = join(import.meta.dirname, '..', 'tcp');
const several = 8;
const [settling, window] = [1000, 2000];

const clients = ['bare-net', 'modbus-serial', 'fenceline'] as const;
type Client = (typeof clients)[number];

interface Turn {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly failed: number;
}

async function turn(client: Client, plan: TcpPlan): Promise<Turn> {
  const { program } = await Program.start(join(directory, `${client}.ts`), plan);
  try {
    await pause(systemClock, settling);
    const [before, began] = [await program.ask<TcpFigures>('figures'), performance.now()];
    await pause(systemClock, window);
    const after = await program.ask<TcpFigures>('figures');
    const length = performance.now() - began;
    const done = after.transactions - before.transactions;
    return {
      perSecond: (done / length) * 1000,
      cpuUs: ((after.cpuMs - before.cpuMs) / done) * 1000,
      failed: after.failed + after.wrong - before.failed - before.wrong,
    };
  } finally {
    await program.stop();
  }
}

interface Contender {
  readonly client: Client;
  readonly outstanding: number;
}

const contenders: readonly Contender[] = [1, several].flatMap((outstanding) =>
  clients.map((client) => ({ client, outstanding })),
);

type Turns = ReadonlyMap<Contender, readonly Turn[]>;

/** Modbus TCP on loopback against a responder that answers at once: one request under way, and several. */
export async function measureTcp({ rounds, quick }: PartOptions): Promise<PartResult> {
  // Many short turns: which of the processors two processes talk across decides over more than they do.
  const count = quick ? 2 : 2 * rounds + 1;
  const turns = new Map(contenders.map((contender) => [contender, [] as Turn[]]));
  const responder = await Program.start<{ port: number }>(join(directory, 'responder.ts'), {});
  try {
    for (let round = 1; round <= count; round++) {
      console.error(`tcp: round ${round} of ${count}`);
      for (const [{ client, outstanding }, list] of turns) {
        list.push(await turn(client, { port: responder.ready.port, outstanding }));
      }
    }
  } finally {
    await responder.program.stop();
  }
  return { text: textOf(turns, count), figures: figuresOf(turns) };
}

function ratio(turns: Turns, [client, outstanding]: [Client, number], [peer, ofPeer]: [Client, number]): number {
  const rates = (name: Client, number: number): number[] =>
    [...turns].flatMap(([contender, list]) =>
      contender.client === name && contender.outstanding === number ? list.map(({ perSecond }) => perSecond) : [],
    );
  return rounded(medianRatio(rates(client, outstanding), rates(peer, ofPeer)), 3);
}

function textOf(turns: Turns, count: number): string {
  const rows = [...turns].map(([{ client, outstanding }, list]): Row => {
    const failed = list.reduce((sum, one) => sum + one.failed, 0);
    return [
      ...[client, String(outstanding), median(list.map(({ perSecond }) => perSecond)).toFixed(0)],
      ...[ratio(turns, [client, outstanding], ['bare-net', outstanding]).toFixed(2)],
      ...[median(list.map(({ cpuUs }) => cpuUs)).toFixed(1), String(failed)],
    ];
  });
  return [
    `Modbus TCP on loopback, ${registersPerRead} registers a read, a responder that answers at once; ${count} turns of ${window / 1000} s in turn, medians.`,
    '',
    table([['', 'under way', 'transactions/s', 'of bare socket', 'CPU us/tx', 'failed'], ...rows]),
  ].join('\n');
}

function figuresOf(turns: Turns): PartResult['figures'] {
  return {
    tcpVsBareNet: ratio(turns, ['fenceline', 1], ['bare-net', 1]),
    tcpVsModbusSerial: ratio(turns, ['fenceline', 1], ['modbus-serial', 1]),
    pipelinedVsModbusSerial: ratio(turns, ['fenceline', several], ['modbus-serial', 1]),
    pipelinedVsBareNet: ratio(turns, ['fenceline', several], ['bare-net', several]),
    tcp: [...turns].map(([contender, list]) => ({
      ...contender,
      perSecond: rounded(median(list.map(({ perSecond }) => perSecond)), 0),
      cpuUs: rounded(median(list.map(({ cpuUs }) => cpuUs)), 1),
    })),
  };
}
