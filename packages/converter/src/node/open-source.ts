import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MODEL_JSON } from '../artifact/convert-weights.ts';
import { MAX_MODEL_JSON_BYTES } from '../bytes/limits.ts';
import { createMemorySource, type RandomAccessSource } from '../bytes/source.ts';
import { LimitError, NotFoundError } from '../errors.ts';
import { detectFileKind } from '../formats/file-kind.ts';
import { openWeights, readLatestCheckpoint, type OpenOptions } from '../formats/open-weights.ts';
import type { LayersModelFile } from '../formats/tfjs/read-layers-model.ts';
import { sortByDistance } from '../mapping/nearest-name.ts';
import type { WeightFile } from '../tensors/stored-tensor.ts';
import { isFile, openFileFolder, openFileSource } from './file-source.ts';
import { findKerasArchitecture } from './find-keras-architecture.ts';
import { findSavedModel } from './find-saved-model.ts';
import { listSavedModelFiles, openSavedModel } from './saved-model-folder.ts';
import { findWebGraph, listWebGraphFiles } from './web-graph-folder.ts';
import { unpackArchive, type UnpackOptions } from './unpack-archive.ts';

/** A weight file on this machine, with its files open. */
export interface OpenWeightFile {
  readonly file: WeightFile | LayersModelFile;
  close(): Promise<void>;
}

const SHARD_SUFFIX = /-(?:\d{5}|\?{5})-of-(\d{5})$/;
const BUNDLE_PART = /\.(index|data-\d{5}-of-\d{5})$/;

/**
 * Lists the files that a source path refers to: the file itself, the shards and the index of a checkpoint
 * prefix, all files of a model folder or SavedModel, a graph with the manifest of its weights, or weights of
 * Keras and the architecture beside them. The digest of a source covers these files.
 *
 * @throws NotFoundError with the nearest names in the folder
 */
export async function listSourceFiles(path: string): Promise<string[]> {
  if (await isFile(join(path, MODEL_JSON))) return listModelFiles(path);
  const saved = await findSavedModel(path);
  if (saved !== null) return listSavedModelFiles(saved);
  const web = await findWebGraph(path);
  if (web !== null) return (await listWebGraphFiles(web))!;
  const folder = dirname(path);
  const name = basename(path);
  if (name === MODEL_JSON && (await isFile(path))) return listModelFiles(folder);
  const names = await readdir(folder).catch((): string[] => []);
  const prefix = name.replace(BUNDLE_PART, '');
  const same = names.includes(`${prefix}.index`)
    ? names.filter((other) => BUNDLE_PART.test(other) && other.replace(BUNDLE_PART, '') === prefix)
    : names.filter((other) => isSameCheckpoint(other, name));
  if (same.length > 0) return same.sort().map((other) => join(folder, other));
  if (await isFile(path)) return listFilesOf(path);
  throw await explainAbsence(path, name, names);
}

/** Where the architecture of weights is, if it is not beside them. */
export interface ArchitectureOptions {
  /** Path of a file of `model.to_json()` of Keras. */
  readonly architecturePath?: string | undefined;
}

/**
 * Opens the weights at a path. An archive is first unpacked into `scratchPath`.
 *
 * @throws errors of the readers, of unpacking, and NotFoundError for an archive without weights
 */
export async function openSource(
  path: string,
  scratchPath: string,
  options: UnpackOptions & OpenOptions & ArchitectureOptions = {},
): Promise<OpenWeightFile> {
  if (await isFile(join(path, MODEL_JSON))) return openFrom(path, MODEL_JSON);
  const saved = await findSavedModel(path);
  if (saved !== null) return openSavedModel(saved, options);
  const web = await findWebGraph(path);
  if (web !== null) return openFrom(dirname(web), basename(web), options);
  if (!(await isArchive(path))) return openFrom(dirname(path), basename(path), options);
  const names = await unpackArchive(path, scratchPath, options);
  const chosen = await chooseMember(scratchPath, names);
  if (chosen === undefined) {
    throw new NotFoundError(
      path,
      `${basename(path)} holds no weights; it contains ${names.join(', ')}`,
    );
  }
  return openFrom(scratchPath, chosen);
}

