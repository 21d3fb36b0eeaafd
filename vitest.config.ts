import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';

const stories = 'test-rigs/stories/**/*.test.ts';
/** Stories on the simulated clock: a busy machine changes nothing for them. */
const simulated = globSync(stories, { cwd: import.meta.dirname }).filter((file) =>
  readFileSync(join(import.meta.dirname, file), 'utf8').includes("/simulated-site.ts'"),
);
const shared = {
  pool: 'forks' as const,
  testTimeout: 90_000,
  hookTimeout: 60_000,
  // What is polled for has to come; how soon is the machine's affair. What never comes fails before the test's own limit.
  expect: { poll: { timeout: 10_000 } },
  // Node 24 strips types with WebAssembly in every thread, and V8 was seen to trip over freeing that code.
  execArgv: ['--no-wasm-code-gc'],
};

export default defineConfig({
  test: {
    allowOnly: false,
    passWithNoTests: false,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', './set-up/tally-reporter.mjs'],
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: 'rooms',
          include: [
            '{device-profiles,edge,gateway,set-up}/**/*.test.{ts,tsx}',
            'test-rigs/!(stories)/**/*.test.ts',
            ...simulated,
          ],
          exclude: [...configDefaults.exclude, '**/dist/**'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Stories run real brokers on wall time, after the rest: two files at a time, since they wait more than they work.
        extends: true,
        test: {
          ...shared,
          name: 'stories',
          include: [stories],
          exclude: [...configDefaults.exclude, ...simulated],
          maxWorkers: 2,
          testTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
