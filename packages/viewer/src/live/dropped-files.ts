import type { ModelBlob } from '@gradcam/core/browser';
import type { DroppedModel, ImageSource } from './live-state.ts';

/** Files that were dropped, pasted or chosen at once. */
export interface GivenFiles {
  readonly files: readonly ModelBlob[];
  /** Name of the folder that they are from; null for files without one. */
  readonly folder: string | null;
}

/** What was given: a model, a picture, or both. */
export interface SortedFiles {
  readonly model: DroppedModel | null;
  readonly image: ImageSource | null;
}

/**
 * Names that say that a file is a model or a part of one. Those of other programs are among them: opening
 * such a model says what to do with it.
 */
const modelName =
  /\.(onnx|onnx_data|data|json|bin|pb|pbtxt|h5|hdf5|keras|pt|pth|safetensors|tflite|ckpt|npz)$/i;

/** Names of pictures, which may be given together with a model. */
const pictureName = /\.(png|jpe?g|webp|gif|avif|bmp|heic|tiff?)$/i;

/**
 * Sorts files into a model and a picture. A folder is a model. Of files with a model among them, the first
 * picture is the one to explain; without one, the first file is taken for a picture, and reading it says what
 * it is.
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

/** The file by which a model is called: its `.onnx` file, its JSON, else the first that is of a model. */
function mainName(names: readonly string[]): string | null {
  const of = (pattern: RegExp): string | undefined => names.find((name) => pattern.test(name));
  return of(/\.onnx$/i) ?? of(/^model\.json$/i) ?? of(modelName) ?? null;
}
