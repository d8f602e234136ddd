import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { chromiumPath } from './chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the page, built for this run of the tests. */
    readonly builtPage: string;
  }
}

/** Builds the page once for all tests, so that they need no build before them. */
export default async function buildPage(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'gradcam-page-'));
  project.provide('builtPage', folder);
  // Nobody would open it.
  if (chromiumPath !== undefined) {
    await build({
      root: fileURLToPath(new URL('../..', import.meta.url)),
      configFile: fileURLToPath(new URL('../../vite.config.ts', import.meta.url)),
      logLevel: 'warn',
      build: { outDir: folder, emptyOutDir: true },
    });
  }
  return () => rm(folder, { recursive: true, force: true });
}
