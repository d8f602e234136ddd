import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NotFoundError } from '../errors.ts';
import type { OpenOptions } from '../formats/open-weights.ts';
import { listSavedModel } from '../formats/saved-model/list-tensors.ts';
import { readSavedModel, SAVED_MODEL_FILES } from '../formats/saved-model/read-saved-model.ts';
import type { WeightFile } from '../tensors/stored-tensor.ts';
import { isFile, openFileFolder } from './file-source.ts';

/**
 * The folder of the SavedModel at a path, which is the folder or the `saved_model.pb` in it; null for any
 * other path.
 */
export async function findSavedModel(path: string): Promise<string | null> {
  if (await isFile(join(path, SAVED_MODEL_FILES.graph))) return path;
  const isGraph = basename(path) === SAVED_MODEL_FILES.graph && (await isFile(path));
  return isGraph ? dirname(path) : null;
}

/** The files of a SavedModel that a conversion reads: the graph and the variables. */
export async function listSavedModelFiles(folder: string): Promise<string[]> {
  const { graph, variables } = SAVED_MODEL_FILES;
  const names = await readdir(join(folder, variables)).catch((): string[] => []);
  const parts = names.filter((name) => name.startsWith(`${variables}.`)).sort();
  return [join(folder, graph), ...parts.map((name) => join(folder, variables, name))];
}

/** Opens a SavedModel. Its files are found by the names that TensorFlow fixes, never by one in a file. */
export async function openSavedModel(
  path: string,
  options: OpenOptions,
): Promise<{ file: WeightFile; close(): Promise<void> }> {
  const folder = openFileFolder(path);
  const variables = openFileFolder(join(path, SAVED_MODEL_FILES.variables));
  const close = async (): Promise<void> => {
    await folder.close();
    await variables.close();
  };
  try {
    const graph = await folder.open(SAVED_MODEL_FILES.graph);
    if (graph === undefined) {
      throw new NotFoundError(path, `${path} holds no ${SAVED_MODEL_FILES.graph}`);
    }
    const read = options.tensorsSuffice === true ? listSavedModel : readSavedModel;
    return { file: await read(graph, variables, options), close };
  } catch (error) {
    await close();
    throw error;
  }
}
