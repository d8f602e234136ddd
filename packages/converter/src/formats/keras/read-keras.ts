import {
  CHUNK_BYTES,
  MAX_INFLATED_WEIGHTS_BYTES,
  MAX_MODEL_JSON_BYTES,
} from '../../bytes/limits.ts';
import { namingFile } from '../../tensors/name-file.ts';
import { createMemorySource, sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import { FormatError, LimitError, UnsupportedError } from '../../errors.ts';
import type { StoredTensor, WeightFile } from '../../tensors/stored-tensor.ts';
import { readHdf5, type Hdf5Content } from '../hdf5/read-hdf5.ts';
import { readZipMembers, type ZipMember } from '../zip/central-directory.ts';
import { findMemberData, openZipMember } from '../zip/open-member.ts';
import { KERAS_MEMBERS } from './archive-members.ts';
import { NO_LAYER, type AssignedWeights } from './assign-weights.ts';
import { isObject, KERAS, parseConfig, type Json } from './json.ts';
import { replaceLambdas } from './lambda-layers.ts';
import { readLayerTree, type KerasLayer } from './layer-tree.ts';
import { assignLegacyWeights } from './legacy-weights.ts';
import { assignNumberedWeights } from './numbered-weights.ts';
import { writePlainTopology, type PlainTopology } from './plain-topology.ts';
import { upgradeKeras1 } from './upgrade-keras1.ts';

/** A file of Keras: a whole model, or weights alone. */
export interface KerasFile extends WeightFile {
  readonly format: 'keras-h5' | 'keras-zip';
  /** The model; null for a file of weights alone. */
  readonly model: KerasModel | null;
}

/** A model of a Keras file, as tfjs has it. */
export interface KerasModel extends PlainTopology {
  readonly name: string;
  /** The version of Keras that wrote the file. */
  readonly version: string;
  /** The layers that are no models: the names with the models around them, and the classes. */
  readonly layers: readonly { readonly name: string; readonly className: string }[];
  readonly weights: AssignedWeights;
}

/** Groups with the state of the optimizer, which a model does not need. */
const OPTIMIZER = /^(optimizer_weights|optimizer|_optimizer)$/;
const isOptimizer = (path: string): boolean => OPTIMIZER.test(path);

/** Whether an HDF5 file has no model, only tensors. */
export async function holdsWeightsAlone(source: RandomAccessSource): Promise<boolean> {
  const { groups } = await readHdf5(source, isOptimizer);
  return !groups.get('')!.attributes.has('model_config');
}

/**
 * Reads an HDF5 file of Keras: a whole model of Keras 1 to 3 (attribute `model_config`), or weights alone.
 *
 * @param architecture a file of `model.to_json()`, for weights alone. It must fit them exactly.
 * @throws FormatError, LimitError, UnsupportedError
 */
export function readKerasHdf5(
  source: RandomAccessSource,
  architecture?: RandomAccessSource,
): Promise<KerasFile> {
  return namingFile(source.name, () => readHdf5Model(source, architecture));
}

async function readHdf5Model(
  source: RandomAccessSource,
  architecture: RandomAccessSource | undefined,
): Promise<KerasFile> {
  const content = await readHdf5(source, isOptimizer);
  const attributes = content.groups.get('')!.attributes;
  const config = attributes.get('model_config');
  if (config === undefined) {
    return architecture === undefined
      ? weightsAlone(content)
      : joinArchitecture(source, content, architecture);
  }
  if (architecture !== undefined) {
    throw new UnsupportedError(
      'architecture of a Keras model',
      `${source.name} is a whole model of Keras, which has its own architecture; leave out ${architecture.name}`,
    );
  }
  if (typeof config !== 'string') {
    throw new FormatError(KERAS, `${source.name}: expected a text as model_config, found a list`);
  }
  const stated =
    attributes.get('keras_version') ??
    content.groups.get('model_weights')?.attributes.get('keras_version');
  const version = typeof stated === 'string' ? stated : '1';
  const parsed = parseConfig(config, `model_config of ${source.name}`);
  const model = version.startsWith('1') ? upgradeKeras1(parsed, source.name) : parsed;
  return wholeModel('keras-h5', source.name, content, model, version, (tree) =>
    assignLegacyWeights(tree, content, 'model_weights', source.name),
  );
}

/** Reads the model of a file of weights alone from another file. */
async function joinArchitecture(
  source: RandomAccessSource,
  content: Hdf5Content,
  architecture: RandomAccessSource,
): Promise<KerasFile> {
  const { name, byteLength } = architecture;
  const text = new TextDecoder().decode(await architecture.read(0, byteLength));
  const parsed = parseConfig(text, name);
  const version = typeof parsed['keras_version'] === 'string' ? parsed['keras_version'] : '1';
  const model = version.startsWith('1') ? upgradeKeras1(parsed, name) : parsed;
  const { attributes } = content.groups.get('')!;
  const isLegacy = attributes.has('layer_names') || attributes.has('layer_names0');
  const file = `${source.name} with the layers of ${name}`;
  const read = wholeModel('keras-h5', file, content, model, version, (tree) =>
    isLegacy
      ? assignLegacyWeights(tree, content, '', file)
      : assignNumberedWeights(tree, content, file),
  );
  const left = read.model!.weights.unused.filter(({ reason }) => reason === NO_LAYER);
  if (left.length > 0) {
    throw new FormatError(
      KERAS,
      `${file}: no layer takes ${left[0]!.name} (${left.length} of the weights are left over); give the architecture of these weights`,
    );
  }
  return {
    ...read,
    notes: [
      `the layers were read from ${name}, since ${source.name} holds weights alone`,
      ...(read.notes ?? []),
    ],
  };
}

/**
 * Reads a `.keras` archive of Keras 3, or of Keras 2.12 and later: a zip of the configuration and an HDF5
 * file with the weights. All bytes of the weights are read once, for the checksum of the zip.
 *
 * @throws FormatError, ChecksumError, LimitError, UnsupportedError
 */
export function readKerasArchive(source: RandomAccessSource): Promise<KerasFile> {
  return namingFile(source.name, () => readArchive(source));
}

async function readArchive(source: RandomAccessSource): Promise<KerasFile> {
  const members = new Map((await readZipMembers(source)).map((member) => [member.name, member]));
  const config = parseConfig(
    await readText(source, members.get(KERAS_MEMBERS.config)!),
    `${KERAS_MEMBERS.config} of ${source.name}`,
  );
  const metadata = members.get(KERAS_MEMBERS.metadata);
  const facts: Json =
    metadata === undefined
      ? {}
      : parseConfig(
          await readText(source, metadata),
          `${KERAS_MEMBERS.metadata} of ${source.name}`,
        );
  const version = typeof facts['keras_version'] === 'string' ? facts['keras_version'] : '3';
  const weights = await openWeightsMember(source, members.get(KERAS_MEMBERS.weights)!);
  const content = await readHdf5(weights, isOptimizer);
  return wholeModel('keras-zip', source.name, content, config, version, (tree) =>
    assignNumberedWeights(tree, content, source.name),
  );
}

function wholeModel(
  format: KerasFile['format'],
  file: string,
  content: Hdf5Content,
  config: Json,
  version: string,
  assign: (tree: KerasLayer) => AssignedWeights,
): KerasFile {
  const { model, notes } = replaceLambdas(config);
  const tree = readLayerTree(model, file);
  const weights = assign(tree);
  const plain = writePlainTopology(model, version, file);
  const repeated = weights.repeated.map(
    (name) => `${name}: two layers of this name in models inside the model`,
  );
  return {
    format,
    tensors: weights.weights.map(({ tensor }) => tensor),
    skipped: [...weights.unused, ...content.skipped],
    ...(notes.length > 0 && { notes }),
    model: {
      ...plain,
      lacks: [...plain.lacks, ...repeated],
      name: tree.name,
      version,
      layers: listLayers(tree),
      weights,
    },
  };
}

function listLayers(model: KerasLayer, prefix = ''): { name: string; className: string }[] {
  return (model.layers ?? []).flatMap((layer) =>
    layer.layers === null
      ? [{ name: prefix + layer.name, className: layer.className }]
      : listLayers(layer, `${prefix}${layer.name}/`),
  );
}

/** The tensors of a file without a model, by their paths in it. */
function weightsAlone(content: Hdf5Content): KerasFile {
  const tensors = [...content.tensors.values()].map((tensor): StoredTensor => ({
    ...tensor,
    name: tensor.name.replace(/^model_weights\//, '').replace(/:\d+$/, ''),
  }));
  return { format: 'keras-h5', tensors, skipped: content.skipped, model: null };
}

async function readText(source: RandomAccessSource, member: ZipMember): Promise<string> {
  if (member.byteLength > MAX_MODEL_JSON_BYTES) {
    throw new LimitError(`${member.name} in bytes`, MAX_MODEL_JSON_BYTES, member.byteLength);
  }
  const opened = await openZipMember(source, member);
  try {
    return new TextDecoder().decode(await opened.read(0, opened.byteLength));
  } finally {
    await opened.close?.();
  }
}

/**
 * Opens the weights of an archive for access at any place. Keras stores them without compression; what
 * another program has compressed is unpacked in memory.
 */
async function openWeightsMember(
  source: RandomAccessSource,
  member: ZipMember,
): Promise<RandomAccessSource> {
  const { byteLength } = member;
  const opened = await openZipMember(source, member);
  const isStored = byteLength === member.compressedBytes && member.method === 0;
  if (!isStored && byteLength > MAX_INFLATED_WEIGHTS_BYTES) {
    throw new UnsupportedError(
      'large compressed weights',
      `${source.name}: its ${member.name} has ${byteLength} bytes and is compressed, more than the limit of ${MAX_INFLATED_WEIGHTS_BYTES}; pack it again without compression (zip -0)`,
    );
  }
  const whole = isStored ? null : new Uint8Array(byteLength);
  try {
    for (let offset = 0; offset < byteLength; offset += CHUNK_BYTES) {
      const part = await opened.read(offset, Math.min(CHUNK_BYTES, byteLength - offset));
      whole?.set(part, offset);
    }
  } finally {
    await opened.close?.();
  }
  const name = `${member.name} in ${source.name}`;
  if (whole !== null) return createMemorySource(name, whole);
  const slice = sliceSource(source, await findMemberData(source, member), byteLength);
  return { ...slice, name };
}

/** Whether a value of `openWeights` is a whole model of Keras. */
export function isKerasModel(file: WeightFile): file is KerasFile & { readonly model: KerasModel } {
  return 'model' in file && isObject(file.model);
}
