import { findCacheDirectory } from '@gradcam/converter/node';
import {
  findVocabularyFile,
  listOnnxWeightFiles,
  MAX_VOCABULARY_BYTES,
  openModelUrl,
  readManifest,
  readModelJson,
  sidecarNames,
  type FileVersion,
  type WebModelFiles,
} from '@gradcam/core';
import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal/messages.ts';

/** Number of hex digits of a digest that names an address or a state of a model. */
const DIGITS = 16;

/** The largest JSON of a model, the same limit as in core. */
const MAX_JSON_BYTES = 64 * 2 ** 20;

/** The most bytes of a file next to the model, such as its labels. */
const MAX_SIDECAR_BYTES = 4 * 2 ** 20;

/** The largest weight file, or ONNX file with its weights. It is downloaded into memory as a whole. */
const MAX_SHARD_BYTES = 2 ** 31;

/**
 * A record of the last download from an address: the folder that holds it, and the versions by which the
 * server tells whether a file has changed.
 */
interface Kept {
  readonly folder: string;
  /** Weight files by their names. */
  readonly files: Readonly<Record<string, KeptFile>>;
}

interface KeptFile {
  readonly version: FileVersion;
  /** The first digits of the file's sha256. */
  readonly sha256: string;
}

/**
 * Keeps the model from a web address in the cache. Its folder is named by the digests of the address and of
 * all files of the model, so a complete folder never changes. A model's JSON and the files beside it are
 * requested each time. An ONNX file and weight files are requested only if the server does not confirm, by
 * ETag or time, that they are unchanged.
 *
 * @returns the folder, or the path of the ONNX file in it.
 * @throws CommandError 75 for a model that cannot be downloaded, or that changes during the download.
 */