async function openFrom(
  folderPath: string,
  name: string,
  options: OpenOptions & ArchitectureOptions = {},
): Promise<OpenWeightFile> {
  const folder = openFileFolder(folderPath);
  try {
    const path = options.architecturePath ?? (await findKerasArchitecture(join(folderPath, name)));
    const architecture = path === null ? undefined : await openArchitecture(path);
    const file = await openWeights(folder, name, { ...options, architecture });
    return { file, close: () => folder.close() };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/**
 * The files of a path that names one file. If it is TensorFlow's text file that names the latest
 * checkpoint, they are the files of that checkpoint.
 */
async function listFilesOf(path: string): Promise<string[]> {
  const source = await openFileSource(path);
  const latest = await readLatestCheckpoint(source).finally(() => source.close());
  const named = latest === null ? null : latest.split(/[\\/]/).at(-1)!;
  if (named === null || named === basename(path)) {
    const web = await listWebGraphFiles(path);
    if (web !== null) return web;
    const architecture = await findKerasArchitecture(path);
    return architecture === null ? [path] : [path, architecture];
  }
  const files = await listSourceFiles(join(dirname(path), named)).catch((): string[] => []);
  return [path, ...files];
}

/** Reads the whole file, so that none stays open. */
async function openArchitecture(path: string): Promise<RandomAccessSource> {
  const source = await openFileSource(path);
  try {
    if (source.byteLength > MAX_MODEL_JSON_BYTES) {
      throw new LimitError(`${source.name} in bytes`, MAX_MODEL_JSON_BYTES, source.byteLength);
    }
    return createMemorySource(source.name, await source.read(0, source.byteLength));
  } finally {
    await source.close();
  }
}

async function listModelFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const parts = names.filter((name) => name === MODEL_JSON || /\.bin$|shard\d+of\d+/.test(name));
  return parts.sort().map((name) => join(folder, name));
}

/**
 * Whether two names are shards of the same V1 checkpoint. `name` may be the glob that TensorFlow uses for
 * them.
 */
function isSameCheckpoint(other: string, name: string): boolean {
  const wanted = SHARD_SUFFIX.exec(name);
  const found = SHARD_SUFFIX.exec(other);
  if (wanted === null || found === null || wanted[1] !== found[1]) return false;
  return other.slice(0, found.index) === name.slice(0, wanted.index);
}

async function explainAbsence(
  path: string,
  name: string,
  names: readonly string[],
): Promise<NotFoundError> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) {
    if ((await readdir(path)).includes('checkpoint')) {
      const message = `${path} is a folder of checkpoints; give one of them, or ${join(path, 'checkpoint')} for the latest`;
      return new NotFoundError(path, message);
    }
    const message = `${path} is a folder without a model.json; give the weight file or checkpoint prefix in it`;
    return new NotFoundError(path, message);
  }
  const nearest = sortByDistance(name, names).slice(0, 3);
  const hint = nearest.length > 0 ? `; nearest there: ${nearest.join(', ')}` : '';
  return new NotFoundError(path, `${path}: no such file or checkpoint${hint}`, nearest);
}

async function isArchive(path: string): Promise<boolean> {
  if (!(await isFile(path))) return false;
  const source = await openFileSource(path);
  const kind = await detectFileKind(source).finally(() => source.close());
  return kind === 'gzip' || kind === 'tar';
}

/**
 * Chooses the member to open: the index of a bundle, or else the first file with bytes in a format of
 * weights.
 */
async function chooseMember(
  directory: string,
  names: readonly string[],
): Promise<string | undefined> {
  const index = names.find((name) => name.endsWith('.index'));
  if (index !== undefined) return index;
  for (const name of names) {
    const source = await openFileSource(join(directory, name));
    const kind = await detectFileKind(source).finally(() => source.close());
    if (kind === 'npy' || kind === 'zip' || kind === 'table' || kind === 'hdf5') return name;
  }
  return undefined;
}
