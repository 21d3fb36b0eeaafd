import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { uplinkSettings } from '../settings.ts';

test('the settings in docs/sending.md are settings as they are read', () => {
  const text = readFileSync(new URL('../../../docs/sending.md', import.meta.url), 'utf8');
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
  expect(uplinkSettings.safeParse(JSON.parse(example)).error).toBeUndefined();
  const { sendWithin, megabytesPerMonth, backlogShare, spreadBacklog, window } = uplinkSettings.parse({
    ...{ id: 'district', kind: 'mqtt', url: 'mqtt://platform.example' },
  });
  expect({ sendWithin, megabytesPerMonth, backlogShare, spreadBacklog, window }).toEqual({
    ...{ sendWithin: undefined, megabytesPerMonth: undefined, backlogShare: 1, spreadBacklog: 300, window: 20 },
  });
});
