import type { InputSpec } from '../architectures/architecture.ts';
import type { ConversionRecord } from './conversion-record.ts';
import type { ModelTopology } from './topology.ts';

/** A tfjs `model.json` with the metadata of this project. Specification: tfjs-core/src/io/types.ts. */
export interface ModelJson {
  readonly format: 'layers-model';
  readonly generatedBy: string;
  readonly convertedBy: string;
  readonly modelTopology: ModelTopology | unknown;
  readonly weightsManifest: readonly WeightsGroup[];
  readonly userDefinedMetadata: { readonly gradcam: GradcamMetadata };
}

/** Any `model.json` of this package. One of a Keras model has only the record of its conversion. */
export interface ConvertedModelJson extends Omit<ModelJson, 'userDefinedMetadata'> {
  readonly userDefinedMetadata: {
    readonly gradcam?: GradcamMetadata;
    readonly gradcamConversion?: ConversionRecord;
  };
}

/** The `model.json` of a GraphModel. Specification: tfjs-converter/src/data/compiled_api.ts. */
export interface GraphModelJson extends Omit<ConvertedModelJson, 'format'> {
  readonly format: 'graph-model';
  readonly signature: {
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly outputs: Readonly<Record<string, unknown>>;
  };
}

/** Weights whose bytes follow each other in the shards. */
export interface WeightsGroup {
  readonly paths: readonly string[];
  readonly weights: readonly WeightEntry[];
}

/** One weight of the manifest. */
export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: Quantization;
}

/** How stored numbers become the weight: `stored * scale + min`, or an IEEE half-precision number. */
export type Quantization =
  | { readonly dtype: 'float16' }
  | { readonly dtype: 'uint8' | 'uint16'; readonly min: number; readonly scale: number };

const STORED_BYTES: ReadonlyMap<string, number> = new Map([
  ['float32', 4],
  ['int32', 4],
  ['float16', 2],
  ['uint16', 2],
  ['uint8', 1],
  ['bool', 1],
]);

/** The bytes that a weight takes in the shards; NaN for dtypes without a fixed size. */
export function measureEntry(entry: WeightEntry): number {
  const bytes = STORED_BYTES.get(entry.quantization?.dtype ?? entry.dtype) ?? Number.NaN;
  return entry.shape.reduce((product, size) => product * size, bytes);
}

/** `userDefinedMetadata.gradcam`: facts that a LayersModel itself does not state. */
export interface GradcamMetadata {
  readonly schema: 1;
  readonly id: string;
  readonly architecture: string;
  readonly source: { readonly uri: string; readonly format: string; readonly sha256: string };
  /** sha256 over everything that the artifact depends on: source, architecture, options, converter. */
  readonly conversion: string;
  /** The sha256 of each shard in hexadecimal, by the name of its file. */
  readonly shards: Readonly<Record<string, string>>;
  readonly input: InputSpec;
  readonly logits: string;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly defaultEndpoint: string;
  readonly labels?: readonly string[];
  readonly wnids?: readonly string[];
  readonly assumed?: AssumedFacts;
}

/** Facts that nothing in the source states, each as a sentence that says what was assumed instead. */
export interface AssumedFacts {
  readonly architecture?: string;
  readonly head?: string;
  readonly input?: string;
  readonly labels?: string;
}
