/// <reference types="vite/client" />

/**
 * The test files that also run in the page: all that ask `helper/engines.ts` for an engine, and need
 * neither files nor a package of Node.
 */
export const suites: Readonly<Record<string, () => Promise<unknown>>> = import.meta.glob([
  '../../engines/port/*.test.ts',
  '../../network/derive/*.test.ts',
  '../../engines/tfjs/{activations,memory,session}.test.ts',
  '../../methods/{passes,multi-pass}/*.test.ts',
  '!../../methods/multi-pass/mobilenet.test.ts',
  '../../methods/identities.test.ts',
  '../../explain/pixel-methods.test.ts',
]);
