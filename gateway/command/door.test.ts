import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { Commander } from '../../test-rigs/platform/commander.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime, type WallTime } from '../clock.ts';
import type { Command } from '../contract/command.ts';
import type { Reply } from '../contract/reply.ts';
import type { AuditRecord } from '../record/record.ts';
import { readPublicKey } from '../record/signature.ts';
import { DurableLines } from '../site/durable-lines.ts';
import { defineCommand } from './command-kind.ts';
import { time } from './commands/time.ts';
import { CommandDoor } from './door.ts';
import { Journal } from './journal.ts';
import type { ClockStanding, CommandEvent, CommandPorts } from './port.ts';

const address = { area: '320404', gateway: 'zl-0001' };
const trusted: ClockStanding = { trusted: true, why: 'test' };
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'commands-'));
});
const opened: DurableLines[] = [];
afterEach(async () => {
  for (const lines of opened.splice(0)) await lines.close();
  rmSync(directory, { recursive: true });
});

interface Setting {
  readonly standing?: ClockStanding;
  readonly unsignedReads?: boolean;
  readonly record?: (record: AuditRecord) => Promise<unknown>;
  /** Whether the command that runs ends. */
  readonly ends?: boolean;
  readonly commander?: Commander;
}

/** A door with its real file, and two commands: one that changes something, and one that does not. */
async function doorOf(setting: Setting = {}) {
  const { commander = new Commander(() => undefined), ends = true } = setting;
  const path = join(directory, 'commands.lines');
  const { lines, texts } = await DurableLines.open(path);
  opened.push(lines);
  const journal = new Journal(lines, texts);
  const [replies, records, events, runs]: [Reply[], AuditRecord[], CommandEvent[], string[]] = [[], [], [], []];
  const clock = new SimulatedClock();
  const kind = (name: string, changes: boolean) =>
    defineCommand({
      kind: name,
      does: 'For tests',
      body: z.strictObject({ kind: z.literal(name), text: z.string().optional() }),
      changes,
      needsBase: false,
      isUrgent: ({ text }) => text === 'let go',
      run: async ({ text = '' }, _, { id }) => {
        runs.push(id);
        if (!ends) await new Promise(() => undefined);
        return { outcome: 'done', result: { text } };
      },
    });
  const door = new CommandDoor({
    address,
    uplinks: [
      {
        id: 'district',
        platformKeys: [{ text: commander.publicKey, key: readPublicKey(commander.publicKey) }],
        unsignedReads: setting.unsignedReads ?? false,
      },
    ],
    commands: [kind('change', true), kind('look', false), time],
    ports: {
      siteVersion: '0123456789abcdef',
      offerTime: () => ({ taken: true, why: 'taken' }),
      switchRelay: async () => ({ kind: 'refused', reason: 'no-such-relay', detail: 'none', remedy: 'see birth' }),
    } as Partial<CommandPorts> as CommandPorts,
    journal,
    clock,
    localTime: new LocalTime('Asia/Shanghai'),
    standing: () => setting.standing ?? trusted,
    record: (record) => {
      records.push(record);
      return setting.record?.(record) ?? Promise.resolve();
    },
    reply: (_, reply) => replies.push(reply),
    observe: (event) => events.push(event),
  });
  await door.start();
  const take = (command: Command): void => door.take('district', Buffer.from(JSON.stringify(command)));
  const last = (): [string, string | undefined] => [replies.at(-1)?.outcome ?? '', replies.at(-1)?.reason];
  const until = (condition: () => boolean): Promise<void> =>
    vi.waitFor(() => expect(condition(), JSON.stringify(replies)).toBe(true), { timeout: 20_000, interval: 1 });
  return { door, lines, journal, commander, clock, replies, records, events, runs, take, last, until, path };
}

const later = '2099-01-01T00:00:00.000+08:00';

test('a command is accepted, run, recorded and answered, in that order', async () => {
  const { commander, take, replies, records, runs, until } = await doorOf();
  take(commander.signed(address, { kind: 'change', text: 'a' }, { expires: later, id: 'one' }));
  await until(() => replies.length === 2);
  expect(replies.map(({ id, outcome }) => [id, outcome])).toEqual([
    ['one', 'accepted'],
    ['one', 'done'],
  ]);
  expect(replies[1]?.result).toEqual({ text: 'a' });
  expect(records.map(({ action }) => action)).toEqual(['command-accepted', 'command-done']);
  expect(runs).toEqual(['one']);
});

