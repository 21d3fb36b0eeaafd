import { expect, test } from 'vitest';
import type { Monotonic } from '../clock.ts';
import { switchRelay } from './commands/switch.ts';
import type { CommandPorts, SwitchAnswer } from './port.ts';

/** When it came. */
const at = 17 as Monotonic;
const sender = { uplink: 'district', key: 'k', who: 'uplink district, key 1a2b' };

async function run(body: Record<string, unknown>, answer: SwitchAnswer) {
  const asked: unknown[] = [];
  const ports = {
    switchRelay: async (...what: unknown[]) => {
      asked.push(what);
      return answer;
    },
  } as unknown as CommandPorts;
  const prepared = switchRelay.prepare({ kind: 'switch', instrument: 'io', relay: 'lamp', ...body });
  if ('fault' in prepared) return { asked, outcome: 'malformed' };
  return { asked, outcome: await prepared.run(ports, { id: 'c-1', sender, at }) };
}

const done: SwitchAnswer = { kind: 'done', state: 'warning', next: 'then', until: 'later' };

test('a switch names its end, goes out in the name of the uplink that asks, and says how the relay stands', async () => {
  expect(await run({ on: true, seconds: 60 }, done)).toEqual({
    asked: [['io', 'lamp', { on: true, seconds: 60 }, { who: sender.who, uplink: 'district', at }]],
    outcome: {
      outcome: 'done',
      result: { instrument: 'io', relay: 'lamp', state: 'warning', next: 'then', until: 'later' },
    },
  });
});

test('what cannot be switched is refused with the reason and what to do', async () => {
  const answer: SwitchAnswer = { kind: 'refused', reason: 'locked-out', detail: 'open', remedy: 'close it' };
  const { outcome } = await run({ on: true, seconds: 60 }, answer);
  expect(outcome).toEqual({ outcome: 'refused', reason: 'locked-out', detail: 'open', remedy: 'close it' });
});

test.each([
  { on: true },
  { on: false, seconds: 3 },
  { on: true, seconds: 0 },
  { on: true, seconds: 86_401 },
  { on: 1, seconds: 3 },
  { on: true, seconds: 3, use: 'purifier' },
])('%j is malformed, and nothing is switched', async (body) => {
  expect(await run(body, done)).toEqual({ asked: [], outcome: 'malformed' });
});

test('it needs a signature and the site version it is based on, and waits for a trusted clock', () => {
  expect([switchRelay.changes, switchRelay.needsBase, switchRelay.beforeTrust]).toEqual([true, true, undefined]);
});
