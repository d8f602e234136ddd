import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFoundError } from '../errors.ts';
import type { OpenOptions } from '../formats/open-weights.ts';
import { listSavedModel } from '../formats/saved-model/list-tensors.ts';
import { SAVED_MODEL_FILES } from '../formats/saved-model/file-names.ts';
import { readSavedModel } from '../formats/saved-model/read-saved-model.ts';
import type { WeightFile } from '../tensors/stored-tensor.ts';
import { openFileFolder } from './file-source.ts';

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
