import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/**
 * npm runs install scripts of the packages that the lock file marks as having one, and npm 10 has no other way
 * to deny them: ONNX Runtime's downloads CUDA files. Nothing here needs a script of its dependencies.
 */
test('no package of the lock file is marked as having an install script', () => {
  const { packages } = JSON.parse(
    readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
  ) as { packages: Record<string, { hasInstallScript?: boolean }> };
  const marked = Object.keys(packages).filter((place) => packages[place]!.hasInstallScript);
  expect(marked, 'remove their lines "hasInstallScript": true').toEqual([]);
});
