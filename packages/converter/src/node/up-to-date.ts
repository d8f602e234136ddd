import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { findRecord } from '../artifact/find-record.ts';
import { MODEL_JSON } from '../artifact/convert-weights.ts';
import { measureEntry, type ConvertedModelJson } from '../artifact/model-json.ts';
import { verifyShards } from './verify-shards.ts';

/** The sha256 of the source from which the model in a folder was made; undefined for any other folder. */
export async function findSource(directory: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(directory, MODEL_JSON), 'utf8');
    return findRecord(JSON.parse(text) as ConvertedModelJson)?.source.sha256;
  } catch {
    return undefined;
  }
}

/**
 * True if `directory` contains a complete artifact of the conversion with this digest, so that there is
 * nothing to do. Sizes are compared first, then every shard is read; an artifact with a damaged shard is
 * made again.
 *
 * @throws the signal's reason when aborted
 */
export async function isUpToDate(
  directory: string,
  conversion: string,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    const text = await readFile(join(directory, MODEL_JSON), 'utf8');
    const model = JSON.parse(text) as ConvertedModelJson;
    const record = findRecord(model);
    if (record?.conversion !== conversion) return false;
    let missing = 0;
    for (const group of model.weightsManifest) {
      for (const entry of group.weights) missing += measureEntry(entry);
      for (const path of group.paths) {
        if (record.shards[path] === undefined) return false;
        missing -= (await stat(join(directory, basename(path)))).size;
      }
    }
    if (missing !== 0) return false;
    await verifyShards(directory, model, signal);
    return true;
  } catch {
    signal?.throwIfAborted();
    // The model is absent, damaged or of another kind. The conversion then decides what to do and reports
    // the fault.
    return false;
  }
}
