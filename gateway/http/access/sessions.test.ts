import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { type Account, Accounts } from './accounts.ts';
import { ageLimit, idleLimit, mostSessions, Sessions } from './sessions.ts';

let site: string;
let accounts: Accounts;

beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), 'fenceline-sessions-'));
  accounts = await Accounts.open(site);
  await accounts.setPassword('mist cannon 9');
});
afterAll(() => rm(site, { recursive: true, force: true }));

async function administrator(): Promise<Account> {
  const account = await accounts.find('administrator');
  if (account === null) throw new Error('there is no administrator');
  return account;
}

const open = { account: 'administrator', role: 'administrator' };

test('a session holds while it is used and ends after twelve hours without use', async () => {
  const clock = new SimulatedClock();
  const sessions = new Sessions(accounts, clock);
  const token = sessions.open(await administrator());
  await clock.advance(idleLimit);
  expect(await sessions.use(token)).toEqual(open);
  await clock.advance(idleLimit);
  expect(await sessions.use(token)).toEqual(open);
  await clock.advance(idleLimit + 1);
  expect(await sessions.use(token)).toBeNull();
});

test('a session ends after a week even when it is used', async () => {
  const clock = new SimulatedClock();
  const sessions = new Sessions(accounts, clock);
  const token = sessions.open(await administrator());
  for (let passed = 0; passed + idleLimit <= ageLimit; passed += idleLimit) {
    await clock.advance(idleLimit);
    expect(await sessions.use(token)).toEqual(open);
  }
  await clock.advance(1);
  expect(await sessions.use(token)).toBeNull();
});

test('logging out ends the session', async () => {
  const sessions = new Sessions(accounts, new SimulatedClock());
  const token = sessions.open(await administrator());
  sessions.close(token);
  expect(await sessions.use(token)).toBeNull();
});

test('past the bound the session unused for longest makes room', async () => {
  const sessions = new Sessions(accounts, new SimulatedClock());
  const account = await administrator();
  const first = sessions.open(account);
  const second = sessions.open(account);
  await sessions.use(first);
  for (let more = 2; more <= mostSessions; more += 1) sessions.open(account);
  expect(await sessions.use(first)).toEqual(open);
  expect(await sessions.use(second)).toBeNull();
});

test('a new password ends every session of its account', async () => {
  const sessions = new Sessions(accounts, new SimulatedClock());
  const token = sessions.open(await administrator());
  await accounts.setPassword('mist cannon 10');
  expect(await sessions.use(token)).toBeNull();
});
