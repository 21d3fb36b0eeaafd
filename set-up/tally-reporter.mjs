import { writeFileSync } from 'node:fs';

/** @typedef {import('vitest/node').Reporter} Reporter */

/** The environment variable that names the file the counts are written to. */
export const TALLY_FILE = 'FENCELINE_TALLY_FILE';

/**
 * A vitest reporter that leaves the counts of passed and failed tests in a file, for a last line that scripts can read.
 * A test file that cannot be loaded, and an error outside of any test, count as one failed each.
 * @implements {Reporter}
 */
export default class TallyReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<import('vitest/node').SerializedError>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env[TALLY_FILE];
    if (!file) return;
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      const failedBefore = failed;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        if (state === 'failed' || state === 'pending') failed += 1;
      }
      if (module.state() === 'failed' && failed === failedBefore) failed += 1;
    }
    writeFileSync(file, JSON.stringify({ passed, failed }));
  }
}
