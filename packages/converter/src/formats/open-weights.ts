import { FormatError, NotFoundError, UnsupportedError } from '../errors.ts';
import type { RandomAccessSource, SourceFolder } from '../bytes/source.ts';
import type { WeightFile } from '../tensors/stored-tensor.ts';
import { detectFileKind, type FileKind } from './file-kind.ts';
import { identifyModelFormat } from './model-format.ts';
import { readCheckpointV1 } from './checkpoint/v1-slices.ts';
import { readCheckpointV2 } from './checkpoint/v2-bundle.ts';
import { isFrozenGraph } from './graph-def/is-frozen-graph.ts';
import { readFrozenGraph, type FrozenGraphOptions } from './graph-def/read-frozen-graph.ts';
import { listFrozenGraph } from './saved-model/list-tensors.ts';
import type { SavedModelOptions } from './saved-model/read-saved-model.ts';
import { isKerasArchive } from './keras/archive-members.ts';
import { readKerasArchive, readKerasHdf5 } from './keras/read-keras.ts';
import { readNpy } from './npy/read-npy.ts';
import { readNpz } from './npy/read-npz.ts';
import { readWebWeights } from './tfjs/read-web-weights.ts';
import { readLayersModel } from './tfjs/read-layers-model.ts';
import { readSafetensors } from './safetensors/read-safetensors.ts';
import { isTorchArchive } from './torch/container-kind.ts';
import { readTorchArchive } from './torch/read-torch-archive.ts';
import { readTorchLegacy } from './torch/read-torch-legacy.ts';
import { readTorchTar } from './torch/read-torch-tar.ts';
import { readZipMembers } from './zip/central-directory.ts';
import { readFirstEntry } from './sstable/read-table.ts';

/** What is read of a file of weights or a graph of TensorFlow. */
export interface OpenOptions extends SavedModelOptions, FrozenGraphOptions {
  /** Whether only the tensors are read of a graph that cannot be converted. */
  readonly tensorsSuffice?: boolean | undefined;
  /** A file of `model.to_json()` of Keras, for a file with the weights of the model alone. */
  readonly architecture?: RandomAccessSource | undefined;
}

const BUNDLE_PART = /\.(index|data-\d{5}-of-\d{5})$/;
const SHARD_NAME = /^(.*)-(\d{5})-of-(\d{5})$/;
const SHARD_GLOB = /^(.*)-\?{5}-of-(\d{5})$/;
/**
 * Opens the weights that `name` refers to in a folder: a `.npy` or `.npz` file, a V1 checkpoint or one of
 * its shards (or their glob), the prefix or the `.index` of a V2 checkpoint, a `.h5` or `.keras` file of
 * Keras, a `.pth` or `.pt` file of PyTorch, a `.safetensors` file, a frozen graph (`.pb`), or a tfjs
 * `model.json`. As in TensorFlow, a `.index` file beside the name means V2.
 *
 * @throws NotFoundError, FormatError, UnsupportedError
 */
export async function openWeights(
  folder: SourceFolder,
  name: string,
  options: OpenOptions = {},
): Promise<WeightFile> {
  // The name of any part of a bundle refers to the whole bundle.
  const prefix = name.replace(BUNDLE_PART, '');
  const index = await folder.open(`${prefix}.index`);
  if (index !== undefined) return readCheckpointV2(index, prefix, folder);
  const glob = SHARD_GLOB.exec(name);
  if (glob !== null) return openShardedV1(folder, glob[1] ?? '', Number(glob[2]));
  const source = await folder.open(name);
  if (source === undefined) {
    throw new NotFoundError(name, `${name}: no such file, and no ${name}.index; check the path`);
  }
  const latest = await readLatestCheckpoint(source);
  if (latest !== null) return openLatest(folder, latest, name);
  if (await isFrozenGraph(source)) {
    const weights = (await readWebWeights(folder)) ?? undefined;
    const read = options.tensorsSuffice === true ? listFrozenGraph : readFrozenGraph;
    return read(source, { ...options, weights });
  }
  const format = await identifyModelFormat(source);
  if (format !== null) {
    throw new UnsupportedError('model', `${name} is ${format.what}; ${format.next}`);
  }
  const kind = await detectFileKind(source);
  if (kind === 'npy') return readNpy(source);
  if (kind === 'zip') {
    const members = await readZipMembers(source);
    if (isTorchArchive(members)) return readTorchArchive(source);
    return isKerasArchive(members) ? readKerasArchive(source) : readNpz(source);
  }
  if (kind === 'torch-legacy') return readTorchLegacy(source);
  if (kind === 'torch-tar') return readTorchTar(source);
  if (kind === 'safetensors') return readSafetensors(source);
  if (kind === 'hdf5') return readKerasHdf5(source, options.architecture);
  if (kind === 'table') return openTable(folder, source, name);
  if (kind === 'json') return readLayersModel(source, folder);
  throw explainKind(kind, name);
}

