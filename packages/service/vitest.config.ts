import { defineProject, mergeConfig } from 'vitest/config';
// @ts-expect-error plain .mjs shared config
import { shared } from '../../vitest.shared.mjs';

export default mergeConfig(
  shared,
  defineProject({ test: { name: 'service', include: ['test/**/*.test.ts'] } }),
);
