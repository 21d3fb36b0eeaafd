import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { pause, systemClock } from '../../../gateway/clock.ts';
import type { SampleBlock } from '../../../gateway/record/record.ts';
import { GatewayProcess } from '../../gateway-process/gateway-process.ts';
import type { Ledger } from '../../gateway-process/ledger.ts';
import type { Platform } from '../../platform/platform.ts';
import { figuresOf, type ProcessFigures } from '../measure/process-figures.ts';
import { sinceAnswer, stampFactors } from './workload.ts';

/** Milliseconds that a process runs before its window opens. */
const settling = 5000;

/** One turn of one peer. */
export interface Turn extends ProcessFigures {
  /** Milliseconds from each answer of an instrument within the window until the platform had it. */
  readonly latencies: readonly number[];
  /** Milliseconds from starting the process to its first stored (for a peer that stores nothing: first sent) reading. */
  readonly firstReadingMs: number;
}

/** A turn of the gateway, whose latencies are known only once the platform's table has been read. */
export type GatewayTurn = Omit<Turn, 'latencies'> & {
  /** Wall time of its window, milliseconds. */
  readonly window: readonly [number, number];
};

/** Starts the gateway on the site, watches it for the window, and stops it. */
export async function gatewayTurn(directory: string, ledger: Ledger, window: number): Promise<GatewayTurn> {
  const started = performance.now();
  const firstReading = ledger.next('samples').then(() => performance.now() - started);
  const gateway = await GatewayProcess.start({ directory, ledger, drain: '5s' });
  await pause(systemClock, settling);
  const from = Date.now();
  const figures = await figuresOf(gateway.pid, window);
  const to = Date.now();
  const exit = await gateway.stop();
  if (exit !== 0) throw new Error(`the gateway ended with ${exit}:\n${gateway.log.join('\n')}`);
  return { ...figures, firstReadingMs: await firstReading, window: [from, to] };
}

/** The latencies of the samples that were taken in the window, from the platform's table. */
export function latenciesAt(platform: Platform, [from, to]: readonly [number, number]): number[] {
  const latencies: number[] = [];
  for (const { kind, entry, received_at: received } of platform.table.rows()) {
    if (kind !== 'samples' || entry === null || received < from || received > to) continue;
    const { times, series, values } = JSON.parse(entry) as SampleBlock;
    const [high, low] = stampFactors.map((factor) => values[series.findIndex((one) => one.factor === factor)]);
    for (const index of times.keys()) {
      const words = [high?.[index], low?.[index]] as const;
      if (words[0] != null && words[1] != null) latencies.push(sinceAnswer(words[0], words[1], received));
    }
  }
  return latencies;
}

/** The bare script on the same instruments and broker; its messages are received here. */
export async function bareTurn(broker: string, ports: readonly number[], window: number): Promise<Turn> {
  const latencies: number[] = [];
  let firstReadingMs = Number.NaN;
  const listener = await mqtt.connectAsync(broker);
  await listener.subscribeAsync('bare-script/+', { qos: 1 });
  const started = performance.now();
  listener.on('message', (_topic, payload) => {
    if (Number.isNaN(firstReadingMs)) firstReadingMs = performance.now() - started;
    const { values } = JSON.parse(payload.toString()) as { values: readonly [number, number] };
    latencies.push(sinceAnswer(values[0], values[1], Date.now()));
  });
  const script = join(import.meta.dirname, '..', 'peers', 'bare-script.ts');
  const child = spawn(process.execPath, [script, broker, ...ports.map(String)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await pause(systemClock, settling);
  latencies.length = 0;
  const figures = await figuresOf(child.pid ?? 0, window);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  await listener.endAsync();
  return { ...figures, latencies, firstReadingMs };
}
