import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const pages = ['index', 'live', 'evaluation'];

export default defineConfig({
  // The page is served from any folder: all of its links are relative.
  base: './',
  // Otherwise a build under NODE_ENV=test would contain the paths of its source files.
  oxc: { jsx: { development: false } },
  resolve: {
    alias: { 'demo-scenes': fileURLToPath(new URL('../../demo/scenes', import.meta.url)) },
    conditions: [
      '@gradcam/source',
      // The runtime without its WebAssembly's glue: workers of threads need that as a file of its own.
      'onnxruntime-web-use-extern-wasm',
      'module',
      'browser',
      'import',
      'default',
    ],
  },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    sourcemap: false,
    // The worker's engines are large and are loaded when they are used.
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      // The worker is a build of its own and takes most of the time, which is no news.
      checks: { pluginTimings: false },
      input: pages.map((page) => fileURLToPath(new URL(`./${page}.html`, import.meta.url))),
    },
  },
});
