import { findCacheDirectory, identifyModelPath } from '@gradcam/converter/node';
import { openModelUrl, readManifest, readModelJson, sidecarNames } from '@gradcam/core';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { isWebAddress } from '../inputs/web-address.ts';
import type { Terminal } from '../terminal/messages.ts';
import { findModel } from './find-model.ts';

/** Hex digits that tell addresses, and states of one model, apart. */
const DIGITS = 16;

/** As core reads a model's JSON. */
const MAX_JSON_BYTES = 64 * 2 ** 20;

/** Of a file beside the model, as its labels. */
const MAX_SIDECAR_BYTES = 4 * 2 ** 20;

/** Weights of one file that is downloaded whole into memory. */
const MAX_SHARD_BYTES = 2 ** 31;

/**
 * Finds what `--model` means, on this machine or on the web: a model at an address is kept in the cache, under
 * the digests of its address and of its JSON, so that a model that has changed there is fetched anew.
 *
 * @returns as {@link findModel}.
 * @throws CommandError 66 for what is not there, 65 for a model of another program, with the way to one of tfjs, 75 for what cannot be downloaded.
 */
export async function resolveModel(
  name: string,
  modelsFolder: string | undefined,
  terminal: Pick<Terminal, 'note'>,
): Promise<string> {
  if (isWebAddress(name)) return keepWebModel(name, terminal);
  try {
    return findModel(name, modelsFolder);
  } catch (error) {
    const format = error instanceof CommandError ? await identifyModelPath(name) : null;
    if (format === null) throw error;
    const message = `${name} is ${format.what}; ${format.next}`;
    throw new CommandError(exitCodes.badData, message, { cause: error });
  }
}

async function keepWebModel(address: string, terminal: Pick<Terminal, 'note'>): Promise<string> {
  const files = openModelUrl(address);
  const read = async (file: string, maxBytes: number): Promise<Uint8Array> => {
    try {
      return await files.readFile(file, maxBytes);
    } catch (cause) {
      throw new CommandError(exitCodes.downloadFailed, (cause as Error).message, { cause });
    }
  };
  const json = await read('model.json', MAX_JSON_BYTES);
  const inMemory = { location: files.location, readFile: () => Promise.resolve(json) };
  const manifest = readManifest((await readModelJson(inMemory)).weightsManifest);
  const cache = path.join(findCacheDirectory(), 'web-models');
  const folder = path.join(cache, `${digest(address)}-${digest(json)}`);
  if (await isThere(folder)) return folder;
  // Moved to its name when it is whole, so that nobody opens half of it.
  const half = `${folder}.${randomUUID()}`;
  try {
    for (const file of manifest.flatMap(({ paths }) => paths)) {
      const place = path.join(half, file);
      await mkdir(path.dirname(place), { recursive: true });
      await writeFile(place, await read(file, MAX_SHARD_BYTES));
    }
    await mkdir(half, { recursive: true });
    for (const file of sidecarNames) {
      const bytes = await files.readOptional?.(file, MAX_SIDECAR_BYTES).catch(() => null);
      if (bytes) await writeFile(path.join(half, file), bytes);
    }
    await writeFile(path.join(half, 'model.json'), json);
    // Another command may have been faster: its copy is the same.
    await rename(half, folder).catch(async (error: unknown) => {
      if (!(await isThere(folder))) throw error;
    });
  } finally {
    await rm(half, { recursive: true, force: true });
  }
  terminal.note(`model ${files.location} is kept in ${folder}`);
  return folder;
}

function digest(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('hex').slice(0, DIGITS);
}

function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
