import { UnsupportedError } from '../errors.ts';
import type { LayersModelFile } from '../formats/tfjs/read-layers-model.ts';
import {
  CONVERTED_BY,
  writeModelJson,
  type ConversionReport,
  type SourceDigests,
  type SourceIdentity,
} from './convert-weights.ts';
import { RECORD_KEY } from './find-record.ts';
import type { ConvertedModelJson, GradcamMetadata } from './model-json.ts';
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
  const json = model.json as unknown as ConvertedModelJson;
  const old: Partial<GradcamMetadata> | undefined = json.userDefinedMetadata?.gradcam;
  const id = options.id ?? old?.id ?? 'model';
  const digests = await options.source.digests;
  await writeModelJson(sink, {
    ...json,
    convertedBy: CONVERTED_BY,
    weightsManifest: [stored.group],
    ...(old === undefined
      ? recordAgain(options, json, stored.digests, digests)
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

/** A model of Keras that this package has converted has only a record of its conversion. */
function recordAgain(
  { source }: RequantizeOptions,
  json: ConvertedModelJson,
  shards: Readonly<Record<string, string>>,
  { sha256, conversion }: SourceDigests,
): Partial<Pick<ConvertedModelJson, 'userDefinedMetadata'>> {
  if (json.userDefinedMetadata?.[RECORD_KEY] === undefined) return {};
  const record = { source: { uri: source.uri, format: 'tfjs-layers', sha256 }, conversion, shards };
  return { userDefinedMetadata: { ...json.userDefinedMetadata, [RECORD_KEY]: record } };
}

function describeAgain(
  options: RequantizeOptions,
  json: ConvertedModelJson,
  block: Partial<GradcamMetadata>,
  digests: SourceDigests,
): Pick<ConvertedModelJson, 'userDefinedMetadata'> {
  const kept = Object.fromEntries(Object.entries(block).filter(([key]) => key !== 'probe'));
  const { sha256, conversion } = digests;
  const gradcam = {
    ...(kept as unknown as GradcamMetadata),
    source: { uri: options.source.uri, format: 'tfjs-layers', sha256 },
    conversion,
  };
  return { userDefinedMetadata: { ...json.userDefinedMetadata, gradcam } };
}
