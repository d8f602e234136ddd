import { GradcamError, isGradcamError } from '../../base/errors.ts';
import { measureJson } from '../json-extent.ts';
import type { ModelFiles } from '../model-files.ts';
import { holdsNames } from '../labels/label-json.ts';
import { decodeLabels, parseLabels } from '../labels/labels.ts';
import { AUTOML_FILE, autoMlInput, readCustomVision } from './exporters.ts';
import { DESCRIPTION_FILE, readGradcamJson } from './gradcam-json.ts';
import { isHuggingFace, readHuggingFaceConfig, readPreprocessor } from './hugging-face.ts';
import { fail, isRecord, type Json } from './json-fields.ts';
import { noSidecars, type Sidecar, type Sidecars } from './sidecar.ts';
import { isTeachableMachine, readTeachableMachine, refuseOtherKinds } from './teachable-machine.ts';
import { isTimm, readTimm } from './timm.ts';

/**
 * Most bytes of one such file. 21,841 names of ImageNet in both directions take less than 2 MiB.
 */
export const MAX_SIDECAR_BYTES = 4 * 1024 * 1024;

/** Most levels of lists and objects. The settings of a model are almost flat. */
const MAX_SIDECAR_DEPTH = 64;
/** Most values. Names of a million classes are refused; no model has so many. */
const MAX_SIDECAR_VALUES = 500_000;

/** Reads one file; null where the file says nothing about an image model. */
type Reader = (file: string, text: string) => Sidecar | null;

/**
 * The files to look for, the most trusted first: our own file, files that a program wrote with the
 * model, and lists of names.
 */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [DESCRIPTION_FILE, (file, text) => readGradcamJson(parse(file, text))],
  [
    'metadata.json',
    fromJson((file, json) => {
      refuseOtherKinds(file, json);
      if (isTeachableMachine(json)) return readTeachableMachine(file, json);
      return readNamesWithin(file, json);
    }),
  ],
  ['preprocessor_config.json', fromJson(readPreprocessor)],
  ['config.json', fromJson(readConfig)],
  ['cvexport.manifest', fromJson(readCustomVision)],
  [AUTOML_FILE, (file, text) => ({ file, classNames: parseLabels(text), input: autoMlInput })],
  ...[
    ...['labels.txt', 'labels.json', 'labels.csv', 'label.txt', 'classes.txt', 'classes.json'],
    ...['class_names.txt', 'class_names.json', 'class_indices.json', 'imagenet_class_index.json'],
    ...['imagenet_classes.txt', 'synset.txt', 'synset_words.txt', 'synsets.txt'],
    ...['label_map.json', 'class_to_idx.json', 'index_to_name.json'],
    // Pages of TensorFlow.js keep their names in scripts, the Object Detection API in label maps.
    ...['labels.js', 'classes.js', 'class_names.js', 'imagenet_classes.js'],
    ...['label_map.pbtxt', 'labelmap.pbtxt'],
    // Ultralytics writes `metadata.yaml`, and its data sets have `data.yaml`.
    ...['metadata.yaml', 'data.yaml'],
  ].map((file): [string, Reader] => [file, readNames]),
]);

/** Names of the files that may lie beside a model and describe it, the most trusted first. */
export const sidecarNames: readonly string[] = [...readers.keys()];

/**
 * Reads the files beside a model that describe it. A file that cannot be read is not used, and a note
 * says so. A mistake in `gradcam.json`, which was written for this program, is an error.
 *
 * @throws GradcamError `model` for a `gradcam.json` with a mistake, `unsupported` for a file that says that
 *   the model takes no pictures.
 */
export async function readSidecars(files: ModelFiles): Promise<Sidecars> {
  if (files.readOptional === undefined) return noSidecars;
  const read = files.readOptional.bind(files);
  const notUsed: string[] = [];
  const found: Sidecar[] = [];
  for (const { file, sidecar, reason } of await Promise.all(
    [...readers].map(([file, reader]) => readOne(file, reader, read)),
  )) {
    if (sidecar !== null) found.push(sidecar);
    if (reason !== null) notUsed.push(`${file}: ${reason}`);
  }
  return { found, notUsed };
}

async function readOne(
  file: string,
  reader: Reader,
  read: NonNullable<ModelFiles['readOptional']>,
): Promise<{ file: string; sidecar: Sidecar | null; reason: string | null }> {
  try {
    const bytes = await read(file, MAX_SIDECAR_BYTES);
    if (bytes === null) return { file, sidecar: null, reason: null };
    checkExtent(file, bytes);
    return { file, sidecar: reader(file, decodeLabels(bytes)), reason: null };
  } catch (error) {
    // A file that says that the model takes no pictures is believed.
    if (!isGradcamError(error) || error.kind === 'unsupported') throw error;
    if (file === DESCRIPTION_FILE) throw error;
    return { file, sidecar: null, reason: error.message };
  }
}

function checkExtent(file: string, bytes: Uint8Array): void {
  if (!/\.(json|manifest)$/.test(file)) return;
  const { depth, values } = measureJson(bytes);
  if (depth <= MAX_SIDECAR_DEPTH && values <= MAX_SIDECAR_VALUES) return;
  throw new GradcamError(
    'model',
    `it has ${depth} levels and ${values} values, the limits are ${MAX_SIDECAR_DEPTH} and ${MAX_SIDECAR_VALUES}`,
  );
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text.trim());
  } catch (cause) {
    throw new GradcamError('model', `${file} is not JSON`, { cause });
  }
}

function fromJson(read: (file: string, json: Json) => Sidecar | null): Reader {
  return (file, text) => {
    const json = parse(file, text);
    return isRecord(json) ? read(file, json) : fail(file, 'an object', json);
  };
}

/** Reads a `config.json` of timm, of Hugging Face, or of another program where it has names of classes. */
function readConfig(file: string, json: Json): Sidecar | null {
  if (isTimm(json)) return readTimm(file, json);
  return isHuggingFace(json) ? readHuggingFaceConfig(file, json) : readNamesWithin(file, json);
}

/** Reads the names in a file of settings of an unknown program; null where it has none. */
function readNamesWithin(file: string, json: Json): Sidecar | null {
  return holdsNames(json) ? readNames(file, JSON.stringify(json)) : null;
}

/** Reads a list of names; null for YAML without names. */
function readNames(file: string, text: string): Sidecar | null {
  if (file.endsWith('.yaml') && !/^names[ \t]*:/m.test(text)) return null;
  const classNames = parseLabels(text);
  return classNames.labels.length === 0 ? null : { file, classNames };
}
