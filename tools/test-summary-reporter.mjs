// @ts-check
/** Closes a test run with one line that any script can read: `N passed, N failed, N skipped`. */
export default class TestSummaryReporter {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      // A file that does not load has no tests, yet it is a failure.
      if (module.errors().length > 0) count.failed += 1;
    }
    process.once('exit', () => {
      const skipped = count.skipped + count.pending;
      process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${skipped} skipped\n`);
    });
  }
}
