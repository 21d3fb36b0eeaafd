import { expect, test } from 'vitest';
import type { Command } from '../../../gateway/contract/command.ts';
import { commandBytes } from '../../../gateway/contract/command.ts';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { accountOf } from '../../gateway-process/account.ts';
import { Commander } from '../../platform/commander.ts';
import { Platform } from '../../platform/platform.ts';
import { MosquittoBroker } from '../../surroundings/mosquitto-broker.ts';
import { fast, ProcessSite, until } from '../process-site.ts';
import { received } from '../received.ts';

/** The demo's site, whose platform may give commands. */
const obeying =
  (key: string) =>
  (document: SiteDocument): SiteDocument => {
    const site = fast(document);
    return { ...site, uplinks: (site.uplinks ?? []).map((one) => ({ ...one, platformKeys: [key] })) };
  };

test('a platform reads an instrument and has entries sent again; twice is once, also after a restart; the rest is refused with a reason', async () => {
  const broker = await MosquittoBroker.start();
  const platform = new Platform({ url: broker.url });
  const { commander } = platform;
  try {
    await platform.start();
    await using site = await ProcessSite.start(broker.url, obeying(commander.publicKey));
    const gateway = await site.run();
    await until('readings arrive', () => platform.table.keys > 20);
    const { gateway: of, instruments } = await site.picture(gateway);
    const address = { area: of.area, gateway: of.id };
    const send = async (command: Command): Promise<Command> => {
      commander.send(address, command);
      await until(`a last word on ${command.id}`, () => commander.lastWord(command.id) !== undefined);
      return command;
    };

    const [instrument] = instruments.filter(({ condition }) => condition === 'answering');
    const read = await send(
      commander.signed(address, { kind: 'read-now', instrument: instrument?.id }, { replyTo: 'desk' }),
    );
    const answer = commander.lastWord(read.id);
    expect(answer).toMatchObject({ outcome: 'done', site: of.site, replyTo: 'desk' });
    const values = answer?.result?.readings as { value: number | null }[];
    expect(values.map(({ value }) => typeof value)).toContain('number');

    const { epoch } = platform.table.places().find(({ stream }) => stream === 'records') ?? { epoch: '' };
    const resend = commander.signed(address, { kind: 'resend', stream: 'records', epoch, ranges: [[1, 3]] });
    const { redelivered } = platform.audit();
    await send(resend);
    expect(commander.lastWord(resend.id)).toMatchObject({ outcome: 'done', result: { entries: 3 } });
    await until('they come again', () => platform.audit().redelivered >= redelivered + 3);

    // The same message again: the same reply, and nothing is done.
    const repeated = async (times: number): Promise<void> => {
      commander.send(address, resend);
      await until('the reply comes again', () => commander.repliesTo(resend.id).length >= times);
      expect(commander.repliesTo(resend.id).at(-1)).toEqual(commander.lastWord(resend.id));
    };
    await repeated(3);
    expect(await gateway.stop()).toBe(0);
    const again = await site.run();
    await until('it is connected', async () => (await site.picture(again)).uplinks[0]?.state === 'connected');
    await repeated(4);
    expect(received(platform, 'audit').filter(({ entry }) => isOf(entry.details, resend.id))).toHaveLength(2);

    const ago = '2026-01-01T00:00:00.000+08:00';
    const refused: [string, Command][] = [
      ['expired', commander.signed(address, { kind: 'read-now', instrument: 'x' }, { expires: ago })],
      ['counter', commander.signed(address, { kind: 'read-now', instrument: 'x' }, { counter: 1, id: 'an-old-one' })],
      ['stale', commander.signed(address, { kind: 'read-now', instrument: 'x' }, { base: '0123456789abcdef' })],
      ['unknown', commander.signed(address, { kind: 'switch-on' })],
      ['malformed', commander.signed(address, { kind: 'read-now', instrument: 7 })],
      ['no-such-instrument', commander.signed(address, { kind: 'read-now', instrument: 'nobody' })],
      ['unsigned', commander.unsigned({ kind: 'read-now', instrument: 'x' })],
      ['signature', commander.signed({ ...address, gateway: 'another' }, { kind: 'read-now', instrument: 'x' })],
      ['signature', new Commander(() => undefined).signed(address, { kind: 'resend' })],
      ['id-used', signedAgain(commander, address, resend)],
      ['malformed', { id: 'no-command' } as Command],
    ];
    for (const [reason, command] of refused) {
      const before = commander.repliesTo(command.id).length;
      commander.send(address, command);
      await until(`${command.id} is refused`, () =>
        commander.repliesTo(command.id).some((one) => one.reason === reason),
      );
      expect([reason, commander.repliesTo(command.id).slice(before).at(-1)]).toMatchObject([
        reason,
        { outcome: 'refused' },
      ]);
    }
    commander.send(address, Buffer.alloc(commandBytes + 1, 0x20));
    await until('the oversized one is refused', () =>
      commander.repliesTo(null).some(({ reason }) => reason === 'too-large'),
    );

    const refusals = [...refused.map(([reason]) => reason), 'too-large'].sort();
    const audited = (): unknown[] =>
      received(platform, 'audit')
        .filter(({ entry }) => entry.action === 'command-refused')
        .map(({ entry }) => (entry.details as { more: { reason: string } }).more.reason)
        .sort();
    await until('every refusal is in the audit', () => audited().length >= refusals.length);
    expect(audited()).toEqual(refusals);
    const { commands } = await site.picture(again);
    expect(commands.last.map(({ id }) => id)).toContain(resend.id);
    expect(commands.fault).toBeNull();

    expect(await again.stop()).toBe(0);
    expect(accountOf(site.ledger, platform)).toMatchObject({ missing: 0, conflicts: 0, faults: 0 });
  } finally {
    await platform.stop();
    await broker.stop();
  }
});

function signedAgain(commander: Commander, address: { area: string; gateway: string }, { id }: Command): Command {
  return commander.signed(address, { kind: 'read-now', instrument: 'x' }, { id });
}

function isOf(details: unknown, id: string): boolean {
  return typeof details === 'object' && details !== null && 'id' in details && details.id === id;
}
