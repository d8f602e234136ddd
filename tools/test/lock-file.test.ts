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

/** npm leaves out other platforms' packages of a lock file that was made with node_modules in place. */
test('the lock file has the packages of every platform', () => {
  const { packages } = JSON.parse(
    readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
  ) as {
    packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }>;
  };
  const places = Object.keys(packages);
  const missing = places.flatMap((place) =>
    Object.keys(packages[place]!.optionalDependencies ?? {})
      .filter((name) => {
        const own = `${place}/node_modules/${name}`;
        return !(own in packages) && !(`node_modules/${name}` in packages);
      })
      .map((name) => `${name} of ${place}`),
  );
  expect(missing).toEqual([]);
  const sharp = places.filter((place) =>
    /^node_modules\/@img\/sharp-(win32|darwin|linux)-/.test(place),
  );
  expect(sharp.length).toBeGreaterThan(8);
});
