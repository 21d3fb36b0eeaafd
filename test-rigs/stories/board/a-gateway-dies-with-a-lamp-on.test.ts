import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCommandLine } from '../../../gateway/cli/command-line.ts';
import { TtyAdapter } from '../../links/tty-pair.ts';

/** What systemd calls when the gateway was killed: the board is told, whatever it was told before. */
test('what the gateway leaves on when it is killed is told to fall off, on every board that it could switch', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fenceline-relays-off-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const adapters = [await TtyAdapter.plugIn(), await TtyAdapter.plugIn()];
  onTestFinished(() => Promise.all(adapters.map((adapter) => adapter.remove())).then(() => undefined));
  const heard = adapters.map((adapter) => {
    const bytes: number[] = [];
    adapter.line.onBytes((some) => bytes.push(...some));
    return bytes;
  });
  const board = (id: string, more: object) => ({
    ...{ id, profile: 'fenceline/uno-construction-site', link: id, every: '4s', channels: { cabinet: id }, ...more },
  });
  const site = {
    gateway: { id: 'zl-0001', area: '320404' },
    source: { name: 'yard', kind: 'construction-site' },
    links: {
      switched: { kind: 'firmata', path: adapters[0]?.path },
      watched: { kind: 'firmata', path: adapters[1]?.path },
      gone: { kind: 'firmata', path: join(directory, 'no-such-port') },
    },
    points: [{ id: 'switched' }, { id: 'watched' }, { id: 'gone' }],
    instruments: [
      board('switched', { commands: ['lamp'] }),
      board('watched', {}),
      board('gone', { commands: ['lamp'] }),
    ],
  };
  await writeFile(join(directory, 'site.last-good.json'), JSON.stringify(site));
  // Edited since, and not quite right.
  const { instruments, ...rest } = site;
  await writeFile(join(directory, 'site.json'), JSON.stringify({ ...rest, gateway: 'zl-0001', instruments: [] }));
  const said: string[] = [];
  const told: string[] = [];
  const terminal = {
    print: (text: string) => said.push(text),
    complain: (text: string) => told.push(text),
    language: 'en',
  };
  const code = await runCommandLine(['relays-off', '--site', directory], terminal as never);
  await expect.poll(() => heard[0]?.at(-1)).toBe(0xff);
  expect(heard[1]).toEqual([]);
  expect([code, said, told]).toEqual([
    0,
    ['switched: every relay is told to fall off'],
    [expect.stringContaining('gone: ')],
  ]);
});
