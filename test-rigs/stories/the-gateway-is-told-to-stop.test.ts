import { expect, test } from 'vitest';
import type { SiteDocument } from '../../gateway/site/site-schema.ts';
import { ProcessSite, wait } from './process-site.ts';

/** Nothing listens on the discard port of this machine. */
const nowhere = 'mqtt://127.0.0.1:9';

const withDeadInstrument = (document: SiteDocument): SiteDocument => ({
  ...document,
  links: { ...document.links, cabinet: { kind: 'tcp', host: '127.0.0.1', port: 9, framing: 'modbus-tcp' } },
});

test('a gateway with a broker that cannot be reached and a dead line stops cleanly within 3 s', async () => {
  await using site = await ProcessSite.start(nowhere, withDeadInstrument);
  // What cannot be sent is tried for this long; the rest of the 3 s is margin for a busy machine.
  const gateway = await site.run({ drain: '500ms' });
  await wait(1500);
  const began = performance.now();
  expect(await gateway.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(3000);
  expect(site.ledger.size).toBeGreaterThan(0);
});

test('a second gateway on the same site is refused and named the first; the first goes on', async () => {
  await using site = await ProcessSite.start(nowhere);
  const first = await site.run();
  await expect(site.run()).rejects.toThrow(`is in use by process ${first.pid}`);
  const before = site.ledger.size;
  await wait(1000);
  expect(site.ledger.size).toBeGreaterThan(before);
  expect(await first.stop()).toBe(0);
});
