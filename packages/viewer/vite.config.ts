import { defineConfig } from 'vite';

export default defineConfig({
  // The page is served from any folder: all of its links are relative.
  base: './',
  resolve: { conditions: ['@gradcam/source', 'module', 'browser', 'import', 'default'] },
  build: { target: 'es2022', sourcemap: false },
});
