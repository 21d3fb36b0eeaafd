import { expect, test } from 'vitest';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { ProcessSite, until, wait } from '../process-site.ts';

/** Nothing listens on the discard port of this machine. */
const nowhere = 'mqtt://127.0.0.1:9';

const withDeadInstrument = (document: SiteDocument): SiteDocument => ({
  ...document,
  links: { ...document.links, cabinet: { kind: 'tcp', host: '127.0.0.1', port: 9, framing: 'modbus-tcp' } },
});

test('a gateway with a broker that cannot be reached and a dead line stops cleanly, and waits for neither', async () => {
  await using site = await ProcessSite.start(nowhere, withDeadInstrument);
  const gateway = await site.run({ drain: '500ms' });
  await until('something waits to be sent', () => site.ledger.size > 3);
  await wait(1000);
  const began = performance.now();
  expect(await gateway.stop()).toBe(0);
  // The drain and what an orderly stop takes; the rest is margin for a busy machine. A pause before a try lasts up to 30 s.
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('a second gateway on the same site is refused and named the first; the first goes on', async () => {
  await using site = await ProcessSite.start(nowhere);
  const first = await site.run({ drain: '500ms' });
  await expect(site.run()).rejects.toThrow(`is in use by process ${first.pid}`);
  const before = site.ledger.size;
  await until('the first goes on', () => site.ledger.size > before);
  expect(await first.stop()).toBe(0);
});
