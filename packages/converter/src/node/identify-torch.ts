import { isConverterError } from '../errors.ts';
import { detectFileKind } from '../formats/file-kind.ts';
import { isTorchArchive } from '../formats/torch/container-kind.ts';
import { readZipMembers } from '../formats/zip/central-directory.ts';
import { isFile, openFileSource } from './file-source.ts';

/**
 * Whether a path is a file of PyTorch that {@link convertModel} reads: `.pth`, `.pt` or `.safetensors`. Its
 * bytes decide, and its name where they tell nothing, so that a damaged file is called damaged.
 *
 * @example
 * ```ts
 * if (await isTorchPath('net.pth')) await convertModel({ source: 'net.pth', out: 'models/net' });
 * ```
 */
export async function isTorchPath(path: string): Promise<boolean> {
  if (!(await isFile(path))) return false;
  const source = await openFileSource(path);
  try {
    const kind = await detectFileKind(source);
    if (kind === 'zip') return isTorchArchive(await readZipMembers(source));
    if (kind === 'torch-legacy' || kind === 'torch-tar' || kind === 'safetensors') return true;
    return kind === 'unknown' && isCalledTorch(path);
  } catch (error) {
    if (isConverterError(error)) return isCalledTorch(path);
    throw error;
  } finally {
    await source.close();
  }
}

function isCalledTorch(path: string): boolean {
  return /\.(pth|pt|safetensors)$/i.test(path);
}
