import { basename, join } from 'node:path';
import { findRecord } from '../artifact/find-record.ts';
import type { ConvertedModelJson } from '../artifact/model-json.ts';
import { ChecksumError, NotFoundError } from '../errors.ts';
import { digestFiles } from './digest.ts';
import { isFile } from './file-source.ts';

/**
 * Checks the shards of an artifact of this package against the digests in its `model.json`. A model of
 * another program states no digests.
 *
 * @throws ChecksumError naming the first shard that differs, NotFoundError naming the first that is missing
 */
export async function verifyShards(
  directory: string,
  model: Partial<ConvertedModelJson>,
  signal?: AbortSignal,
): Promise<void> {
  const digests = findRecord(model)?.shards ?? {};
  for (const [name, expected] of Object.entries(digests)) {
    const path = join(directory, basename(name));
    if (!(await isFile(path))) {
      throw new NotFoundError(path, `${path} is missing, but the model.json beside it lists it`);
    }
    const found = await digestFiles([path], { signal });
    if (found !== expected) throw new ChecksumError(name, 'sha256', expected, found);
  }
}
