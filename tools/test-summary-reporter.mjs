// @ts-check
import path from 'node:path';
import { findUnproven, readSupport, root } from './docs/support.mjs';

/**
 * Ends a test run with one line that any script can read: `N passed, N failed, N skipped`. Before it, the
 * reporter lists what docs/support.json says is supported and this run has not checked.
 */
export default class TestSummaryReporter {
  /** @type {import('vitest/node').Vitest | undefined} */
  #vitest;

  /** @param {import('vitest/node').Vitest} vitest */
  onInit(vitest) {
    this.#vitest = vitest;
  }

  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      // A file that fails to load has no tests, but it counts as a failure.
      if (module.errors().length > 0) count.failed += 1;
    }
    // If only some tests of a file were selected, nothing can be said about the others.
    const isWhole = this.#vitest?.config.testNamePattern === undefined;
    const unproven = isWhole ? listUnproven(modules) : [];
    if (unproven.length > 0) process.exitCode = 1;
    process.once('exit', () => {
      const skipped = count.skipped + count.pending;
      for (const one of unproven) {
        process.stdout.write(`FAIL docs/support.json: no test of this name has passed: ${one}\n`);
      }
      process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${skipped} skipped\n`);
    });
  }
}

/** @param {readonly import('vitest/node').TestModule[]} modules */
function listUnproven(modules) {
  const results = modules.flatMap((module) => {
    const file = path.relative(root, module.moduleId).replaceAll('\\', '/');
    return [...module.children.allTests()].map((test) => ({
      file,
      name: test.fullName,
      state: test.result().state,
    }));
  });
  const { unproven, skipped } = findUnproven(readSupport(), results);
  for (const one of skipped) console.warn(`docs/support.json: skipped on this machine: ${one}`);
  return unproven;
}
