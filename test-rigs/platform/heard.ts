import type { KeyObject } from 'node:crypto';
import { type BatchContent, encodeBatch } from '../../gateway/contract/encode.ts';
import { topicOf } from '../../gateway/contract/topics.ts';
import { followChain } from '../../gateway/contract/verify.ts';
import { chainStart } from '../../gateway/record/chain.ts';
import type { Entry } from '../../gateway/record/record.ts';
import { newSigningKey, readSigningKey } from '../../gateway/record/signature.ts';
import { MemoryBroker } from '../surroundings/memory-broker.ts';
import { birthOf, gateway, minuteRecord } from '../surroundings/sample-records.ts';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';
import { brokerLine } from './line.ts';
import { Platform, type PlatformOptions } from './platform.ts';

/** Signs what {@link content} makes, unless another one is named. */
export const key = readSigningKey(newSigningKey());

/** A platform that hears what a test says as the gateway; `stops` is told how it ends. */
export async function heard(stops: (() => Promise<void>)[], options: PlatformOptions = {}) {
  const clock = new SimulatedClock();
  const broker = new MemoryBroker(clock);
  const platform = new Platform({ line: brokerLine(broker, clock), clock, ...options });
  await platform.start();
  stops.push(async () => {
    const stopping = platform.stop();
    await clock.advance(2000);
    await stopping;
  });
  const say = async (leaf: 'birth' | 'status' | 'data', payload: Uint8Array): Promise<void> => {
    broker.route({ topic: topicOf(gateway, leaf), payload, retain: false, contentType: '' });
    await clock.advance(1);
  };
  const born = (as: KeyObject = key) => say('birth', Buffer.from(JSON.stringify(birthOf(as))));
  const receipts = () =>
    broker.accepted
      .filter(({ topic }) => topic.endsWith('/receipt'))
      .map(({ payload }) => JSON.parse(Buffer.from(payload).toString()));
  return { clock, broker, platform, say, born, receipts };
}

/** A batch of minutes from that seq on, chained to `before`. */
export function content(
  from: number,
  count: number,
  before?: string,
  entryOf: (seq: number) => Entry = minuteRecord,
  epoch = 'e1',
): BatchContent {
  const entries = Array.from({ length: count }, (_, i) => ({ seq: from + i, entry: entryOf(from + i) }));
  const start = before ?? chainStart(gateway.gateway, 'records', epoch);
  return {
    stream: 'records',
    epoch,
    from,
    to: from + count - 1,
    before: start,
    after: followChain({ before: start, entries, absent: [] }).after,
    site: 'site-1',
    late: false,
    entries,
    absent: [],
  };
}

export const signed = (batch: BatchContent, as = key): Uint8Array => encodeBatch(batch, gateway.gateway, as).payload;
