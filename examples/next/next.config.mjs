export default {
  // Static files; leave it out for a server of Next.
  output: 'export',
  // The page runs ONNX Runtime. Without this line the other engine, tfjs, would have to be installed.
  turbopack: { resolveAlias: { '@tensorflow/*': './without-tfjs.cjs' } },
};