/**
 * Largest size of TensorFlow's text file `checkpoint`, in bytes. It lists the checkpoints that were kept,
 * usually five.
 */
const MAX_LATEST_BYTES = 64 * 1024;

/**
 * The prefix of the latest checkpoint according to TensorFlow's text file `checkpoint`; null for any other
 * file.
 */
export async function readLatestCheckpoint(source: RandomAccessSource): Promise<string | null> {
  if (source.byteLength > MAX_LATEST_BYTES) return null;
  const text = new TextDecoder().decode(await source.read(0, source.byteLength));
  return /^\s*model_checkpoint_path:\s*"([^"\n]+)"/.exec(text)?.[1] ?? null;
}

/**
 * Opens the latest checkpoint in the folder of the text file. If the text names another folder, the
 * checkpoint may have been moved together with the text file.
 */
async function openLatest(folder: SourceFolder, latest: string, name: string): Promise<WeightFile> {
  const prefix = latest.split(/[\\/]/).at(-1)!;
  const isThere = await Promise.all(
    [`${prefix}.index`, prefix, `${prefix}-00000-of-00001`].map((file) => folder.open(file)),
  );
  if (prefix === name || isThere.every((source) => source === undefined)) {
    throw new NotFoundError(
      prefix,
      `${name} is a text file that names the checkpoint ${latest}, which is not in the same folder; put ${prefix}.index and its data files there, or give the checkpoint's prefix`,
    );
  }
  return openWeights(folder, prefix);
}

async function openTable(
  folder: SourceFolder,
  source: RandomAccessSource,
  name: string,
): Promise<WeightFile> {
  if (await isBundleIndex(source)) {
    return readCheckpointV2(source, name, folder);
  }
  const shard = SHARD_NAME.exec(name);
  if (shard !== null) return openShardedV1(folder, shard[1] ?? '', Number(shard[3]));
  return readCheckpointV1([source]);
}

/**
 * Whether a table is the index of a bundle. A V1 table begins with a table of contents (field 1, a
 * message), and a V2 table with a number of shards (a varint).
 */
async function isBundleIndex(source: RandomAccessSource): Promise<boolean> {
  const first = await readFirstEntry(source);
  if (first === undefined || first.value.byteLength === 0) {
    throw new FormatError('sstable', `${source.name} is an empty table, not a checkpoint`);
  }
  const [tag] = await first.value.source.read(0, 1);
  return tag === 0x08;
}

async function openShardedV1(
  folder: SourceFolder,
  prefix: string,
  count: number,
): Promise<WeightFile> {
  const shards: RandomAccessSource[] = [];
  for (let shard = 0; shard < count; shard++) {
    const pad = (number: number) => String(number).padStart(5, '0');
    const name = `${prefix}-${pad(shard)}-of-${pad(count)}`;
    const source = await folder.open(name);
    if (source === undefined) {
      throw new NotFoundError(
        name,
        `shard ${name} of the checkpoint is missing; put it in the same folder`,
      );
    }
    shards.push(source);
  }
  return readCheckpointV1(shards);
}

function explainKind(kind: FileKind, name: string): Error {
  if (BUNDLE_PART.test(name)) {
    const prefix = name.replace(BUNDLE_PART, '');
    return new NotFoundError(
      `${prefix}.index`,
      `${name} holds only the data of a checkpoint; put ${prefix}.index in the same folder and give ${prefix}.index`,
    );
  }
  if (/\.meta$/.test(name)) {
    return new UnsupportedError(
      'MetaGraphDef',
      `${name} is a graph without weights; give the checkpoint (.ckpt) instead`,
    );
  }
  if (kind === 'unknown') {
    return new FormatError(
      'weights',
      `${name}: expected .npy, .npz, a TensorFlow checkpoint, .h5, .keras, .pth or .safetensors, found bytes of none of them; the file may be truncated`,
    );
  }
  return new UnsupportedError(
    kind,
    `${name} is a ${kind} file, which holds no weights that can be read`,
  );
}
