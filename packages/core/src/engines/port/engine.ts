import type { NdArray } from '../../base/nd-array.ts';
import type { ManifestWeight } from '../../artifact/weights-manifest.ts';
import type { LayerLibrary } from '../../readers/layers-model/layer-library.ts';
import type { ReluPolicy } from '../../network/op.ts';
import type { Network } from '../../network/network.ts';
import type { ResolvedSeed, Seed } from './seed.ts';

/** A model's weights by manifest name, decoded to float32. */
export type Weights = ReadonlyMap<string, NdArray>;

/** A model's weights, not read yet. */
export interface WeightSource {
  /** Of every weight, by its name in the manifest. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Another one whenever a value may have changed; null where nothing tells. */
  readonly identity: string | null;
  /** @throws GradcamError `model` for weights that are incomplete or not finite. */
  read(): Promise<Weights>;
}

/** Evaluates networks and their derivatives on one runtime. */
export interface Engine {
  /** As in `run.json`: runtime and backend, e.g. `tfjs-wasm`. */
  readonly name: string;
  /** Layers that the engine computes though the op set does not have them. */
  readonly library?: LayerLibrary;
  /** Opens a GraphModel, where the engine runs those. */
  openGraph?(graph: GraphModelFile): Promise<Session>;
  /** Runs an ONNX file as it stands, where the engine's runtime takes those. */
  runOnnxFile?(file: OnnxFileRun): Promise<ReadonlyMap<string, NdArray>>;
  /** Uploads the weights; the session owns them until it is disposed. */
  open(network: Network, weights: Weights): Promise<Session>;
  /** As `open`, where the engine may not need to read the weights. */
  openFrom?(network: Network, source: WeightSource): Promise<Session>;
}

/** An ONNX file with what it is to compute. */
export interface OnnxFileRun {
  readonly model: Uint8Array;
  /** Files with weights, by what the model says of where they are. */
  readonly external: ReadonlyMap<string, Uint8Array>;
  readonly inputs: ReadonlyMap<string, OnnxFileInput>;
  readonly outputs: readonly string[];
}

/** Values of an input; numbers of another type than float32 are whole. */
export interface OnnxFileInput extends NdArray {
  readonly type: 'float32' | 'float64' | 'uint8' | 'int32' | 'int64';
}

/** What a GraphModel's files hold. */
export interface GraphModelFile {
  readonly name: string;
  /** `modelTopology` of the `model.json`: a GraphDef. */
  readonly topology: unknown;
  /** Its `signature`; undefined where it has none. */
  readonly signature: unknown;
  readonly weights: readonly ManifestWeight[];
  /** All weights, one after the other, as the manifest lists them. */
  readonly bytes: ArrayBuffer;
  /** For an input that leaves its size open. */
  readonly inputSize?: readonly [height: number, width: number] | undefined;
  /** For the same where nobody states one. */
  readonly usualSize?: readonly [height: number, width: number] | undefined;
  /** The input that takes the picture, of several. */
  readonly imageInput?: string | undefined;
}

/** A network ready to run. */
export interface Session {
  readonly network: Network;
  /**
   * One forward run, and one backward run for each seed.
   *
   * @throws GradcamError `argument` for an input of the wrong shape or with values that are not finite; `not-found` for an unknown layer;
   *   `model` when the logits are not finite.
   */
  run(request: RunRequest): Promise<RunResult>;
  /**
   * Weights by their names, decoded to float32, for methods that look at biases.
   *
   * @throws GradcamError `model` for a name that is not there.
   */
  readWeights?(names: readonly string[]): Promise<Weights>;
  /**
   * The same weights with another of the model's outputs as the one that is explained: its place
   * among `network.heads`. Disposing it leaves this session as it is.
   */
  atOutput?(place: number): Session;
  /** Frees the weights; the session cannot be used afterwards. */
  dispose(): void;
}

export interface RunRequest {
  /** Input node to its values [batch, height, width, channels]; or a start in the middle. */
  readonly inputs?: Readonly<Record<string, NdArray>>;
  /** Resumes at a node with its value [batch, ..]: nothing before it is computed. */
  readonly from?: { readonly layer: string; readonly value: NdArray };
  /** Nodes whose values are wanted. The logits always come. */
  readonly outputs: readonly string[];
  readonly gradient?: GradientRequest;
}

export interface GradientRequest {
  /** A symbolic score, or the gradient with respect to the logits [batch, classes] in numbers. */
  readonly seeds: readonly (Seed | Float32Array)[];
  /** Nodes with respect to which the gradients are wanted. */
  readonly wrt: readonly string[];
  readonly relu: ReluPolicy;
}

export interface RunResult {
  /** [batch, classes] */
  readonly logits: NdArray;
  /** Node to its value [batch, ..]. */
  readonly outputs: ReadonlyMap<string, NdArray>;
  /** For each seed: node to the gradient of the score with respect to it, [batch, ..]. */
  readonly gradients: readonly ReadonlyMap<string, NdArray>[];
  /** For each seed: its value for each item of the batch; empty for a seed given in numbers. */
  readonly seeds: readonly (readonly ResolvedSeed[])[];
}
