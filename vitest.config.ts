import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'tools'],
    // Vitest leaves one core free. On two cores that is half of the machine, though many tests only wait for
    // another process or a page.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', './tools/test-summary-reporter.mjs'],
  },
});
