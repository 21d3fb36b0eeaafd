import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FileSteps, systemFileSteps } from '../durable-file.ts';
import { siteDirectory } from '../site-directory.ts';
import type { SiteDocument } from '../site-schema.ts';
import { type ResumedTrial, SiteTrials, siteText } from './site-trials.ts';

const [before, after] = [{ name: 'old' }, { name: 'new' }] as unknown as [SiteDocument, SiteDocument];
const former = siteText(before);
const about = { id: 'c-1', key: 'k', uplink: 'district', who: 'uplink district', from: 'a', to: 'b', former };
const begunAt = 1_000_000;
const within = 60_000;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'trial-'));
  writeFileSync(join(root, 'site.json'), former);
});
afterEach(() => rmSync(root, { recursive: true }));

const trials = (steps?: FileSteps): SiteTrials => new SiteTrials(siteDirectory(root), steps);
const begin = (steps?: FileSteps): Promise<void> => trials(steps).begin(after, { ...about, begunAt, within });
const inForce = (): string => readFileSync(join(root, 'site.json'), 'utf8');

/** File steps of a process that is killed before its step number `at`, counted from 0. */
function killedBefore(at: number): { steps: FileSteps; wasKilled: () => boolean } {
  let count = 0;
  const killed = new Error('killed');
  const step = <Given extends unknown[]>(done: (...given: Given) => Promise<void>) => {
    return (...given: Given) => (count++ < at ? done(...given) : Promise.reject(killed));
  };
  const steps: FileSteps = {
    writeAndFlush: step(systemFileSteps.writeAndFlush),
    rename: step(systemFileSteps.rename),
    flushDirectory: step(systemFileSteps.flushDirectory),
    // What a killed process leaves behind is not tidied up.
    remove: step(systemFileSteps.remove),
  };
  return { steps, wasKilled: () => count > at };
}

/** Does it, killed before each step in turn, until it comes through; says what the next start finds every time. */
async function killedAtEveryStep(
  prepare: () => Promise<void>,
  action: (trials: SiteTrials) => Promise<unknown>,
): Promise<{ found: ResumedTrial; text: string }[]> {
  const outcomes: { found: ResumedTrial; text: string }[] = [];
  for (let at = 0; at < 40; at++) {
    rmSync(root, { recursive: true });
    root = mkdtempSync(join(tmpdir(), 'trial-'));
    writeFileSync(join(root, 'site.json'), former);
    await prepare();
    const { steps, wasKilled } = killedBefore(at);
    await action(trials(steps)).catch(() => undefined);
    outcomes.push({ found: await trials().resume(begunAt + 1000), text: inForce() });
    if (!wasKilled()) return outcomes;
  }
  throw new Error('it never ended');
}

describe('killed at every step', () => {
  test('a change leaves the old document, with nothing begun, or the new one on trial', async () => {
    const outcomes = await killedAtEveryStep(
      async () => {},
      (killed) => killed.begin(after, { ...about, begunAt, within }),
    );
    expect(outcomes.length).toBeGreaterThan(8);
    for (const { found, text } of outcomes) {
      if (text === former) expect(['none', 'never-begun']).toContain('how' in found ? found.how : found.kind);
      else expect([found.kind, text]).toEqual(['on-trial', siteText(after)]);
    }
    expect(outcomes.at(-1)?.found.kind).toBe('on-trial');
  });

  test('a roll-back leaves the new document on trial still, or the old one, rolled back', async () => {
    const outcomes = await killedAtEveryStep(begin, async (killed) => {
      const resumed = await trials().resume(begunAt + 10);
      if (resumed.kind === 'on-trial') await killed.rollBack(resumed.trial, 'a test');
    });
    for (const { found, text } of outcomes) {
      if (found.kind === 'on-trial') expect(text).toBe(siteText(after));
      else expect([found, text]).toMatchObject([{ how: 'rolled-back', trial: { why: 'a test' } }, former]);
    }
    expect(new Set(outcomes.map(({ text }) => text)).size).toBe(2);
  });

  test('a confirmation leaves the new document, on trial still or confirmed', async () => {
    const outcomes = await killedAtEveryStep(begin, async (killed) => {
      const resumed = await trials().resume(begunAt + 10);
      if (resumed.kind !== 'on-trial') return;
      await killed.confirm(resumed.trial);
      await killed.end();
    });
    for (const { text } of outcomes) expect(text).toBe(siteText(after));
    const kinds = outcomes.map(({ found }) => ('how' in found ? found.how : found.kind));
    expect(new Set(kinds)).toEqual(new Set(['on-trial', 'confirmed', 'none']));
  });
});

test('a trial that had its time while nothing ran is rolled back at the start', async () => {
  await begin();
  expect(await trials().resume(begunAt + within)).toMatchObject({ kind: 'ended', how: 'rolled-back' });
  expect(inForce()).toBe(former);
});

test('a clock that stands before the beginning leaves a trial its time, but only five starts', async () => {
  await begin();
  for (let start = 0; start < 5; start++) {
    expect(await trials().resume(0)).toMatchObject({ kind: 'on-trial', left: within });
  }
  expect(await trials().resume(0)).toMatchObject({ kind: 'ended', how: 'rolled-back' });
  expect(inForce()).toBe(former);
});

test('what somebody wrote at the site during a trial holds', async () => {
  await begin();
  writeFileSync(join(root, 'site.json'), '{"name":"by hand"}');
  expect(await trials().resume(begunAt + within)).toMatchObject({ kind: 'ended', how: 'edited' });
  expect(inForce()).toBe('{"name":"by hand"}');
});

test('the former text comes back letter by letter, also where it is no JSON of ours', async () => {
  const written = '{\n  // by hand\n  "name": "old" }';
  writeFileSync(join(root, 'site.json'), written);
  await trials().begin(after, { ...about, former: written, begunAt, within });
  const resumed = await trials().resume(begunAt);
  if (resumed.kind !== 'on-trial') throw new Error(resumed.kind);
  await trials().rollBack(resumed.trial, 'a test');
  expect(inForce()).toBe(written);
});
