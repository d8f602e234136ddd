import { GradcamError } from '../base/errors.ts';
import { isOnnxName } from './model-files.ts';

/** Hugging Face's names for a repository's folder of ONNX files, and for the file that is not quantised. */
export const HUGGING_FACE = { folder: 'onnx', file: 'model.onnx' } as const;

/**
 * How many JSON files of a folder are searched for a model. A folder with more of them holds something else.
 */
export const MOST_JSON_FILES = 100;

/**
 * Chooses the ONNX file of a folder by the names of its files: `model.onnx`, or else the only `.onnx` file.
 *
 * @param where how errors name the folder.
 * @param next what the error for several ONNX files says is to be done.
 * @returns null where there is none.
 * @throws GradcamError `argument` for several ONNX files, none of which is `model.onnx`.
 */
export function chooseOnnxName(
  names: readonly string[],
  where: string,
  next?: string,
): string | null {
  const found = names.filter(isOnnxName).sort();
  if (found.includes(HUGGING_FACE.file)) return HUGGING_FACE.file;
  return onlyModel(found, where, { what: 'ONNX files', next });
}

/** How the error for several models is worded. */
interface Wording {
  readonly what?: string;
  /** What to do next. */
  readonly next?: string | undefined;
}

/**
 * The only one of the models that were found in a folder.
 *
 * @returns null where there is none.
 * @throws GradcamError `argument` for several.
 */
export function onlyModel(
  found: readonly string[],
  where: string,
  { what = 'models', next = 'give the path of one' }: Wording = {},
): string | null {
  if (found.length < 2) return found[0] ?? null;
  throw new GradcamError(
    'argument',
    `${where} holds ${found.length} ${what}, ${found.slice(0, 3).join(', ')}${found.length > 3 ? ', ..' : ''}: ${next}`,
  );
}

/**
 * Whether the text of a JSON file names the two parts of a tfjs model. The text is not parsed here; opening
 * the model does that under limits.
 */
export function isModelText(text: string): boolean {
  return text.includes('"modelTopology"') && text.includes('"weightsManifest"');
}
