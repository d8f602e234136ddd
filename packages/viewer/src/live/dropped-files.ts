import type { ModelBlob } from '@gradcam/core/browser';
import { kerasName } from '../worker/keras-name.ts';
import type { DroppedModel, ImageSource } from './live-state.ts';

/** Files that were dropped, pasted or chosen together. */
export interface GivenFiles {
  readonly files: readonly ModelBlob[];
  /** Name of the folder that they came from; null for files without one. */
  readonly folder: string | null;
}

/** What the files are: a model, a picture, or both. */
export interface SortedFiles {
  readonly model: DroppedModel | null;
  readonly image: ImageSource | null;
}

/**
 * Names that show that a file is a model or a part of one. They include those of other programs: opening
 * such a model then says what to do with it.
 */
const modelName =
  /\.(onnx|onnx_data|data|json|bin|pb|pbtxt|h5|hdf5|keras|pt|pth|safetensors|tflite|ckpt|npz)$/i;

/** Names of pictures, which may be given together with a model. */
const pictureName = /\.(png|jpe?g|webp|gif|avif|bmp|heic|tiff?)$/i;

/**
 * Sorts files into a model and a picture. A folder is a model. If a model is among the files, the first
 * picture is the one to explain. Otherwise the first file is treated as a picture, and reading it shows
 * what it is.
 */
export function sortFiles({ files, folder }: GivenFiles): SortedFiles {
  const [first] = files;
  if (folder !== null) return { model: { name: folder, files }, image: null };
  const main = mainName(files.map(({ path }) => path));
  if (main === null) {
    const image = first === undefined ? null : { blob: first.blob, name: first.path };
    return { model: null, image };
  }
  const isPicture = ({ path }: ModelBlob): boolean => pictureName.test(path);
  const picture = files.find(isPicture);
  return {
    model: { name: main, files: files.filter((file) => !isPicture(file)) },
    image: picture === undefined ? null : { blob: picture.blob, name: picture.path },
  };
}

/**
 * The file that gives the model its name: the `.onnx` file, else the JSON file, else the file of Keras, else
 * the first file of a model.
 */
function mainName(names: readonly string[]): string | null {
  const of = (pattern: RegExp): string | undefined => names.find((name) => pattern.test(name));
  const best = of(/\.onnx$/i) ?? of(/^model\.json$/i) ?? of(kerasName);
  return best ?? of(modelName) ?? null;
}
