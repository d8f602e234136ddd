import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NotFoundError } from '../errors.ts';
import { isFile } from './file-source.ts';

/** `packages/converter/{src,dist}/node` is four levels below the repository's root. */
const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');

/**
 * Path of a demo net's weights, which lie in the repository.
 *
 * @throws NotFoundError outside of a clone
 */
export async function findDemoWeights(fileName: string): Promise<string> {
  const path = join(REPOSITORY, 'demo', 'weights', fileName);
  if (await isFile(path)) return path;
  throw new NotFoundError(
    path,
    `the demo weights ${fileName} are not at ${path}; run this in a clone of the repository, or pass --source`,
  );
}