export async function keepWebModel(
  address: string,
  terminal: Pick<Terminal, 'note'>,
): Promise<string> {
  const files = openModelUrl(address);
  const cache = path.join(findCacheDirectory(), 'web-models');
  const record = path.join(cache, `${digest([address])}.json`);
  const before = await readKept(record, cache);

  const main = await downloadMain(files, before);
  const shards = await listShards(files, main.bytes);

  const half = path.join(cache, `${digest([address])}.${randomUUID()}`);
  const parts = [main.bytes];
  const known: Record<string, KeptFile> = {};
  const unchanged: string[] = [];
  if (files.onnx !== undefined && main.version !== null) {
    known[files.onnx] = { version: main.version, sha256: digest([main.bytes]) };
  }
  const put = async (name: string, bytes: Uint8Array): Promise<string> => {
    const place = path.join(half, name);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, bytes);
    return addPart(name, digest([bytes]));
  };
  const addPart = (name: string, sha256: string): string => {
    parts.push(Buffer.from(JSON.stringify([name, sha256])));
    return sha256;
  };
  try {
    for (const name of shards) {
      const old = before === null ? null : await findOld(before, name);
      const found = await download(files, name, old?.version ?? null, MAX_SHARD_BYTES);
      if (found === null) {
        known[name] = old!;
        unchanged.push(name);
        addPart(name, old!.sha256);
        continue;
      }
      const sha256 = await put(name, found.bytes);
      if (found.version !== null) known[name] = { version: found.version, sha256 };
    }
    for (const name of sidecarNames) {
      const bytes = await files.readOptional?.(name, MAX_SIDECAR_BYTES).catch(() => null);
      if (bytes) await put(name, bytes);
      const words = name === 'gradcam.json' && bytes ? findVocabularyFile(bytes) : null;
      if (words === null || shards.includes(words)) continue;
      // Where the file is missing, the error tells it when the model is described.
      const list = await files.readFile(words, MAX_VOCABULARY_BYTES).catch(() => null);
      if (list !== null) await put(words, list);
    }
    if (unchanged.length < shards.length) await refuseChange(files, main);
    const folder = path.join(cache, `${digest([address])}-${digest(parts)}`);
    if (!(await isThere(folder))) {
      for (const name of unchanged) {
        await mkdir(path.dirname(path.join(half, name)), { recursive: true });
        await copyFile(path.join(before!.folder, name), path.join(half, name));
      }
      await mkdir(half, { recursive: true });
      await writeFile(path.join(half, files.onnx ?? 'model.json'), main.bytes);
      // The folder gets its name when it is complete. Another command may have been faster, and then its copy
      // is the same.
      await rename(half, folder).catch(async (error: unknown) => {
        if (!(await isThere(folder))) throw error;
      });
      terminal.note(`model ${files.location} is kept in ${folder}`);
    }
    await writeKept(record, { folder: path.basename(folder), files: known });
    return files.onnx === undefined ? folder : path.join(folder, files.onnx);
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

async function download(
  files: WebModelFiles,
  name: string,
  version: FileVersion | null,
  maxBytes: number,
): ReturnType<WebModelFiles['readChanged']> {
  try {
    return await files.readChanged(name, version, maxBytes);
  } catch (cause) {
    throw new CommandError(exitCodes.downloadFailed, (cause as Error).message, { cause });
  }
}

/** The file that an address names, with its state on the server. */
interface MainFile {
  readonly bytes: Uint8Array;
  readonly version: FileVersion | null;
}

/**
 * Downloads the model's JSON, or its ONNX file. An ONNX file holds weights: it is read from where it is kept
 * if the server says that it has not changed.
 */
async function downloadMain(files: WebModelFiles, before: Kept | null): Promise<MainFile> {
  const { onnx } = files;
  if (onnx === undefined) return (await download(files, 'model.json', null, MAX_JSON_BYTES))!;
  const old = before === null ? null : await findOld(before, onnx);
  const kept = old === null ? null : await readFile(path.join(before!.folder, onnx));
  // A kept file that somebody has changed is not used.
  const version = kept !== null && digest([kept]) === old!.sha256 ? old!.version : null;
  const found = await download(files, onnx, version, MAX_SHARD_BYTES);
  return found ?? { bytes: kept!, version };
}

/** Names of the model's weight files. */
async function listShards(files: WebModelFiles, bytes: Uint8Array): Promise<readonly string[]> {
  const { onnx, location } = files;
  if (onnx !== undefined) return listOnnxWeightFiles(bytes, location);
  const inMemory = { location, readFile: () => Promise.resolve(bytes) };
  const manifest = readManifest((await readModelJson(inMemory)).weightsManifest);
  return manifest.flatMap(({ paths }) => paths);
}

/**
 * Refuses a model that changed during the download: weights of one state do not fit the JSON or ONNX file of
 * another.
 */
async function refuseChange(files: WebModelFiles, { bytes, version }: MainFile): Promise<void> {
  const { onnx } = files;
  const again =
    onnx === undefined
      ? await download(files, 'model.json', null, MAX_JSON_BYTES)
      : await download(files, onnx, version, MAX_SHARD_BYTES);
  if (again === null || Buffer.compare(again.bytes, bytes) === 0) return;
  throw new CommandError(
    exitCodes.downloadFailed,
    `${files.location}: the model changed while it was downloaded; start again when its upload is complete`,
  );
}

/**
 * Finds a weight file of the last download; null if the server gave no version, or if the file no longer
 * exists.
 */
async function findOld({ folder, files }: Kept, name: string): Promise<KeptFile | null> {
  const file = Object.hasOwn(files, name) ? files[name]! : null;
  return file !== null && (await isThere(path.join(folder, name))) ? file : null;
}

/** Reads the record of the last download; null if the record is incomplete or has another form. */
async function readKept(record: string, cache: string): Promise<Kept | null> {
  try {
    const { folder, files } = JSON.parse(await readFile(record, 'utf8')) as Kept;
    const isOurs = typeof folder === 'string' && path.basename(folder) === folder;
    if (!isOurs || typeof files !== 'object' || files === null) return null;
    return { folder: path.join(cache, folder), files };
  } catch {
    return null;
  }
}

/**
 * Writes the record, which only saves downloads. If it cannot be written, the next command downloads the
 * files again.
 */
async function writeKept(record: string, kept: Kept): Promise<void> {
  const part = `${record}.${randomUUID()}`;
  try {
    await writeFile(part, JSON.stringify(kept));
    await rename(part, record);
  } catch {
    await rm(part, { force: true });
  }
}

function digest(values: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const value of values) hash.update(value);
  return hash.digest('hex').slice(0, DIGITS);
}

function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
