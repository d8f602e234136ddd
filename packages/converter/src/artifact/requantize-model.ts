import { UnsupportedError } from '../errors.ts';
import type { LayersModelFile } from '../formats/tfjs/read-layers-model.ts';
import {
  CONVERTED_BY,
  writeModelJson,
  type ConversionReport,
  type SourceDigests,
  type SourceIdentity,
} from './convert-weights.ts';
import type { GradcamMetadata, ModelJson } from './model-json.ts';
import type { WeightDType } from './quantize.ts';
import type { ArtifactSink } from './sink.ts';
import { storeWeights } from './store-weights.ts';

/** The input of {@link requantizeModel}. */
export interface RequantizeOptions {
  readonly model: LayersModelFile;
  /** Id of the new model. Default: the old model's id. */
  readonly id?: string | undefined;
  readonly source: SourceIdentity;
  readonly sink: ArtifactSink;
  readonly dtype: WeightDType;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/**
 * Writes a tfjs LayersModel again with its weights in another dtype. Topology and metadata stay the same,
 * except for the probe, which states results of the old weights and is removed.
 *
 * @throws UnsupportedError for weights that cannot be copied; errors of the reader
 */
export async function requantizeModel(options: RequantizeOptions): Promise<ConversionReport> {
  const { model, sink, dtype } = options;
  const [odd] = model.skipped;
  if (odd !== undefined) {
    throw new UnsupportedError(
      odd.reason,
      `${odd.name} has ${odd.reason}, which this converter cannot write`,
    );
  }
  const weights = model.tensors.map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    tensor,
    keep: tensor.dtype !== 'float32',
  }));
  const stored = await storeWeights(sink, weights, options);
  // The reader has checked the fields that it used. The others are passed on unchanged.
  const json = model.json as unknown as ModelJson;
  const old: Partial<GradcamMetadata> | undefined = json.userDefinedMetadata?.gradcam;
  const id = options.id ?? old?.id ?? 'model';
  const digests = await options.source.digests;
  await writeModelJson(sink, {
    ...json,
    convertedBy: CONVERTED_BY,
    weightsManifest: [stored.group],
    ...(old === undefined
      ? {}
      : describeAgain(options, json, { ...old, id, shards: stored.digests }, digests)),
  });
  return {
    id,
    architecture: old?.architecture,
    naming: 'tfjs',
    classes: undefined,
    dtype,
    used: weights.map(({ name }) => ({ weight: name, tensor: name })),
    unused: [],
    rounded: stored.rounded,
    weightBytes: stored.byteLength,
    shards: stored.group.paths.length,
  };
}

function describeAgain(
  options: RequantizeOptions,
  json: ModelJson,
  block: Partial<GradcamMetadata>,
  digests: SourceDigests,
): Pick<ModelJson, 'userDefinedMetadata'> {
  const kept = Object.fromEntries(Object.entries(block).filter(([key]) => key !== 'probe'));
  const { sha256, conversion } = digests;
  const gradcam = {
    ...(kept as unknown as GradcamMetadata),
    source: { uri: options.source.uri, format: 'tfjs-layers', sha256 },
    conversion,
  };
  return { userDefinedMetadata: { ...json.userDefinedMetadata, gradcam } };
}
