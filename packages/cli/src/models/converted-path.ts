import { isKerasPath, isTorchPath } from '@gradcam/converter/node';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

const CONVERTED = /\.(h5|hdf5|keras|pth|pt|safetensors)$/i;

/**
 * Whether a path is a file of another program that is converted into the cache: of Keras or of PyTorch.
 */
export async function isConvertedPath(path: string): Promise<boolean> {
  return (await isKerasPath(path)) || (await isTorchPath(path));
}

/**
 * The only file of Keras or PyTorch in a folder, as Teachable Machine's export has one beside its labels.
 *
 * @returns null for any other folder, and for one with several such files.
 */
export async function findConvertedFile(folder: string): Promise<string | null> {
  const names = await readdir(folder).catch((): string[] => []);
  const [only, ...others] = names.filter((name) => CONVERTED.test(name));
  if (only === undefined || others.length > 0) return null;
  const file = path.join(folder, only);
  return (await isConvertedPath(file)) ? file : null;
}
