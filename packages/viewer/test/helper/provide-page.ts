import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the built page. */
    readonly builtPage: string;
  }
}

/** Tells the tests where the page is, which was built before. */
export default function providePage(project: TestProject): void {
  project.provide('builtPage', fileURLToPath(new URL('../../dist', import.meta.url)));
}
