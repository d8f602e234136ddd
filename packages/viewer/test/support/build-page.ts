import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Builds the page into a folder, so that tests need no build before them. */
export async function buildPage(outDir: string): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  await build({
    root,
    configFile: fileURLToPath(new URL('../../vite.config.ts', import.meta.url)),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  });
}
