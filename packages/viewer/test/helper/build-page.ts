import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { chromiumPath } from './chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the built page. */
    readonly builtPage: string;
  }
}

/** Builds the page once for all tests; Nx answers from its cache where nothing has changed. */
export default function buildPage(project: TestProject): void {
  project.provide('builtPage', fileURLToPath(new URL('../../dist', import.meta.url)));
  // Nobody would open it.
  if (chromiumPath === undefined) return;
  execFileSync('npx', ['nx', 'run', 'viewer:build', '--outputStyle=static'], {
    cwd: fileURLToPath(new URL('../../../..', import.meta.url)),
    env: { ...process.env, NX_DAEMON: 'false' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
