import { findCacheDirectory } from '@gradcam/converter/node';
import { listOnnxWeightFiles } from '@gradcam/core';
import { createProofStore } from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** Bytes read and hashed at a time. */
const READ_BYTES = 2 ** 20;

/**
 * A file that was changed more recently than this may change again and still have the same time: FAT stores
 * times in steps of two seconds. Its digest is not kept.
 */
const SETTLED_AFTER_MS = 2000;

/** The digest of a model's weights. It is computed while the model is opened. */
export interface WeightsDigest {
  /**
   * Waits for the digest: the sha256, in hex, of what `sha256sum` prints for the weight files in the order
   * of `model.json`. Call it after the model has been read.
   *
   * @throws CommandError 65 for a file that is missing, lies outside the model's folder, or has changed
   *   since the digest was started.
   */
  settle(): Promise<string>;
}

/**
 * Starts to digest the weight files of a model. The digest is kept in the cache, so that files whose device,
 * inode, size and times are unchanged are not read again.
 *
 * @param main the bytes of the `model.json`, or of the ONNX file, which is itself one of the weight files.
 * @param onnx the name of the ONNX file, if the model is one.
 */
export function startWeightsDigest(folder: string, main: Uint8Array, onnx?: string): WeightsDigest {
  const digest = digestWeights(
    folder,
    onnx === undefined ? listWeightFiles(main) : [onnx, ...listOnnxWeightFiles(main, onnx)],
  );
  // `settle` reports a failure. Faults of the model itself are reported by the code that opens it.
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

/** The path of each weight file, by its name. */
type WeightFiles = ReadonlyMap<string, string>;

async function digestWeights(
  folder: string,
  names: readonly string[],
): Promise<{ sha256: string; files: WeightFiles; identity: string }> {
  const files = new Map(names.map((name) => [name, placeOf(folder, name)]));
  const before = await identify(files);
  const digests = createProofStore(path.join(findCacheDirectory(), 'digests'));
  const kept = await digests.read(before.text);
  if (kept !== null && /^[0-9a-f]{64}$/.test(kept))
    return { sha256: kept, files, identity: before.text };
  let text = '';
  for (const [name, file] of files) text += `${await digestFile(file)}  ${name}\n`;
  const sha256 = createHash('sha256').update(text).digest('hex');
  const isSettled = Date.now() - before.changedMs > SETTLED_AFTER_MS;
  if (isSettled) await digests.keep(before.text, sha256);
  return { sha256, files, identity: before.text };
}

/**
 * Lists the weight files in a `model.json` of any format that tfjs writes. Faults of that file are reported
 * by the code that opens the model.
 */
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
    `${folder}: weight file ${name} lies outside the model's folder`,
  );
}

/** A string that differs whenever a file may have changed, and the time of the latest change. */
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
