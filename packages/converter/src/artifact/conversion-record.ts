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