test('while the clock is not trusted nothing is obeyed, and the reply says why', async () => {
  const standing = { trusted: false, why: 'no time since the power came back' };
  const { commander, take, last, until, replies, runs } = await doorOf({ standing });
  take(commander.signed(address, { kind: 'change' }, { expires: later }));
  await until(() => replies.length === 1);
  expect(last()).toEqual(['refused', 'clock-not-trusted']);
  expect(replies[0]?.detail).toContain(standing.why);
  expect(runs).toEqual([]);
});

test('the time itself is taken while the clock is not trusted, without waiting for a record', async () => {
  const standing = { trusted: false, why: 'no time since the power came back' };
  const record = (): Promise<never> => Promise.reject(new Error('held'));
  const { commander, take, last, until, replies, clock } = await doorOf({ standing, record });
  const told = '2026-11-24T08:00:00.000+08:00';
  take(commander.signed(address, { kind: 'time', time: told }, { expires: '2026-01-01T00:00:00.000+08:00' }));
  await until(() => replies.length === 2);
  expect(last()).toEqual(['done', undefined]);
  expect(clock.pending).toBe(0);
});

test('a command that expires while it waits is refused at its turn, not run', async () => {
  const { commander, take, clock, last, until, replies, runs } = await doorOf();
  const expires = new LocalTime('Asia/Shanghai').stamp(clock.wall());
  take(commander.signed(address, { kind: 'change' }, { expires }));
  await until(() => replies.length === 1);
  expect(last()).toEqual(['refused', 'expired']);
  expect(runs).toEqual([]);
});

test('nothing is changed of which no record is durable; what only looks does not wait for that', async () => {
  const record = (): Promise<never> => new Promise(() => undefined);
  const { commander, take, clock, last, until, replies, runs } = await doorOf({ record });
  take(commander.signed(address, { kind: 'change' }, { expires: later }));
  await until(() => replies.length === 1);
  await clock.advance(20_000);
  await until(() => replies.length === 2);
  expect(last()).toEqual(['failed', 'not-recorded']);
  take(commander.signed(address, { kind: 'look' }, { expires: later, id: 'look' }));
  await until(() => replies.length === 4);
  expect(runs).toEqual(['look']);
});

test('what only lets something go waits neither for its record nor for the medium', async () => {
  const record = (): Promise<never> => new Promise(() => undefined);
  const { commander, take, last, until, replies, runs, lines } = await doorOf({ record });
  lines.add = () => Promise.reject(new Error('ENOSPC'));
  take(commander.signed(address, { kind: 'change', text: 'let go' }, { expires: later, id: 'off' }));
  await until(() => replies.length === 2);
  expect([last(), runs]).toEqual([['done', undefined], ['off']]);
});

test('a command that expires while its record is written is not run', async () => {
  let commit = (): void => undefined;
  const record = (): Promise<void> =>
    new Promise((resolve) => {
      commit = resolve;
    });
  const { commander, take, clock, last, until, replies, runs } = await doorOf({ record });
  const expires = new LocalTime('Asia/Shanghai').stamp((clock.wall() + 5000) as WallTime);
  take(commander.signed(address, { kind: 'change' }, { expires }));
  await until(() => replies.length === 1);
  expect(last()).toEqual(['accepted', undefined]);
  await clock.advance(6000);
  commit();
  await until(() => replies.length === 2);
  expect([last(), runs]).toEqual([['failed', 'expired'], []]);
});

test('a command that cannot be written down is not run, and may be sent again', async () => {
  const { commander, take, last, until, replies, runs, lines } = await doorOf();
  const add = lines.add.bind(lines);
  lines.add = () => Promise.reject(new Error('ENOSPC'));
  const command = commander.signed(address, { kind: 'change' }, { expires: later });
  take(command);
  await until(() => replies.length === 1);
  expect(last()).toEqual(['failed', 'not-durable']);
  expect(runs).toEqual([]);
  lines.add = add;
  take(command);
  await until(() => replies.length === 3);
  expect(last()).toEqual(['done', undefined]);
  expect(runs).toEqual([command.id]);
});

