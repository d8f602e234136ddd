// @ts-check
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const require = createRequire(import.meta.url);
const core = fileURLToPath(new URL('../../packages/core', import.meta.url));

/** The files of tfjs's wasm backend. One of them is loaded, by what the browser can do. */
const tfjsFiles = ['', '-simd', '-threaded-simd'].map((kind) => `tfjs-backend-wasm${kind}.wasm`);

/**
 * Builds `@gradcam/core/browser` with everything that it needs into a folder of static files: `gradcam.js`,
 * which a page imports, and its `parts`, of which the engines are loaded when they are first used.
 *
 * @param {string} folder
 * @returns {Promise<string[]>} the packages whose code the bundle has.
 */
export async function buildBrowserBundle(folder) {
  const built = await build({
    root: core,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    // Files find each other by their own places, wherever the folder lies.
    base: './',
    resolve: { conditions: ['@gradcam/source', 'module', 'browser', 'import', 'default'] },
    build: {
      target: 'es2022',
      outDir: folder,
      emptyOutDir: true,
      sourcemap: false,
      modulePreload: false,
      // A file of wasm stays a file: as text in a script it would be loaded with each page.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 4000,
      rolldownOptions: {
        input: { gradcam: path.join(core, 'src/browser/index.ts') },
        preserveEntrySignatures: 'strict',
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: 'parts/[name]-[hash].js',
          assetFileNames: 'parts/[name][extname]',
        },
      },
    },
  });
  const backend = path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  mkdirSync(path.join(folder, 'parts'), { recursive: true });
  for (const file of tfjsFiles) {
    copyFileSync(path.join(backend, 'dist', file), path.join(folder, 'parts', file));
  }
  return listPackages(/** @type {import('vite').Rolldown.RolldownOutput} */ (built));
}

/** @param {import('vite').Rolldown.RolldownOutput} built */
function listPackages({ output }) {
  const modules = output.flatMap((one) => (one.type === 'chunk' ? one.moduleIds : []));
  const names = modules.flatMap((id) => {
    const inside = id.replaceAll('\\', '/').split('/node_modules/').at(-1) ?? '';
    const [name] = /^(@[^/]+\/)?[^/]+/.exec(id.includes('node_modules') ? inside : '') ?? [];
    return name === undefined || name.startsWith('@gradcam/') ? [] : [name];
  });
  // Its files of wasm are copied, and none of them is a module.
  return [...new Set([...names, '@tensorflow/tfjs-backend-wasm'])].sort();
}
