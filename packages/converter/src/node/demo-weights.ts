import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NotFoundError } from '../errors.ts';
import { isFile } from './file-source.ts';

/**
 * Path of a demo net's weights in the repository. They are in a folder above this file, whether this file
 * is a source, a built file or part of a bundle.
 *
 * @throws NotFoundError outside a clone of the repository
 */
export async function findDemoWeights(fileName: string): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'demo', 'weights', fileName);
    if (await isFile(path)) return path;
  }
  throw new NotFoundError(
    fileName,
    `the demo weights ${fileName} were not found in a demo/weights folder above ${here}; run this in a clone of the repository, or give --source`,
  );
}
