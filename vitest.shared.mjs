/** Resolve workspace packages to their TypeScript sources, so that tests never need a build. */
export const sourceConditions = ['@gradcam/source'];

/** Vite's own defaults must be listed again: setting the conditions replaces them. */
export const shared = {
  resolve: { conditions: [...sourceConditions, 'module', 'browser', 'import', 'default'] },
  ssr: { resolve: { conditions: [...sourceConditions, 'module', 'node', 'import', 'default'] } },
  test: {
    // Files of tests share the modules that a process has loaded: four hundred files would load the same ones
    // four hundred times. A test that replaces a module loads it anew and takes it away again.
    isolate: false,
    // Tests that use ONNX Runtime without the library do not report to its vendor either.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    // Time limits are only for what hangs: on a busy machine a test may take ten times as long as usual.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
};
