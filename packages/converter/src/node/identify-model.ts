import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { RandomAccessSource } from '../bytes/source.ts';
import { identifyModelFormat, MANIFEST_NAME, type ModelFormat } from '../formats/model-format.ts';
import { detectFileKind } from '../formats/file-kind.ts';
import { readZipMembers } from '../formats/zip/central-directory.ts';
import { isFile, openFileSource } from './file-source.ts';

/**
 * Identifies a model at a path, or in the folder there, that cannot be explained as it is: that of another
 * program, or weights without a network. It returns null for anything else, and if nothing is at the path.
 */
export async function identifyModelPath(path: string): Promise<ModelFormat | null> {
  // A checkpoint of TensorFlow is called by the beginning that the names of its files share.
  const prefix = path.replace(/\.(index|data-\d{5}-of-\d{5})$/, '');
  if (await isFile(`${prefix}.index`)) {
    return describeWeights('a checkpoint of TensorFlow', basename(prefix));
  }
  if (!(await isFile(path))) {
    const names = await readdir(path).catch((): string[] => []);
    const manifest = names.find((name) => MANIFEST_NAME.test(name));
    return manifest === undefined ? null : identifyModelPath(join(path, manifest));
  }
  const source = await openFileSource(path);
  try {
    return (await identifyModelFormat(source)) ?? (await identifyWeights(source));
  } finally {
    await source.close();
  }
}

async function identifyWeights(source: RandomAccessSource): Promise<ModelFormat | null> {
  const kind = await detectFileKind(source);
  if (kind === 'table') return describeWeights('a checkpoint of TensorFlow', source.name);
  const isNumpy =
    kind === 'npy' ||
    (kind === 'zip' &&
      (await readZipMembers(source).catch(() => [])).some(({ name }) => name.endsWith('.npy')));
  return isNumpy ? describeWeights('a file of arrays of NumPy', source.name) : null;
}

function describeWeights(what: string, name: string): ModelFormat {
  return {
    what: `${what}, which holds weights alone and no network`,
    next: `if they are those of a net that gradcam convert --help lists: gradcam convert ${name} --arch <net> --out models/net; otherwise save the whole model in the program that made them, as ONNX, SavedModel or .keras`,
  };
}