test('what was under way when the gateway ended is never run again, and is answered as interrupted', async () => {
  const first = await doorOf({ ends: false });
  const command = first.commander.signed(address, { kind: 'change' }, { expires: later });
  first.take(command);
  await first.until(() => first.runs.length === 1);
  await first.lines.close();
  const second = await doorOf({ commander: first.commander });
  expect(second.replies.map(({ id, outcome, reason }) => [id, outcome, reason])).toEqual([
    [command.id, 'failed', 'interrupted'],
  ]);
  second.take(command);
  await second.until(() => second.replies.length === 2);
  expect(second.replies[1]).toEqual(second.replies[0]);
  expect(second.runs).toEqual([]);
});

test('a counter that was used stays used after a restart, whatever happened to the command', async () => {
  const first = await doorOf();
  const command = first.commander.signed(address, { kind: 'change' }, { expires: later });
  first.take(command);
  await first.until(() => first.replies.length === 2);
  await first.lines.close();
  const { take, last, until, replies, runs, commander } = await doorOf({ commander: first.commander });
  take(commander.signed(address, { kind: 'change' }, { expires: later, id: 'other', counter: command.counter }));
  await until(() => replies.length === 1);
  expect(last()).toEqual(['refused', 'counter']);
  expect(runs).toEqual([]);
});

test('a torn last line of the file costs nothing but itself', async () => {
  const first = await doorOf();
  const command = first.commander.signed(address, { kind: 'change' }, { expires: later });
  first.take(command);
  await first.until(() => first.replies.length === 2);
  await first.lines.close();
  writeFileSync(first.path, '0badc0de {"line":"comm', { flag: 'a' });
  const { take, until, replies, runs } = await doorOf({ commander: first.commander });
  take(command);
  await until(() => replies.length === 1);
  expect([replies[0]?.outcome, runs]).toEqual(['done', []]);
});

test('only what changes nothing comes without a signature, and only where the site says so', async () => {
  const { commander, take, last, until, replies } = await doorOf({ unsignedReads: true });
  take(commander.unsigned({ kind: 'change' }, { expires: later }));
  expect(last()).toEqual(['refused', 'unsigned']);
  take(commander.unsigned({ kind: 'look' }, { expires: later }));
  await until(() => replies.length === 3);
  expect(last()).toEqual(['done', undefined]);
});

test('a flood of strangers is counted, and neither answered nor recorded for ever', async () => {
  const { commander, door, records, replies, events } = await doorOf();
  const forged = Buffer.from(JSON.stringify(new Commander(() => undefined).signed(address, { kind: 'change' })));
  for (let n = 0; n < 1000; n++) door.take('district', forged);
  expect(events.filter(({ kind }) => kind === 'command-turned-away')).toHaveLength(1000);
  expect([replies.length, records.length]).toEqual([20, 20]);
  expect(commander.replies).toEqual([]);
});

test('commands of a platform gone wild are refused after the first ones, and the file stays bounded', async () => {
  const { commander, take, clock, replies, runs, until, lines, journal } = await doorOf();
  let written = 0;
  // A medium that is at once done: what counts is how much it is given.
  lines.add = async () => void written++;
  lines.replace = async (texts) => {
    written = texts.length;
  };
  for (let n = 0; n < 40; n++) {
    const before = runs.length;
    take(commander.signed(address, { kind: 'look' }, { expires: later }));
    if (n < 20) await until(() => runs.length > before);
  }
  await until(() => replies.length >= 60);
  expect(replies.filter(({ reason }) => reason === 'too-many')).toHaveLength(20);
  for (let n = 0; n < 300; n++) {
    await clock.advance(2000);
    const before = replies.length;
    take(commander.signed(address, { kind: 'look' }, { expires: later }));
    await until(() => replies.length === before + 2);
  }
  expect(runs).toHaveLength(320);
  expect(written).toBeLessThan(500);
  expect(journal.newest(1000)).toHaveLength(50);
});
