import { findCacheDirectory } from '@gradcam/converter/node';
import { listOnnxWeightFiles } from '@gradcam/core';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { keepDigest, readKeptDigest } from './kept-digests.ts';

/** Bytes read and hashed at a time. */
const READ_BYTES = 2 ** 20;

/**
 * A file that was written so short a time ago may be written again without another time: FAT counts in two
 * seconds, and no system in less than milliseconds.
 */
const SETTLED_AFTER_MS = 2000;

/** The digest of a model's weights, which is made while the model is opened. */
export interface WeightsDigest {
  /**
   * sha256 in hex of what `sha256sum` prints for the weight files, in the order of `model.json`.
   *
   * @throws CommandError 65 where a file is not there, lies outside of the model's folder, or has changed
   *   since; call it when the model has been read.
   */
  settle(): Promise<string>;
}

/**
 * Begins to digest the weight files of a model. The digest of files that are as they were (device,
 * inode, size, times) is kept in the cache: they are not read again.
 *
 * @param main the bytes of the `model.json`, or of the ONNX file, which itself is one of its weight files.
 * @param onnx name of that file, where the model is one.
 */
export function startWeightsDigest(folder: string, main: Uint8Array, onnx?: string): WeightsDigest {
  const digest = digestWeights(
    folder,
    onnx === undefined ? listWeightFiles(main) : [onnx, ...listOnnxWeightFiles(main, onnx)],
  );
  // Told when it is asked for; what is wrong with the model is told by who opens it.
  digest.catch(() => {});
  return {
    async settle() {
      const { sha256, files, identity } = await digest;
      if ((await identify(files)).text === identity) return sha256;
      throw new CommandError(
        exitCodes.badData,
        `${folder}: the model's weights changed while the model was opened; start again when all files are complete`,
      );
    },
  };
}

/** Names of the weight files to where they lie. */
type WeightFiles = ReadonlyMap<string, string>;

async function digestWeights(
  folder: string,
  names: readonly string[],
): Promise<{ sha256: string; files: WeightFiles; identity: string }> {
  const files = new Map(names.map((name) => [name, placeOf(folder, name)]));
  const before = await identify(files);
  const cache = path.join(findCacheDirectory(), 'digests');
  const kept = await readKeptDigest(cache, before.text);
  if (kept !== null) return { sha256: kept, files, identity: before.text };
  let text = '';
  for (const [name, file] of files) text += `${await digestFile(file)}  ${name}\n`;
  const sha256 = createHash('sha256').update(text).digest('hex');
  const isSettled = Date.now() - before.changedMs > SETTLED_AFTER_MS;
  if (isSettled) await keepDigest(cache, before.text, sha256);
  return { sha256, files, identity: before.text };
}

/** Of a `model.json` of any format that tfjs writes; what is wrong with it is told by who opens it. */
function listWeightFiles(json: Uint8Array): string[] {
  const { weightsManifest = [] } = JSON.parse(Buffer.from(json).toString('utf8')) as {
    weightsManifest?: readonly { readonly paths?: readonly string[] }[];
  };
  return [...new Set(weightsManifest.flatMap(({ paths = [] }) => paths.map(String)))];
}

function placeOf(folder: string, name: string): string {
  const file = path.resolve(folder, name);
  const inside = path.relative(path.resolve(folder), file);
  if (!path.isAbsolute(inside) && inside.split(path.sep)[0] !== '..') return file;
  throw new CommandError(
    exitCodes.badData,
    `${folder}: weight file ${name} lies outside of the model's folder`,
  );
}

/** A text that is another one whenever a file may have changed, and when the last one did. */
async function identify(files: WeightFiles): Promise<{ text: string; changedMs: number }> {
  const found = await Promise.all(
    [...files].map(async ([name, file]) => ({ name, stats: await stat(file, { bigint: true }) })),
  );
  const lines = found.map(
    ({ name, stats: { dev, ino, size, mtimeNs, ctimeNs } }) =>
      `${JSON.stringify(name)} ${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`,
  );
  const times = found.map(({ stats: { mtimeMs, ctimeMs } }) =>
    Math.max(Number(mtimeMs), Number(ctimeMs)),
  );
  return { text: lines.join('\n'), changedMs: Math.max(0, ...times) };
}

async function digestFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: READ_BYTES })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
