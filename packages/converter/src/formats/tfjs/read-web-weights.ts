import { FormatError } from '../../errors.ts';
import type { SourceFolder } from '../../bytes/source.ts';
import type { StoredTensor } from '../../tensors/stored-tensor.ts';
import { WEB_MANIFEST } from '../model-format.ts';
import { readManifestWeights } from './read-manifest.ts';
import { readLimitedJson } from './read-limited-json.ts';

/**
 * Reads the weights that tensorflowjs_converter 0.x took out of a frozen graph.
 *
 * @returns the values by the names of their nodes; null where the folder has no `weights_manifest.json`.
 * @throws FormatError, LimitError, NotFoundError (a missing shard), UnsupportedError
 */
export async function readWebWeights(
  folder: SourceFolder,
): Promise<ReadonlyMap<string, StoredTensor> | null> {
  const source = await folder.open(WEB_MANIFEST);
  if (source === undefined) return null;
  const manifest = await readLimitedJson(source);
  const { tensors, skipped } = await readManifestWeights(manifest, WEB_MANIFEST, folder);
  const [first] = skipped;
  if (first !== undefined) {
    throw new FormatError('tfjs-graph', `${WEB_MANIFEST}: ${first.name} has ${first.reason}`);
  }
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}
