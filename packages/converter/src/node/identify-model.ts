import { identifyModelFormat, type ModelFormat } from '../formats/model-format.ts';
import { isFile, openFileSource } from './file-source.ts';

/**
 * Identifies the other program whose model is at a path. It returns null if there is no such model, or
 * nothing at the path.
 */
export async function identifyModelPath(path: string): Promise<ModelFormat | null> {
  if (!(await isFile(path))) return null;
  const source = await openFileSource(path);
  return identifyModelFormat(source).finally(() => source.close());
}
