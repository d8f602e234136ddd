import {
  convertModel,
  createScratchFolder,
  findCacheDirectory,
  listSourceFiles,
  removeDeadFolders,
} from '@gradcam/converter/node';
import { findVocabularyFile, MAX_VOCABULARY_BYTES, sidecarNames } from '@gradcam/core';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, realpath, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Terminal } from '../terminal/messages.ts';

/** Number of hex digits of a digest that names a file or a state of it. */
const DIGITS = 16;

/** The most bytes of a file next to the model, such as its labels. */
const MAX_SIDECAR_BYTES = 4 * 2 ** 20;

/**
 * Converts a model of Keras, PyTorch or TensorFlow into the cache, with the files beside it that describe
 * models. The folder is named by the digests of the path and of all these files, so a complete folder never
 * changes, and a model that was converted before is only read for its digest.
 *
 * @param source a file, or the folder of a SavedModel.
 * @returns the folder.
 * @throws errors of `convertModel`, such as for weights whose net is not known.
 */
export async function keepConvertedModel(
  source: string,
  terminal: Pick<Terminal, 'note'>,
): Promise<string> {
  const whole = await realpath(source);
  const beside = (await stat(whole)).isDirectory() ? whole : path.dirname(whole);
  const hash = createHash('sha256');
  for (const file of await listSourceFiles(whole)) {
    for await (const chunk of createReadStream(file) as AsyncIterable<Uint8Array>)
      hash.update(chunk);
  }
  const sidecars: string[] = [];
  const add = async (name: string, most: number): Promise<Uint8Array | null> => {
    const place = path.join(beside, name);
    const found = await stat(place).catch(() => null);
    if (found?.isFile() !== true || found.size > most) return null;
    const bytes = await readFile(place);
    hash.update(JSON.stringify([name, found.size])).update(bytes);
    sidecars.push(name);
    return bytes;
  };
  for (const name of sidecarNames) {
    const bytes = await add(name, MAX_SIDECAR_BYTES);
    const words = name === 'gradcam.json' && bytes !== null ? findVocabularyFile(bytes) : null;
    if (words !== null) await add(words, MAX_VOCABULARY_BYTES);
  }
  const cache = path.join(findCacheDirectory(), 'converted-models');
  const place = createHash('sha256').update(whole).digest('hex').slice(0, DIGITS);
  const folder = path.join(cache, `${place}-${hash.digest('hex').slice(0, DIGITS)}`);
  if (existsSync(folder)) return folder;

  await mkdir(cache, { recursive: true });
  const prefix = path.join(cache, '.gradcam-converted-');
  await removeDeadFolders(prefix);
  const scratch = await createScratchFolder(prefix);
  try {
    const out = path.join(scratch.path, 'model');
    const result = await convertModel({ source: whole, out });
    for (const note of result.report?.notes ?? []) terminal.note(note);
    for (const name of sidecars) {
      // A list of words may have the name of one of the model's own files, which are not replaced.
      if (existsSync(path.join(out, name))) continue;
      await copyFile(path.join(beside, name), path.join(out, name));
    }
    // The folder gets its name when it is complete. Another command may have been faster.
    await rename(out, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await scratch.remove();
  }
  terminal.note(
    `${source} was converted into ${folder}; npx gradcam convert writes a folder of your own`,
  );
  return folder;
}
