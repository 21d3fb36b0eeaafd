import { expect, test } from 'vitest';
import { uplinkSettings } from '../../uplink/settings.ts';
import { hearsCommands } from './commanding.ts';

const key = `${'A'.repeat(43)}=`;

test.each([
  [{}, false],
  [{ platformKeys: [] }, false],
  [{ platformKeys: [key] }, true],
  [{ platformKeys: [key], commands: 'none' }, false],
  [{ commands: 'unsigned-reads' }, true],
])('an uplink with %o listens for commands: %s', (more, hears) => {
  const settings = uplinkSettings.parse({ id: 'district', kind: 'mqtt', url: 'mqtt://broker.example', ...more });
  expect(hearsCommands(settings)).toBe(hears);
});
