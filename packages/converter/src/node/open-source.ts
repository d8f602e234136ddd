import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NotFoundError } from '../errors.ts';
import { detectFileKind, openWeights } from '../formats/open-weights.ts';
import { sortByDistance } from '../mapping/nearest-name.ts';
import type { WeightFile } from '../tensors/stored-tensor.ts';
import { isFile, openFileFolder, openFileSource } from './file-source.ts';
import { unpackArchive, type UnpackOptions } from './unpack-archive.ts';

/** A weight file of this machine, with its files open. */
export interface OpenWeightFile {
  readonly file: WeightFile;
  close(): Promise<void>;
}

const SHARD_SUFFIX = /-(?:\d{5}|\?{5})-of-(\d{5})$/;

/**
 * The files that a source path stands for: itself, or the shards and the index of a checkpoint
 * prefix. They are what a source's digest covers.
 *
 * @throws NotFoundError with the nearest names in the folder
 */
export async function listSourceFiles(path: string): Promise<string[]> {
  const folder = dirname(path);
  const name = basename(path);
  const names = await readdir(folder).catch((): string[] => []);
  const prefix = name.replace(/\.index$/, '');
  if (names.includes(`${prefix}.index`)) {
    return names
      .filter((other) => isBundlePart(other, prefix))
      .sort()
      .map((n) => join(folder, n));
  }
  const shard = SHARD_SUFFIX.exec(name);
  if (shard !== null) {
    const start = name.slice(0, shard.index);
    const same = names.filter(
      (other) => SHARD_SUFFIX.exec(other)?.[1] === shard[1] && other.startsWith(`${start}-`),
    );
    if (same.length > 0) return same.sort().map((n) => join(folder, n));
  }
  if (await isFile(path)) return [path];
  const directory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const nearest = sortByDistance(name, names).slice(0, 3);
  const hint = nearest.length > 0 ? `; nearest there: ${nearest.join(', ')}` : '';
  throw new NotFoundError(
    path,
    directory
      ? `${path} is a folder; name the weight file or checkpoint prefix in it`
      : `${path}: no such file or checkpoint${hint}`,
    nearest,
  );
}

/**
 * Opens the weights at a path; archives are unpacked into `scratchPath` first.
 *
 * @throws errors of the readers, of unpacking, and NotFoundError for an archive without weights
 */
export async function openSource(
  path: string,
  scratchPath: string,
  options: UnpackOptions = {},
): Promise<OpenWeightFile> {
  if (!(await isArchive(path))) return openFrom(dirname(path), basename(path));
  const names = await unpackArchive(path, scratchPath, options);
  const chosen = await chooseMember(scratchPath, names);
  if (chosen === undefined) {
    throw new NotFoundError(
      path,
      `${basename(path)} holds no weights; members: ${names.join(', ')}`,
    );
  }
  return openFrom(scratchPath, chosen);
}

async function openFrom(folderPath: string, name: string): Promise<OpenWeightFile> {
  const folder = openFileFolder(folderPath);
  try {
    return { file: await openWeights(folder, name), close: () => folder.close() };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

async function isArchive(path: string): Promise<boolean> {
  if (!(await isFile(path))) return false;
  const source = await openFileSource(path);
  const kind = await detectFileKind(source).finally(() => source.close());
  return kind === 'gzip' || kind === 'tar';
}

/** The member to open: a bundle by its index, else the first file that is weights by its bytes. */
async function chooseMember(
  directory: string,
  names: readonly string[],
): Promise<string | undefined> {
  const index = names.find((name) => name.endsWith('.index'));
  if (index !== undefined) return index;
  for (const name of names) {
    const source = await openFileSource(join(directory, name));
    const kind = await detectFileKind(source).finally(() => source.close());
    if (kind === 'npy' || kind === 'zip' || kind === 'table') return name;
  }
  return undefined;
}

function isBundlePart(name: string, prefix: string): boolean {
  if (!name.startsWith(prefix)) return false;
  return /^\.(index|data-\d{5}-of-\d{5})$/.test(name.slice(prefix.length));
}
