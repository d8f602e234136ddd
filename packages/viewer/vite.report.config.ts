import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/**
 * The parts of a report: one classic script, as a page from a disk loads no modules, and one style
 * sheet. `gradcam view --export` puts them and a run's files into one document.
 */
export default defineConfig({
  publicDir: false,
  resolve: { conditions: ['@gradcam/source', 'module', 'browser', 'import', 'default'] },
  build: {
    target: 'es2022',
    sourcemap: false,
    outDir: 'dist/report',
    emptyOutDir: true,
    lib: {
      entry: fileURLToPath(new URL('./src/report.tsx', import.meta.url)),
      formats: ['iife'],
      name: 'gradcamReport',
      fileName: () => 'report.js',
      cssFileName: 'report',
    },
  },
});
