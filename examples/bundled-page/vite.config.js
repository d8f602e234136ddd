export default {
  // Works in any folder of a server.
  base: './',
  build: {
    // The page runs ONNX Runtime. Without this line the other engine, tfjs, would have to be installed, or
    // Vite warns of each name that it misses.
    rolldownOptions: { external: /^@tensorflow\// },
  },
  // The library is in several files, of which a worker loads some later.
  worker: { format: 'es', rolldownOptions: { external: /^@tensorflow\// } },
};
