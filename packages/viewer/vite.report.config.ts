import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/**
 * The parts of a report: one classic script, as a page from a disk loads no modules, and one style
 * sheet. `gradcam view --export` puts them and a run's files into one document. With `--mode
 * evaluation-report` they are the parts of an evaluation's page.
 */
export default defineConfig(({ mode }) => {
  const page = mode === 'evaluation-report' ? mode : 'report';
  return {
    publicDir: false,
    // As in vite.config.ts: the bytes do not depend on NODE_ENV.
    oxc: { jsx: { development: false } },
    resolve: { conditions: ['@gradcam/source', 'module', 'browser', 'import', 'default'] },
    build: {
      target: 'es2022',
      sourcemap: false,
      outDir: `dist/${page}`,
      emptyOutDir: true,
      lib: {
        entry: fileURLToPath(new URL(`./src/${page}.tsx`, import.meta.url)),
        formats: ['iife'],
        name: 'gradcamReport',
        fileName: () => 'report.js',
        cssFileName: 'report',
      },
    },
  };
});
