import react from '@vitejs/plugin-react';

export default {
  base: './',
  plugins: [react()],
  // The page runs ONNX Runtime; tfjs, the other engine, is not installed.
  build: { rolldownOptions: { external: /^@tensorflow\// } },
};
