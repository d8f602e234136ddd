import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { identifyModelFormat, MANIFEST_NAME, type ModelFormat } from '../formats/model-format.ts';
import { isFile, openFileSource } from './file-source.ts';

/**
 * Identifies the other program whose model is at a path, or in the folder there. It returns null if there is
 * no such model, or nothing at the path.
 */
export async function identifyModelPath(path: string): Promise<ModelFormat | null> {
  if (!(await isFile(path))) {
    const names = await readdir(path).catch((): string[] => []);
    const manifest = names.find((name) => MANIFEST_NAME.test(name));
    return manifest === undefined ? null : identifyModelPath(join(path, manifest));
  }
  const source = await openFileSource(path);
  return identifyModelFormat(source).finally(() => source.close());
}
