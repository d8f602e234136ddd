import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
// @ts-expect-error plain .mjs
import { LongFirst } from './tools/test-order.mjs';

export default defineConfig({
  test: {
    projects: ['packages/*', 'tools'],
    // One more than there are cores: many tests wait for another process or a page, and use no core meanwhile.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongFirst },
    reporters: ['default', './tools/test-summary-reporter.mjs'],
  },
});
