import { expect, test } from 'vitest';
import type { WallTime } from './clock.ts';
import { EventLog } from './pino-log.ts';

function kept() {
  const lines: string[] = [];
  const write = (what: string, details: object = {}): void => void lines.push(`${what} ${JSON.stringify(details)}`);
  return { lines, events: new EventLog({ info: write, warn: write, error: write }) };
}

test('a line that cannot be opened is written once, and again when the fault is another or gone', () => {
  const { lines, events } = kept();
  const closed = (message: string) =>
    events.observe({ kind: 'link-closed', link: 'rs485-1', fault: { kind: 'absent', message } });
  for (let tries = 0; tries < 1000; tries++) closed('there is no such port');
  expect(lines).toHaveLength(1);
  closed('the port is taken');
  events.observe({ kind: 'link-opened', link: 'rs485-1', generation: 1 });
  closed('the port is taken');
  expect(lines).toHaveLength(4);
});

test('what an instrument refuses is written with what is asked instead', () => {
  const { lines, events } = kept();
  const span = { functionCode: 3, start: 0, count: 50 } as const;
  const refused = [{ ...span, count: 51 }];
  events.observe({
    kind: 'plan-changed',
    instrument: 'meter-1',
    refused,
    answered: [],
    requests: [span],
    at: 0 as WallTime,
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^plan-changed .*"meter-1".*"count":51.*"requests":.*"count":50/);
});

test('an uplink that tries for a night writes why once', () => {
  const { lines, events } = kept();
  for (let tries = 0; tries < 1000; tries++) {
    events.observe({ kind: 'uplink-state', uplink: 'district', state: 'connecting', detail: 'mqtt://platform' });
    const detail = `refused; next try in ${tries} s`;
    events.observe({ kind: 'uplink-state', uplink: 'district', state: 'waiting', detail });
  }
  expect(lines).toHaveLength(1);
  events.observe({ kind: 'uplink-state', uplink: 'district', state: 'connected', detail: 'mqtt://platform' });
  expect(lines).toHaveLength(2);
});
