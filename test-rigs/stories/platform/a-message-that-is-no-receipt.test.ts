import { expect, test } from 'vitest';
import { topicOf } from '../../../gateway/contract/topics.ts';
import { isComplete } from '../../gateway-process/account.ts';
import { SimulatedSite } from '../simulated-site.ts';

const minute = 60_000;
const receipt = (have: unknown, more: object = {}): string =>
  JSON.stringify({ v: 1, stream: 'records', epoch: '1-00000000', have, refused: [], ...more });

/** Nothing of this is what the contract allows on the receipt topic. */
const malformed: readonly string[] = [
  '',
  'not JSON',
  '[]',
  'null',
  receipt('all'),
  receipt([[5, 1]]),
  receipt([[1.5, 2]]),
  receipt([[-3, 4]]),
  receipt([[1, 1e300]]),
  receipt([[1, 2, 3]]),
  receipt([], { stream: 'everything' }),
  '['.repeat(100_000),
  `{"v":1,"stream":"${'x'.repeat(100_000)}"}`,
];

function say(site: SimulatedSite, topic: string, payload: string): void {
  site.broker.route({ topic, payload: Buffer.from(payload), retain: false, contentType: 'application/json' });
}

test('messages that are no receipt are refused, counted and shown, and let nothing go', async () => {
  await using site = await SimulatedSite.start();
  await site.clock.advance(1.5 * minute);
  // The platform goes quiet: whatever the gateway lets go of from here on, it let go of for a false receipt.
  site.platform.receiptAfter = null;
  await site.clock.advance(minute);
  const held = await site.gateway.store.backlog('district');
  const { area, id } = site.gateway.diagnosis.picture().gateway;
  const topic = topicOf({ area, gateway: id }, 'receipt');
  for (const payload of malformed) say(site, topic, payload);
  await site.clock.advance(1000);

  const { malformed: shown, uplinks } = site.gateway.diagnosis.picture();
  expect(shown).toMatchObject([{ where: 'uplink district', count: malformed.length }]);
  expect(uplinks[0]).toMatchObject({ malformed: malformed.length, state: 'connected' });
  const after = await site.gateway.store.backlog('district');
  expect(after.records).toBeGreaterThanOrEqual(held.records);
  expect(after.samples).toBeGreaterThanOrEqual(held.samples);

  site.platform.receiptAfter = 0;
  await site.drained();
  expect(isComplete(site.account())).toBe(true);
});

test('a receipt for what was never sent lets nothing go that the platform does not have', async () => {
  await using site = await SimulatedSite.start();
  site.platform.receiptAfter = null;
  await site.clock.advance(2.5 * minute);
  const { area, id } = site.gateway.diagnosis.picture().gateway;
  const topic = topicOf({ area, gateway: id }, 'receipt');
  const held = await site.gateway.store.backlog('district');
  for (const epoch of ['9-deadbeef', '1-00000000']) {
    say(site, topic, receipt([[1, 4_000_000_000]], { epoch }));
  }
  await site.clock.advance(100);
  const after = await site.gateway.store.backlog('district');
  expect(after.records).toBeGreaterThanOrEqual(held.records);
  site.platform.receiptAfter = 0;
  await site.drained();
  expect(isComplete(site.account())).toBe(true);
});
