import { CHUNK_BYTES } from '../bytes/limits.ts';
import type { Architecture } from '../architectures/architecture.ts';
import { getLabels } from '../labels/labels.ts';
import { matchWeights, requireCompleteMatch, type WeightMatch } from '../mapping/match-weights.ts';
import { countElements, type WeightFile } from '../tensors/stored-tensor.ts';
import { readFloat32Chunks } from '../tensors/to-float32.ts';
import { CONVERTER_VERSION } from '../version.ts';
import type { GradcamMetadata, ModelJson, WeightEntry } from './model-json.ts';
import { nameShards, planShards } from './shards.ts';
import type { ArtifactSink } from './sink.ts';
import { createTopology } from './topology.ts';
import { writeShards, type WeightBytes } from './write-shards.ts';

/** The file that makes a folder a model; written last, so that it stands for a whole artifact. */
export const MODEL_JSON = 'model.json';

/** What wrote the artifact; part of what makes two conversions the same. */
export const CONVERTED_BY = `@gradcam/converter ${CONVERTER_VERSION}`;

/** What {@link convertWeights} works on. */
export interface ConvertWeightsOptions {
  readonly file: WeightFile;
  readonly architecture: Architecture;
  /** Id of the model; the architecture's by default. */
  readonly id?: string | undefined;
  /** Where the weights came from, for the metadata. */
  readonly source: { readonly uri: string; readonly sha256: string };
  /** See `GradcamMetadata.conversion`. */
  readonly conversion: string;
  readonly sink: ArtifactSink;
  /** Names of the classes, when they are not the published ones. */
  readonly labels?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/** What a conversion did, name by name. */
export interface ConversionReport {
  readonly id: string;
  readonly architecture: string;
  readonly naming: string;
  readonly classes: number;
  /** Model weight to the tensor it came from. */
  readonly used: readonly { readonly weight: string; readonly tensor: string }[];
  /** Tensors and entries of the source that are not in the model, and why. */
  readonly unused: readonly { readonly name: string; readonly reason: string }[];
  /** Tensors that had values float32 cannot hold exactly. */
  readonly rounded: readonly { readonly name: string; readonly values: number }[];
  readonly weightBytes: number;
  readonly shards: number;
}

/**
 * Converts the tensors of a weight file into a tfjs LayersModel: shards, then `model.json`.
 *
 * @throws MappingError when the tensors are not the architecture's; errors of the reader
 */
export async function convertWeights(options: ConvertWeightsOptions): Promise<ConversionReport> {
  const { file, architecture, sink, signal } = options;
  const match = matchWeights(architecture, file);
  requireCompleteMatch(match, options.source.uri);
  const rounded = new Map<string, number>();
  const weights = match.used.map(({ weight, tensor }): WeightBytes => ({
    name: weight.name,
    byteLength: countElements(weight.shape) * Float32Array.BYTES_PER_ELEMENT,
    chunks: () =>
      readFloat32Chunks(tensor, {
        onRounded: (count) => rounded.set(tensor.name, (rounded.get(tensor.name) ?? 0) + count),
      }),
  }));
  const sizes = planShards(
    weights.map(({ byteLength }) => byteLength),
    CHUNK_BYTES,
  );
  const names = nameShards(sizes.length);
  const shards = names.map((name, index) => ({ name, byteLength: sizes[index] ?? 0 }));
  const weightBytes = sizes.reduce((sum, size) => sum + size, 0);
  const digests = await writeShards(sink, weights, shards, {
    signal,
    onProgress: (done) => options.onProgress?.(done, weightBytes),
  });
  const entries = match.used.map(({ weight }): WeightEntry => ({
    name: weight.name,
    shape: weight.shape,
    dtype: 'float32',
  }));
  const id = options.id ?? architecture.id;
  const model: ModelJson = {
    format: 'layers-model',
    generatedBy: CONVERTED_BY,
    convertedBy: CONVERTED_BY,
    modelTopology: createTopology(id, match.draft),
    weightsManifest: [{ paths: names, weights: entries }],
    userDefinedMetadata: { gradcam: describeModel(options, match, id, digests) },
  };
  const json = await sink.createFile(MODEL_JSON);
  await json.write(new TextEncoder().encode(`${JSON.stringify(model)}\n`));
  await json.close();
  await sink.settle();
  return {
    id,
    architecture: architecture.id,
    naming: match.variant.naming,
    classes: match.classes,
    used: match.used.map(({ weight, tensor }) => ({ weight: weight.name, tensor: tensor.name })),
    unused: match.unused,
    rounded: [...rounded].map(([name, values]) => ({ name, values })),
    weightBytes,
    shards: shards.length,
  };
}

function describeModel(
  options: ConvertWeightsOptions,
  match: WeightMatch,
  id: string,
  shards: Readonly<Record<string, string>>,
): GradcamMetadata {
  const { architecture, file, source } = options;
  const published = match.classes === architecture.classes;
  const known = published ? getLabels(architecture.labels) : undefined;
  const labels = options.labels ?? known?.labels;
  const wnids = options.labels === undefined ? known?.wnids : undefined;
  return {
    schema: 1,
    id,
    architecture: architecture.id,
    source: { uri: source.uri, format: file.format, sha256: source.sha256 },
    conversion: options.conversion,
    shards,
    input: match.variant.input,
    logits: architecture.logits,
    endpoints: match.draft.endpoints,
    defaultEndpoint: architecture.defaultEndpoint,
    ...(labels === undefined ? {} : { labels }),
    ...(wnids === undefined ? {} : { wnids }),
  };
}
