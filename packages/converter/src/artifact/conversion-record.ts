import type { ConvertedModelJson } from './model-json.ts';

/**
 * What a conversion records about itself in `userDefinedMetadata` of a `model.json`: from what it was made,
 * and the digests of its files.
 *
 * It stands in the block `gradcam`, which describes the whole model, or alone in the block
 * `gradcamConversion`: the file of a Keras model does not say how pictures become its input, and a block
 * `gradcam` would have to.
 */
export interface ConversionRecord {
  readonly source: { readonly uri: string; readonly format: string; readonly sha256: string };
  /** See `GradcamMetadata.conversion`. */
  readonly conversion: string;
  /** The sha256 of each shard in hexadecimal, by the name of its file. */
  readonly shards: Readonly<Record<string, string>>;
}

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
