import {
  findVocabularyFile,
  isGradcamError,
  listOnnxWeightFiles,
  sidecarNames,
} from '@gradcam/core';
import { findModelJson, findOnnxPath } from '@gradcam/core/node';
import { isKerasPath } from '@gradcam/converter/node';
import { findFileInside } from '@gradcam/runs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { splitRequestPath } from './split-request-path.ts';
import { readJsonFile, readSmallFile } from './read-json.ts';

/** The facts about a model that the page receives. */
export interface ServedModel {
  readonly id: string;
  /**
   * The name of an ONNX file or a file of Keras; absent for a tfjs model, whose JSON is served as
   * `models/<id>/model.json`.
   */
  readonly file?: string;
  /** Files next to the model that describe it, such as its labels. */
  readonly beside: readonly string[];
  /** For a model that its `gradcam.json` describes as one of words: what it does with them. */
  readonly words?: 'question' | 'caption';
}

const MODEL_JSON = 'model.json';

/** The file with which a model begins. */
interface MainFile {
  readonly path: string;
  /** The name under which it is served. */
  readonly name: string;
}

/** The most bytes of a `gradcam.json`, which may hold the words themselves. */
const MAX_DESCRIPTION_BYTES = 4 * 2 ** 20;

/** The most bytes of an ONNX file whose list of weight files is read, as core reads them. */
const MAX_ONNX_BYTES = 2 ** 31;

/**
 * Lists the models in the given folders of models: those of tfjs, ONNX files, and files of Keras, each in a
 * folder of its own. A model's id is the name of its folder; if several folders have a model of one name, the
 * first folder wins.
 *
 * A symbolic link that leads out of its folder of models is left out, and so is a name that no request can
 * ask for.
 */
export async function listServedModels(folders: readonly string[]): Promise<ServedModel[]> {
  const found = new Map<string, ServedModel>();
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.sort()) {
      const isPlain = splitRequestPath(`/${encodeURIComponent(name)}`) !== null;
      if (!isPlain || found.has(name)) continue;
      const main = await findMain(folder, name);
      if (main === null) continue;
      const file = main.name === MODEL_JSON ? {} : { file: main.name };
      const words = await findRole(folder, name);
      const beside = await listBeside(folder, name);
      found.set(name, { id: name, ...file, beside, ...(words !== null && { words }) });
    }
  }
  return [...found.values()];
}

/**
 * A model's JSON, whatever the file is called, or its ONNX file or file of Keras. It is null if the model's
 * folder has none of these, or several of one kind; `loadModel` does not accept several either.
 */
async function findMain(folder: string, id: string): Promise<MainFile | null> {
  const place = path.join(folder, id);
  try {
    const json = findModelJson(place);
    const found = json ?? findOnnxPath(place) ?? (await findKeras(place));
    if (found === null || path.dirname(found) !== place) return null;
    const file = path.basename(found);
    const inside = await findFileInside(folder, [id, file]);
    if (inside === null) return null;
    return { path: inside, name: json === null ? file : MODEL_JSON };
  } catch (error) {
    if (isGradcamError(error, 'argument')) return null;
    throw error;
  }
}

/** The only file of Keras in a folder; the page converts it. */
async function findKeras(folder: string): Promise<string | null> {
  const names = await readdir(folder).catch((): string[] => []);
  const [only, ...others] = names.filter((name) => /\.(keras|h5|hdf5)$/i.test(name));
  if (only === undefined || others.length > 0) return null;
  const file = path.join(folder, only);
  return (await isKerasPath(file)) ? file : null;
}

async function listBeside(folder: string, id: string): Promise<string[]> {
  const files = await readdir(path.join(folder, id)).catch(() => []);
  return files.filter((file) => sidecarNames.includes(file));
}

/**
 * Finds the file of a model that a request names: the model's JSON, which is requested as `model.json`, its
 * ONNX file or its file of Keras; a weight file that the model lists; or a file beside the model that
 * describes it, such as its labels or its words. No other file in the model's folder is served.
 *
 * @param names the model's id, then the names along the path in its folder.
 */
export async function findModelFile(
  folders: readonly string[],
  [id = '', ...names]: readonly string[],
): Promise<string | null> {
  for (const folder of folders) {
    const main = await findMain(folder, id);
    if (main === null) continue;
    const wanted = names.join('/');
    if (wanted === main.name) return main.path;
    const isListed =
      sidecarNames.includes(wanted) ||
      (await findWords(folder, id)) === wanted ||
      (await listWeightFiles(main)).includes(wanted);
    return isListed ? findFileInside(folder, [id, ...names]) : null;
  }
  return null;
}

/** What a model does with words, as its `gradcam.json` states; null for a model of pictures alone. */
async function findRole(folder: string, id: string): Promise<ServedModel['words'] | null> {
  const file = await findFileInside(folder, [id, 'gradcam.json']);
  const bytes =
    file === null ? null : await readSmallFile(file, MAX_DESCRIPTION_BYTES).catch(() => null);
  if (bytes === null) return null;
  try {
    const described = JSON.parse(new TextDecoder().decode(bytes)) as { text?: { role?: unknown } };
    const role = described.text?.role;
    return role === 'question' || role === 'caption' ? role : null;
  } catch {
    // The page reports what is wrong with the file when it opens the model.
    return null;
  }
}

/** The file with the words of a model that reads or writes them, as `gradcam.json` names it. */
async function findWords(folder: string, id: string): Promise<string | null> {
  const file = await findFileInside(folder, [id, 'gradcam.json']);
  if (file === null) return null;
  const bytes = await readSmallFile(file, MAX_DESCRIPTION_BYTES).catch(() => null);
  return bytes === null ? null : findVocabularyFile(bytes);
}

/** Paths of a model's weight files; none if the model is broken, which the page reports itself. */
async function listWeightFiles({ path, name }: MainFile): Promise<readonly unknown[]> {
  try {
    if (/\.onnx$/i.test(name)) {
      const bytes = await readSmallFile(path, MAX_ONNX_BYTES);
      return bytes === null ? [] : listOnnxWeightFiles(bytes, name);
    }
    if (name !== MODEL_JSON) return [];
    const { weightsManifest } = (await readJsonFile(path)) as {
      weightsManifest: readonly { readonly paths: readonly unknown[] }[];
    };
    return weightsManifest.flatMap(({ paths }) => paths);
  } catch {
    return [];
  }
}
