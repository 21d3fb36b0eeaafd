import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FileSteps, systemFileSteps, writeDurably } from './durable-file.ts';
import { SiteFile } from './lowdb-site-file.ts';
import { readSecret, siteDirectory } from './site-directory.ts';
import type { SiteDocument } from './site-schema.ts';
import { sampleSite } from './trial/sample-site.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fenceline-site-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const documentNamed = (name: string): SiteDocument => {
  return { ...sampleSite(), source: { name, kind: 'other' } } as unknown as SiteDocument;
};

function fileWith(steps?: FileSteps): SiteFile {
  const [path, history] = [join(directory, 'site.json'), join(directory, 'site-history')];
  return new SiteFile({ path, history, ...(steps && { steps }) });
}

const nameIn = (text: string): string => (JSON.parse(text) as { source: { name: string } }).source.name;
const nameOnDisk = (): string => nameIn(readFileSync(join(directory, 'site.json'), 'utf8'));

class PowerCut extends Error {}

/** The power goes before step number `at`; with `torn`, a write that it hits has left half of its text. */
function cutBefore(at: number, torn = false): FileSteps & { readonly done: string[] } {
  const done: string[] = [];
  const step = async (name: string, action: () => Promise<void>): Promise<void> => {
    if (done.length >= at) throw new PowerCut();
    done.push(name);
    await action();
  };
  return {
    done,
    writeAndFlush: async (path, text, mode) => {
      if (torn && done.length === at) writeFileSync(path, text.slice(0, text.length / 2));
      await step('write and flush', () => systemFileSteps.writeAndFlush(path, text, mode));
    },
    rename: (from, to) => step('rename', () => systemFileSteps.rename(from, to)),
    flushDirectory: (path) => step('flush directory', () => systemFileSteps.flushDirectory(path)),
    remove: (path) => step('remove', () => systemFileSteps.remove(path)),
  };
}

describe('a document that is written', () => {
  test('is flushed before it takes the place of the old one, and the directory after it', async () => {
    const steps = cutBefore(Number.POSITIVE_INFINITY);
    await fileWith(steps).write(documentNamed('new'));
    expect(steps.done).toEqual(['write and flush', 'rename', 'flush directory']);
    expect(nameOnDisk()).toBe('new');
  });

  test('is the old one or the new one, whole, wherever the power is cut', async () => {
    await fileWith().write(documentNamed('old'));
    const found: string[] = [];
    for (let at = 0; at < 20; at += 1) {
      const steps = cutBefore(at, true);
      const outcome = await fileWith(steps)
        .write(documentNamed('new'))
        .catch((error: unknown) => error);
      found.push(nameOnDisk());
      expect(readdirSync(directory).filter((name) => name.endsWith('.json'))).toEqual(['site.json']);
      if (!(outcome instanceof PowerCut)) break;
    }
    // Seven steps: the directory and the old version into the history (four), then the new document (three).
    expect(found).toEqual(['old', 'old', 'old', 'old', 'old', 'old', 'new', 'new']);
  });

  test('leaves nothing half-written in the way of the next one', async () => {
    await fileWith().write(documentNamed('old'));
    await fileWith(cutBefore(4, true))
      .write(documentNamed('lost'))
      .catch(() => {});
    await fileWith().write(documentNamed('new'));
    expect(nameOnDisk()).toBe('new');
    expect(readdirSync(directory).sort()).toEqual(['site-history', 'site.json']);
  });

  test('leaves the one before it in the history, of which the newest fifty stay', async () => {
    const file = fileWith();
    for (let version = 0; version <= 55; version += 1) await file.write(documentNamed(`v${version}`));
    const kept = readdirSync(join(directory, 'site-history')).sort();
    expect(kept).toHaveLength(50);
    expect(kept[0]).toBe('site-000006.json');
    expect(nameIn(readFileSync(join(directory, 'site-history', 'site-000055.json'), 'utf8'))).toBe('v54');
  });

  test('makes no version when nothing has changed', async () => {
    const file = fileWith();
    await file.write(documentNamed('same'));
    await file.write(documentNamed('same'));
    expect(existsSync(join(directory, 'site-history'))).toBe(false);
  });

  test('can be changed from what is on disk', async () => {
    await fileWith().write(documentNamed('old'));
    const changed = await fileWith().update((document) => {
      if (document === null) throw new Error('there must be a document');
      return { ...document, source: { ...document.source, name: `${document.source.name} and new` } };
    });
    expect(changed.source.name).toBe('old and new');
    expect(nameOnDisk()).toBe('old and new');
  });
});

test('a write that the disk refuses leaves the old file and says so', async () => {
  const path = join(directory, 'kept');
  writeFileSync(path, 'old');
  const full: FileSteps = {
    ...systemFileSteps,
    writeAndFlush: async () => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    },
  };
  await expect(writeDurably(path, 'new', { steps: full })).rejects.toThrow('no space left');
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(directory)).toEqual(['kept']);
});

test('the name of a secret cannot lead out of its directory', async () => {
  await expect(readSecret(siteDirectory(directory), '../site.json')).rejects.toThrow(RangeError);
});
