import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** Extensions of the files that are taken from a folder. */
const imageExtensions: ReadonlySet<string> = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  '.webp',
  '.gif',
  '.tif',
  '.tiff',
  '.avif',
]);

/**
 * The image files that the arguments mean: files as they are, folders with all images below them, in
 * the order of their names.
 *
 * @throws CommandError 66 for an argument that is not there, and where no image is found at all.
 */
export async function listImages(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const given of paths) {
    const stats = await stat(given).catch(() => null);
    if (stats === null)
      throw new CommandError(exitCodes.noInput, `${given}: no such file or folder`);
    if (stats.isDirectory()) found.push(...(await listFolder(given)));
    else found.push(given);
  }
  if (found.length === 0) {
    throw new CommandError(exitCodes.noInput, `no images in ${paths.join(', ')}`);
  }
  return [...new Set(found)];
}

async function listFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: string[] = [];
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) found.push(...(await listFolder(file)));
    else if (imageExtensions.has(path.extname(entry.name).toLowerCase())) found.push(file);
  }
  return found;
}
