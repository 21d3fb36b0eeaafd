import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { StreamRecord } from '../../../../gateway/record/record.ts';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { type GatewayPlan, openGateway } from './opened-gateway.ts';

export interface DrainFigures {
  /** Milliseconds from the start of the uplink to the receipt of the last record. */
  readonly milliseconds: number;
  /** Records that the platform gave receipts for, new ones included, and batches and payload bytes that took. */
  readonly acknowledged: number;
  readonly batches: number;
  readonly bytes: number;
  readonly again: number;
  /** The event loop's longest and its 99th percentile delay, milliseconds: how long an instrument's answer may wait. */
  readonly loopLongestMs: number;
  readonly loopP99Ms: number;
  /** [seq, wall time at which it was handed to the store] of every new minute's record. */
  readonly appended: readonly (readonly [number, number])[];
}

/** Milliseconds after which a drain is given up: no figure is better than a bench that never ends. */
const patience = 600_000;

/* A gateway with a backlog: connects when it is told to, and goes on making minutes while it drains. */
const plan = childPlan<GatewayPlan>();
let [acknowledged, batches, bytes, again] = [0, 0, 0, 0];
let check = (): void => {};
const { store, uplink, uplinkId, site } = await openGateway(plan, (event) => {
  if (event.kind === 'uplink-acknowledged' && event.stream === 'records') acknowledged += event.entries;
  if (event.kind === 'uplink-sent') {
    batches += 1;
    bytes += event.bytes;
    if (event.again) again += event.entries;
  }
  check();
});
let held = (await store.backlog(uplinkId)).records;
const appended: [number, number][] = [];

/** Starts the uplink and resolves when nothing is held any more. */
async function drain(): Promise<DrainFigures> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const began = performance.now();
  const minutes = setInterval(() => {
    for (const record of site.minute()) void append(record, Date.now());
  }, plan.newMinuteEvery);
  uplink.start();
  await new Promise<void>((resolve, reject) => {
    const tooLong = new Error(`${held - acknowledged} records were not acknowledged within ${patience / 1000} s`);
    setTimeout(reject, patience, tooLong).unref();
    check = () => {
      if (acknowledged >= held) resolve();
    };
    check();
  });
  const milliseconds = performance.now() - began;
  clearInterval(minutes);
  delay.disable();
  const loop = { loopLongestMs: delay.max / 1e6, loopP99Ms: delay.percentile(99) / 1e6 };
  return { milliseconds, acknowledged, batches, bytes, again, ...loop, appended };
}

async function append(record: StreamRecord, at: number): Promise<void> {
  held += 1;
  const { seq } = await store.append(record);
  appended.push([seq, at]);
}

serveParent({
  ready: { held },
  answers: { drain },
  end: async () => {
    await uplink.stop(0);
    await store.close();
  },
});
