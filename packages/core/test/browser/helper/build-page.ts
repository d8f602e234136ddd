import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const page = fileURLToPath(new URL('../page', import.meta.url));
const helper = fileURLToPath(new URL('../../helper', import.meta.url));

/** What the suites import, and what stands in for it where there is no Node. */
const standIns: Readonly<Record<string, string>> = {
  [path.join(helper, 'engines.ts')]: path.join(page, 'engines.ts'),
  [path.join(helper, 'fixture.ts')]: path.join(page, 'fixture.ts'),
  [path.join(helper, 'rounding.ts')]: path.join(page, 'rounding.ts'),
};

const replaceNode: Plugin = {
  name: 'replace-node',
  enforce: 'pre',
  async resolveId(source, importer, options) {
    if (source === 'vitest') return { id: path.join(page, 'vitest.ts'), moduleSideEffects: true };
    const found = await this.resolve(source, importer, { ...options, skipSelf: true });
    if (found === null) return null;
    // The package says that its files have no side effects; test files have nothing else.
    const moduleSideEffects = found.id.endsWith('.test.ts') ? true : found.moduleSideEffects;
    return { ...found, id: standIns[found.id] ?? found.id, moduleSideEffects };
  },
};

/** Bundles the page with the suites, fixtures and engines into a folder. */
export async function buildPage(folder: string): Promise<void> {
  await build({
    root: page,
    base: './',
    configFile: false,
    logLevel: 'warn',
    plugins: [replaceNode],
    resolve: {
      conditions: ['@gradcam/source', 'module', 'browser', 'import', 'default'],
    },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      // tfjs hands the text of its threaded wasm loader to its workers: shortened names break it.
      minify: false,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 4096,
    },
  });
}
