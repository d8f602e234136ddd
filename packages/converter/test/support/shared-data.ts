import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

/** Folder of real files that are not in the repository; `$GRADCAM_SHARED` overrides `../shared`. */
export const sharedData = join(
  resolve(process.env['GRADCAM_SHARED'] ?? join(repository, '..', 'shared')),
  'data',
);

/** `describe` where the shared files are; elsewhere the suite is skipped, with the reason in its name. */
export function describeWithSharedData(title: string, suite: () => void): void {
  if (existsSync(sharedData)) {
    describe(title, suite);
  } else {
    const reason = `skipped: no folder ${sharedData} (set GRADCAM_SHARED)`;
    console.warn(`${title}: ${reason}`);
    // The suite itself is not even collected: it reads the folder to know its tests.
    describe.skip(`${title} [${reason}]`, () => test(title, () => undefined));
  }
}
