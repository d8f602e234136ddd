import type { ConversionRecord } from './conversion-record.ts';
import type { ConvertedModelJson } from './model-json.ts';

/** The key of the block that has only the record. */
export const RECORD_KEY = 'gradcamConversion';

/** The record of a model of this package; undefined for a model of another program. */
export function findRecord(model: Partial<ConvertedModelJson>): ConversionRecord | undefined {
  const { gradcam, [RECORD_KEY]: record } = model.userDefinedMetadata ?? {};
  return gradcam ?? record;
}

/** The metadata of a model with other digests of its shards. Without a record it stays as it is. */
export function replaceShards(
  model: ConvertedModelJson,
  shards: ConversionRecord['shards'],
): ConvertedModelJson['userDefinedMetadata'] {
  const { userDefinedMetadata } = model;
  if (findRecord(model) === undefined) return userDefinedMetadata;
  const key = userDefinedMetadata.gradcam === undefined ? RECORD_KEY : 'gradcam';
  return { ...userDefinedMetadata, [key]: { ...userDefinedMetadata[key], shards } };
}
