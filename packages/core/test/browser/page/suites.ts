/// <reference types="vite/client" />

/**
 * The test files that also run in the page: all that ask `helper/engines.ts` for an engine, and need
 * neither files nor a package of Node.
 */
export const suites: Readonly<Record<string, () => Promise<unknown>>> = import.meta.glob([
  '../../engine/*.test.ts',
  '../../derive/*.test.ts',
  '../../tfjs/{activations,memory,session}.test.ts',
  '../../black-box/*.test.ts',
  '../../many-runs/*.test.ts',
  '!../../many-runs/mobilenet.test.ts',
  '../../methods/identities.test.ts',
  '../../explain/pixel-methods.test.ts',
]);
