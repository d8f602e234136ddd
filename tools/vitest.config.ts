import { defineProject, mergeConfig } from 'vitest/config';
import { shared } from '../vitest.shared.mjs';

export default mergeConfig(
  shared,
  defineProject({
    test: {
      name: 'tools',
      include: ['test/**/*.test.ts'],
      // The documented programs run on what is built, as a user's do.
      globalSetup: ['build-for-tests.mjs'],
    },
  }),
);
