import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'full-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/**
 * The system refuses this process to make any file larger than 60 000 bytes, so writing fails in the middle of a
 * commit; once the store has complained, the limit is lifted.
 */
const program = (site: string): string => `
  import { execFileSync } from 'node:child_process';
  import { randomBytes } from 'node:crypto';
  import { openStore } from ${module('./sqlite-store.ts')};
  import { LocalTime, systemClock } from ${module('../clock.ts')};
  process.on('SIGXFSZ', () => undefined);
  const largest = (bytes) => execFileSync('prlimit', ['--pid=' + process.pid, '--fsize=' + bytes + ':unlimited']);
  const record = (n) => ({ kind: 'audit', at: '', who: 'test', action: 'entry', details: randomBytes(250).toString('hex') + n, revision: 1 });
  const kinds = [];
  const observe = (event) => {
    kinds.push(event.kind);
    if (event.kind === 'store-fault') largest('unlimited');
  };
  const store = await openStore({ directory: ${JSON.stringify(site)}, gateway: 'zl-0001', site: 'site-1', clock: systemClock, observe,
    localTime: new LocalTime('Asia/Shanghai'), uplinks: ['district'], keepSamples: true, windows: { records: 10, samples: 10 } });
  await store.append(record(0));
  largest(60_000);
  const keys = await Promise.all(Array.from({ length: 200 }, (_, n) => store.append(record(n + 1))));
  const { records } = await store.backlog('district');
  await store.close();
  console.log(JSON.stringify({ seqs: keys.map(({ seq }) => seq), records, kinds }));
`;

test('a commit that the disk breaks off is made again whole when there is room, and nothing crashes', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program(join(directory, 'site'))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(code).toBe(0);
  const { seqs, records, kinds } = JSON.parse(output);
  expect(seqs).toEqual(Array.from({ length: 200 }, (_, n) => n + 3));
  expect(records).toBe(202);
  // How large it is and what leaves next is told at opening; the rest is the story.
  const about = ['store-size', 'store-leaving'];
  const story = kinds.filter((kind: string) => !about.includes(kind));
  expect(story).toEqual(['store-committed', 'store-fault', 'store-recovered', 'store-committed']);
});
