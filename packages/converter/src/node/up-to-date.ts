import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MODEL_JSON } from '../artifact/convert-weights.ts';
import { measureEntry, type ModelJson } from '../artifact/model-json.ts';
import { verifyShards } from './verify-shards.ts';

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
    const model = JSON.parse(text) as ModelJson;
    const { gradcam } = model.userDefinedMetadata;
    if (gradcam.conversion !== conversion) return false;
    let missing = 0;
    for (const group of model.weightsManifest) {
      for (const entry of group.weights) missing += measureEntry(entry);
      for (const path of group.paths) {
        if (gradcam.shards[path] === undefined) return false;
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
