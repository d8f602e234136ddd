import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { digestFiles } from '../src/inputs/regions/digest-files.ts';
import { makeTemporaryFolder } from './run-command.ts';

test('annotations of a folder: an edited, renamed or removed file gives another digest', async () => {
  const folder = makeTemporaryFolder();
  const names = ['cat/one.png', 'cat/two.png', 'dog/one.png'];
  for (const name of names) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), `pixels of ${name}`);
  }
  const digest = await digestFiles(folder, names);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  // The order in which a file system lists files does not matter.
  expect(await digestFiles(folder, [...names].reverse())).toBe(digest);
  expect(await digestFiles(folder, names.slice(1))).not.toBe(digest);
  writeFileSync(path.join(folder, 'cat/three.png'), 'pixels of cat/two.png');
  expect(await digestFiles(folder, ['cat/one.png', 'cat/three.png', 'dog/one.png'])).not.toBe(
    digest,
  );
  writeFileSync(path.join(folder, 'dog/one.png'), 'other pixels, of the same name');
  const edited = await digestFiles(folder, names);
  expect(edited).not.toBe(digest);
  // A file that cannot be read is an annotation all the same.
  expect(await digestFiles(folder, [...names, 'dog/gone.png'])).not.toBe(edited);
});
