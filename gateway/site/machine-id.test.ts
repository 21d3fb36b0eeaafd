import { expect, test } from 'vitest';
import { machineId } from './machine-id.ts';

const board = '/sys/firmware/devicetree/base/serial-number';

function reading(files: Readonly<Record<string, string>>): Promise<string | undefined> {
  return machineId(async (path) => files[path] ?? Promise.reject(new Error('ENOENT')));
}

test('a board is told by its serial number, whatever installation was copied onto it', async () => {
  const one = await reading({ [board]: '10000000abcdef01\0', '/etc/machine-id': 'aa11\n' });
  const other = await reading({ [board]: '10000000abcdef02\0', '/etc/machine-id': 'aa11\n' });
  expect(one).toMatch(/^board:[0-9a-f]{16}$/);
  expect(other).not.toBe(one);
  expect(await reading({ [board]: '10000000abcdef01\0', '/etc/machine-id': 'bb22\n' })).toBe(one);
});

test('a serial number that is none is passed over, and the id itself is not given away', async () => {
  const id = await reading({ [board]: '0000000000000000\0', '/etc/machine-id': '3d1219c7c4c5404aaa1f6d2a48adfda4\n' });
  expect(id).toMatch(/^installation:[0-9a-f]{16}$/);
  expect(id).not.toContain('3d1219c7');
  expect(await reading({ '/etc/machine-id': 'uninitialized\n' })).toBeUndefined();
});
