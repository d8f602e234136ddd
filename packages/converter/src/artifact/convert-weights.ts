import type { Architecture, InputSpec } from '../architectures/architecture.ts';
import type { NetworkDraft } from '../architectures/network.ts';
import { getLabels } from '../labels/labels.ts';
import { matchWeights, requireCompleteMatch, type WeightMatch } from '../mapping/match-weights.ts';
import type { WeightFile } from '../tensors/stored-tensor.ts';
import { CONVERTER_VERSION } from '../version.ts';
import type {
  AssumedFacts,
  ConvertedModelJson,
  GradcamMetadata,
  GraphModelJson,
} from './model-json.ts';
import type { WeightDType } from './quantize.ts';
import type { ArtifactSink } from './sink.ts';
import { storeWeights } from './store-weights.ts';
import { createTopology } from './topology.ts';

/**
 * The file that makes a folder a model. It is written last, so that its presence means a complete artifact.
 */
export const MODEL_JSON = 'model.json';

/**
 * The name and version of the program that writes an artifact. Conversions by different versions count as
 * different.
 */
export const CONVERTED_BY = `@gradcam/converter ${CONVERTER_VERSION}`;

/** The input of {@link convertWeights}. */
export interface ConvertWeightsOptions {
  readonly file: WeightFile;
  readonly architecture: Architecture;
  /** Id of the model. Default: the architecture's id. */
  readonly id?: string | undefined;
  /** Where the weights came from, for the metadata. */
  readonly source: SourceIdentity;
  readonly sink: ArtifactSink;
  /** How kernels are stored. Default: float32, which keeps every value. */
  readonly dtype?: WeightDType | undefined;
  /** Names of the classes, if they are not the published ones. */
  readonly labels?: readonly string[] | undefined;
  /** Facts about the input that replace those of the architecture. */
  readonly input?: Partial<InputSpec> | undefined;
  /** What was assumed about the model, for its metadata. */
  readonly assumed?: AssumedFacts | undefined;
  /** What a user should know of the source, a sentence each. */
  readonly notes?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/** What the metadata states about the source. Its digests may still be computed while weights are written. */
export interface SourceIdentity {
  readonly uri: string;
  readonly digests: SourceDigests | Promise<SourceDigests>;
}

/** The digests in the metadata. */
export interface SourceDigests {
  readonly sha256: string;
  /** See `GradcamMetadata.conversion`. */
  readonly conversion: string;
}

/** The result of a conversion, by the names of weights and tensors. */
export interface ConversionReport {
  readonly id: string;
  /** `undefined` for a model of tfjs or Keras, which contains its own topology. */
  readonly architecture: string | undefined;
  readonly naming: string;
  /** `undefined` if the number is not known. */
  readonly classes: number | undefined;
  readonly dtype: WeightDType;
  /** Each weight of the model with the tensor that it came from. */
  readonly used: readonly { readonly weight: string; readonly tensor: string }[];
  /** Tensors and entries of the source that are not in the model, with the reasons. */
  readonly unused: readonly { readonly name: string; readonly reason: string }[];
  /** Tensors with values that float32 cannot hold exactly, and the number of such values. */
  readonly rounded: readonly { readonly name: string; readonly values: number }[];
  readonly weightBytes: number;
  readonly shards: number;
  /** What a user of the model should know, a sentence each. */
  readonly notes?: readonly string[];
  /** What was assumed because nothing in the source states it. */
  readonly assumed?: AssumedFacts | undefined;
}

/**
 * Converts the tensors of a weight file into a tfjs LayersModel: first the shards, then `model.json`.
 *
 * @throws MappingError when the tensors do not fit the architecture; errors of the reader
 */
export async function convertWeights(options: ConvertWeightsOptions): Promise<ConversionReport> {
  const { file, sink, dtype = 'float32' } = options;
  const match = matchWeights(options.architecture, file);
  requireCompleteMatch(match, options.source.uri);
  const weights = match.used.map(({ weight, tensor }) => ({ ...weight, tensor }));
  const stored = await storeWeights(sink, weights, options);
  const id = options.id ?? match.architecture.id;
  const digests = await options.source.digests;
  const gradcam = describeModel(options, match, id, digests, stored.digests);
  await writeModelJson(sink, {
    format: 'layers-model',
    generatedBy: CONVERTED_BY,
    convertedBy: CONVERTED_BY,
    modelTopology: createTopology(id, match.draft),
    weightsManifest: [stored.group],
    userDefinedMetadata: { gradcam },
  });
  return {
    id,
    architecture: match.architecture.id,
    naming: match.variant.naming,
    classes: match.classes,
    dtype,
    used: match.used.map(({ weight, tensor }) => ({ weight: weight.name, tensor: tensor.name })),
    unused: match.unused,
    rounded: stored.rounded,
    weightBytes: stored.byteLength,
    shards: stored.group.paths.length,
    notes: [...(options.notes ?? []), ...describeLacks(match.draft)],
    assumed: options.assumed,
  };
}

/** Writes `model.json` and waits until the whole artifact is stored. */
export async function writeModelJson(
  sink: ArtifactSink,
  model: ConvertedModelJson | GraphModelJson,
): Promise<void> {
  const file = await sink.createFile(MODEL_JSON);
  await file.write(new TextEncoder().encode(`${JSON.stringify(model)}\n`));
  await file.close();
  await sink.settle();
}

/** Plain tfjs has no groups of a convolution; core has. */
function describeLacks({ layers }: NetworkDraft): string[] {
  const grouped = layers.filter(({ config }) => config['groups'] !== undefined);
  const [first] = grouped;
  if (first === undefined) return [];
  return [
    `plain tfjs does not load this model, because it lacks: the groups of ${grouped.length} convolutions, such as ${first.name}`,
  ];
}

function describeModel(
  options: ConvertWeightsOptions,
  match: WeightMatch,
  id: string,
  digests: SourceDigests,
  shards: Readonly<Record<string, string>>,
): GradcamMetadata {
  const { file, source } = options;
  const { architecture } = match;
  const published = match.classes === architecture.classes;
  const known = published ? getLabels(architecture.labels) : undefined;
  const labels = options.labels ?? known?.labels;
  const wnids = options.labels === undefined ? known?.wnids : undefined;
  return {
    schema: 1,
    id,
    architecture: architecture.id,
    source: { uri: source.uri, format: file.format, sha256: digests.sha256 },
    conversion: digests.conversion,
    shards,
    input: { ...match.variant.input, ...options.input },
    logits: architecture.logits,
    endpoints: match.draft.endpoints,
    defaultEndpoint: architecture.defaultEndpoint,
    labels,
    wnids,
    assumed: options.assumed,
  };
}
