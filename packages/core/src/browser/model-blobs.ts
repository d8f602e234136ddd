import { GradcamError } from '../base/errors.ts';
import {
  chooseOnnxName,
  HUGGING_FACE,
  isModelText,
  MOST_JSON_FILES,
  onlyModel,
} from '../readers/choose-model-file.ts';
import { checkFileSize, isOnnxName, type ModelFiles } from '../readers/model-files.ts';
import { MAX_MODEL_JSON_BYTES } from '../readers/model-json.ts';

const ONE_ONLY = 'give the files of one';

/** A file that was dropped on a page or chosen there. */
export interface ModelBlob {
  /**
   * The path in the model's folder, with `/` between its parts. For a file without a folder, this is only
   * its name.
   */
  readonly path: string;
  readonly blob: Blob;
}

/**
 * Most bytes that are read of one model. WebAssembly has 4 GiB of memory, in which an engine keeps the
 * weights twice while it arranges them.
 */
const MAX_MODEL_BYTES = 2 ** 31;

/**
 * Opens a model whose files were dropped on a page or chosen there: a tfjs `model.json` (or the only JSON
 * file that holds a model) with its weights, or an ONNX file with the files that hold its weights. Like
 * `openModelFolder` of `@gradcam/core/node` it finds the ONNX file of a Hugging Face repository in its
 * folder `onnx`, and reads the files that describe the model (labels, `preprocessor_config.json`).
 *
 * Weight files are found by the paths that the model states, or else by their base names among the files
 * without a folder, as files that were chosen one by one are. In another folder a file of the same name may
 * belong to another model. No other files are read.
 *
 * Reading throws GradcamError `model` for a file that was not given, for a file that is larger than its
 * reader expects, and where all files of the model together exceed 2 GiB.
 *
 * @param name how errors name the files.
 * @throws GradcamError `model` where no file is a model; `argument` for several models.
 */
export async function openModelBlobs(
  files: readonly ModelBlob[],
  name = 'the given files',
): Promise<ModelFiles> {
  const byPath = new Map(files.map(({ path, blob }) => [path, blob]));
  const main = await findMain(byPath, name);
  const isOnnx = isOnnxName(main);
  const folder = folderOf(main);
  const mainName = isOnnx ? baseName(main) : 'model.json';
  const needed = new Map<string, number>();
  const around = folder === `${HUGGING_FACE.folder}/` ? [folder, ''] : [folder];
  return {
    location: name,
    ...(isOnnx ? { onnx: mainName } : {}),
    async readFile(file, maxBytes) {
      const path = file === mainName ? main : findWeights(file, [...byPath.keys()], folder);
      if (path === null) {
        throw new GradcamError(
          'model',
          `${name}: no file ${file}, which ${baseName(main)} needs; give it together with ${baseName(main)}`,
        );
      }
      const blob = byPath.get(path)!;
      needed.set(path, blob.size);
      const sum = [...needed.values()].reduce((all, size) => all + size, 0);
      checkFileSize(sum, MAX_MODEL_BYTES, `${name}: all that the model needs`);
      return readBlob(blob, maxBytes, `${name}: file ${path}`);
    },
    async readOptional(file, maxBytes) {
      const path = around.map((place) => place + file).find((one) => byPath.has(one));
      if (path === undefined) return null;
      return readBlob(byPath.get(path)!, maxBytes, `${name}: file ${path}`);
    },
  };
}

/** The path of the model itself: see {@link openModelBlobs}. */
async function findMain(files: ReadonlyMap<string, Blob>, where: string): Promise<string> {
  const inFolder = (folder: string): string[] =>
    [...files.keys()]
      .filter((path) => folderOf(path) === folder)
      .map((path) => path.slice(folder.length));
  const top = inFolder('');
  if (top.includes('model.json')) return 'model.json';
  const json = onlyModel(await listModelJson(top, files), where, { next: ONE_ONLY });
  if (json !== null) return json;
  const usual = `${HUGGING_FACE.folder}/`;
  const onnx =
    chooseOnnxName(top, where, ONE_ONLY) ??
    prefixed(usual, chooseOnnxName(inFolder(usual), where, ONE_ONLY));
  if (onnx !== null) return onnx;
  const deeper = [...files.keys()].find(
    (path) => isOnnxName(path) || baseName(path) === 'model.json',
  );
  throw new GradcamError(
    'model',
    deeper === undefined
      ? `${where}: no model was found; expected an .onnx file, or a model.json of TensorFlow.js with its weight files; gradcam convert makes one of Keras, PyTorch and TensorFlow files`
      : `${where}: no model was found at its top; give the folder of ${deeper}`,
  );
}

async function listModelJson(
  names: readonly string[],
  files: ReadonlyMap<string, Blob>,
): Promise<string[]> {
  const all = names.filter((file) => file.toLowerCase().endsWith('.json')).sort();
  if (all.length > MOST_JSON_FILES) return [];
  const found: string[] = [];
  for (const file of all) {
    const blob = files.get(file)!;
    if (blob.size > MAX_MODEL_JSON_BYTES) continue;
    if (isModelText(await blob.text())) found.push(file);
  }
  return found;
}

/** The path of a weight file that the model states; null where it was not given. */
function findWeights(stated: string, paths: readonly string[], folder: string): string | null {
  for (const file of [stated, decoded(stated)]) {
    if (paths.includes(folder + file)) return folder + file;
    if (paths.includes(baseName(file))) return baseName(file);
  }
  return null;
}

/** A manifest that was made for the web may percent-encode its names. */
function decoded(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}

async function readBlob(
  blob: Blob,
  maxBytes: number | undefined,
  where: string,
): Promise<Uint8Array> {
  checkFileSize(blob.size, maxBytes, where);
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    // A file that was changed or removed after it was dropped, or one for which there is no memory.
    const [reason] = (cause as Error).message.split('\n');
    throw new GradcamError('model', `${where} cannot be read (${reason}); give it again`, {
      cause,
    });
  }
}

function prefixed(folder: string, name: string | null): string | null {
  return name === null ? null : folder + name;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
