import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NotFoundError } from '../errors.ts';
import { isFile } from './file-source.ts';

/**
 * Path of a demo net's weights, in a folder `demo` beside this file or above it: in the repository, and in
 * the published command, whose bundle contains this file.
 *
 * @throws NotFoundError where they are in no such folder, as for this package without the command.
 */
export async function findDemoWeights(fileName: string): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'demo', 'weights', fileName);
    if (await isFile(path)) return path;
  }
  throw new NotFoundError(
    fileName,
    `the demo weights ${fileName} were not found in a demo/weights folder above ${here}; they come with the command of @gradcam/cli; or give --source`,
  );
}
