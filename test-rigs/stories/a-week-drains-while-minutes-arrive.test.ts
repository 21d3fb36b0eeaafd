import { expect, test } from 'vitest';
import { decodeBatch } from '../../gateway/contract/decode.ts';
import { isFault } from '../../gateway/contract/fields.ts';
import { MqttUplink } from '../../gateway/uplink/mqtt-uplink.ts';
import { uplinkSettings } from '../../gateway/uplink/settings.ts';
import { SiteMinutes } from '../bench/uplink/site-minutes.ts';
import { isClean } from '../platform/audit.ts';
import type { MemoryBroker } from '../surroundings/memory-broker.ts';
import { uplinkScene } from '../surroundings/uplink-scene.ts';

const week = 7 * 1440;
const factors = 8;

/** Counts fresh batches as the broker takes them: to decode all again after every step would take minutes. */
function freshCounter(broker: MemoryBroker): () => number {
  let [count, seen] = [0, 0];
  return () => {
    for (; seen < broker.accepted.length; seen++) {
      const message = broker.accepted[seen];
      const batch = message?.topic.endsWith('/data') ? decodeBatch(message.payload) : null;
      if (batch !== null && !isFault(batch) && !batch.late) count += 1;
    }
    return count;
  };
}

// `every`: milliseconds between two fresh commits; more often than minutes, so that one drain measures many.
test.each([
  { line: '4 kB/s with a window of 1', bytesPerMillisecond: 4, latency: 80, window: 1, every: 5000 },
  { line: '16 kB/s with a window of 20', bytesPerMillisecond: 16, latency: 40, window: 20, every: 150 },
])(
  'while a week drains over $line, 99 of 100 new minutes are there within 3 s',
  async (line) => {
    const { bytesPerMillisecond, latency, window, every } = line;
    const settings = { id: 'district', kind: 'mqtt', url: 'mqtt://127.0.0.1', window, spreadBacklog: '1s' };
    const scene = await uplinkScene((options) => new MqttUplink(options), uplinkSettings.parse(settings));
    const { clock, broker, uplink, platform, store, held, batches, end } = scene;
    const site = new SiteMinutes(factors, 7, clock.wall());
    const commit = async (minutes: number): Promise<void> => {
      await Promise.all(site.minutes(minutes).map((record) => store.append(record)));
    };
    broker.cut();
    uplink.start();
    await commit(week);
    await clock.advance(120_000);
    Object.assign(broker, { bytesPerMillisecond, latency });
    broker.restore();
    while (uplink.pace.bytesPerSecond === null) await clock.advance(100);

    const fresh = freshCounter(broker);
    const waits: number[] = [];
    while (waits.length < 400 && (await held()) > factors) {
      const before = fresh();
      await commit(1);
      let waited = 0;
      for (; waited < 20_000 && fresh() === before; waited += 50) await clock.advance(50);
      waits.push(waited);
      await clock.advance(every - (waited % every));
    }
    const sorted = waits.toSorted((a, b) => a - b);
    expect(sorted.length).toBeGreaterThan(20);
    expect(sorted[Math.ceil(sorted.length * 0.99) - 1]).toBeLessThanOrEqual(3000);
    // It did drain meanwhile, in order and without a break.
    expect(await held()).toBeLessThanOrEqual(factors);
    const late = batches().filter((batch) => batch.late);
    expect(late.every((batch, index) => index === 0 || batch.from === (late[index - 1]?.to ?? 0) + 1)).toBe(true);
    expect(isClean(platform.audit())).toBe(true);
    await end();
  },
  60_000,
);
