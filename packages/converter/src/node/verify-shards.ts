import { basename, join } from 'node:path';
import type { ModelJson } from '../artifact/model-json.ts';
import { ChecksumError } from '../errors.ts';
import { digestFiles } from './digest.ts';

/**
 * Checks the shards of one of our artifacts against the digests in its `model.json`; a model from
 * elsewhere states none.
 *
 * @throws ChecksumError naming the first shard that differs
 */
export async function verifyShards(
  directory: string,
  model: Partial<ModelJson>,
  signal?: AbortSignal,
): Promise<void> {
  const digests = model.userDefinedMetadata?.gradcam?.shards ?? {};
  for (const [name, expected] of Object.entries(digests)) {
    const found = await digestFiles([join(directory, basename(name))], { signal });
    if (found !== expected) throw new ChecksumError(name, 'sha256', expected, found);
  }
}
