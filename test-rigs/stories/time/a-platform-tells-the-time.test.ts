import { expect, test } from 'vitest';
import type { Command } from '../../../gateway/contract/command.ts';
import { received } from '../received.ts';
import { SimulatedSite } from '../simulated-site.ts';

const minute = 60_000;

test('a box that does not know the time obeys nothing but the time, and then everything', async () => {
  await using site = await SimulatedSite.start({
    document: (document) => ({ ...document, clock: { trust: 'ntp' } }),
    from: '1970-01-01T08:00:00.000+08:00',
    truth: '2026-11-24T00:00:00.000+08:00',
  });
  const { commander } = site.platform;
  await site.stopGateway();
  await site.changeDocument((document) => ({
    ...document,
    uplinks: (document.uplinks ?? []).map((one) => ({ ...one, platformKeys: [commander.publicKey] })),
  }));
  await site.startGateway();
  await site.clock.advance(minute);
  const address = { area: '320404', gateway: 'zl-0001' };
  const expires = '2026-11-24T01:00:00.000+08:00';
  const said = async (body: Command['body']): Promise<unknown> => {
    const command = commander.signed(address, body, { expires });
    commander.send(address, command);
    for (let tries = 0; tries < 30 && commander.lastWord(command.id) === undefined; tries++) {
      await site.clock.advance(1000);
      // Its file is a real one.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return commander.lastWord(command.id);
  };
  const read = { kind: 'read-now', instrument: 'dust-1' };
  expect(await said(read)).toMatchObject({ outcome: 'refused', reason: 'clock-not-trusted' });
  const wrong = { kind: 'time', time: '2001-01-01T00:00:00.000+08:00' };
  expect(await said(wrong)).toMatchObject({ outcome: 'refused', reason: 'time-not-taken' });
  const now = new Date(site.machine.truth).toISOString().replace('Z', '+00:00');
  expect(await said({ kind: 'time', time: now })).toMatchObject({ outcome: 'done' });
  expect(site.gateway.clock.state()).toMatchObject({ trusted: true, source: 'platform' });
  expect(await said(read)).toMatchObject({ outcome: 'done', result: { instrument: 'dust-1' } });
  await site.drained();
  // What was asked while nobody knew the time is recorded with the time that it truly was.
  const refused = received(site.platform, 'audit').filter(({ entry }) => entry.action === 'command-refused');
  expect(refused.map(({ entry }) => entry.at.slice(0, 13))).toEqual(['2026-11-24T00', '2026-11-24T00']);
  expect(site.account()).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
});
