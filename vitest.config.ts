import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

const stories = 'test-rigs/stories/**/*.test.ts';
const shared = {
  pool: 'forks' as const,
  testTimeout: 30_000,
  hookTimeout: 30_000,
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
          include: ['{device-profiles,edge,gateway,test-rigs,set-up}/**/*.test.{ts,tsx}'],
          exclude: [...configDefaults.exclude, '**/dist/**', stories],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Stories run real brokers on wall time: one file at a time, after the rest, so that their timings stay honest.
        extends: true,
        test: {
          ...shared,
          name: 'stories',
          include: [stories],
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
