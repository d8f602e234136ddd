/** Resolve workspace packages to their TypeScript sources, so that tests never need a build. */
export const sourceConditions = ['@gradcam/source'];

/** Vite's own defaults must be listed again: setting the conditions replaces them. */
export const shared = {
  resolve: { conditions: [...sourceConditions, 'module', 'browser', 'import', 'default'] },
  ssr: { resolve: { conditions: [...sourceConditions, 'module', 'node', 'import', 'default'] } },
  // Tests that use ONNX Runtime without the library do not report to its vendor either.
  test: { env: { ORT_DISABLE_TELEMETRY: '1' } },
};
