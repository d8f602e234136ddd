// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES = fileURLToPath(new URL('../../packages', import.meta.url));

/**
 * Reads a file of a package's test fixtures.
 *
 * @param {string} file e.g. `converter/npy/stored.npz`
 */
export function readFixture(file) {
  const [name, ...rest] = file.split('/');
  return new Uint8Array(readFileSync(path.join(PACKAGES, name, 'test/fixtures', ...rest)));
}

/**
 * Files of a fixture folder, by name.
 *
 * @param {string} folder e.g. `converter/npy`
 * @param {RegExp} pattern
 */
export function listFixtures(folder, pattern) {
  const [name, ...rest] = folder.split('/');
  const names = readdirSync(path.join(PACKAGES, name, 'test/fixtures', ...rest));
  return names.filter((file) => pattern.test(file)).sort();
}

/**
 * Makes a seed from each file.
 *
 * @param {string} folder
 * @param {RegExp} pattern
 * @returns {import('./target.mjs').Input[]}
 */
export function fixtureSeeds(folder, pattern) {
  return listFixtures(folder, pattern).map((file) => ({
    name: file,
    open: file,
    files: { [file]: readFixture(`${folder}/${file}`) },
  }));
}

/**
 * Makes a seed from all files of a model folder.
 *
 * @param {string} folder
 * @returns {import('./target.mjs').Input}
 */
export function modelSeed(folder) {
  const names = listFixtures(folder, /^model\.json$|\.bin$/);
  return {
    name: path.basename(folder),
    open: 'model.json',
    files: Object.fromEntries(names.map((file) => [file, readFixture(`${folder}/${file}`)])),
  };
}
