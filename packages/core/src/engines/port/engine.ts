import type { NdArray } from '../../base/nd-array.ts';
import type { ManifestWeight } from '../../artifact/weights-manifest.ts';
import type { LayerLibrary } from '../../readers/layers-model/layer-library.ts';
import type { RawTensor } from '../../network/copied-node.ts';
import type { ReluRule } from '../../network/op.ts';
import type { Network } from '../../network/network.ts';
import type { ResolvedSeed, Seed } from './seed.ts';

/** A model's weights by manifest name, decoded to float32. */
export type Weights = ReadonlyMap<string, NdArray>;

/** A model's weights that have not been read yet. */
export interface WeightSource {
  /** The shape of every weight, by its name in the manifest. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** A text that changes whenever a value may have changed; null where changes cannot be noticed. */
  readonly identity: string | null;
  /** @throws GradcamError `model` for weights that are incomplete or not finite. */
  read(): Promise<Weights>;
  /**
   * The weights as arrays whose values are read from the model's files each time somebody asks for them, so
   * that few of them are in memory at a time. They are valid as long as the files do not change. Absent for
   * sources that can only be read as a whole.
   *
   * @throws GradcamError `model` as `read`; for a value that is not finite, when the value is read.
   */
  defer?(): Promise<Weights>;
}

/** Evaluates networks and their derivatives on one runtime. */
export interface Engine {
  /** The name of the runtime and the backend that `run.json` records, for example `tfjs-wasm`. */
  readonly name: string;
  /** Layers that the engine computes although the op set does not have them. */
  readonly library?: LayerLibrary;
  /** Opens a GraphModel. Engines that cannot run GraphModels do not have this function. */
  openGraph?(graph: GraphModelFile): Promise<Session>;
  /** Runs an untouched ONNX file. Only engines on ONNX Runtime have this function. */
  runOnnxFile?(file: OnnxFileRun): Promise<ReadonlyMap<string, NdArray>>;
  /** Runs an ONNX file as {@link RunOnnxValues}. Only engines on ONNX Runtime have this function. */
  runOnnxValues?: RunOnnxValues;
  /** Uploads the weights; the session owns them until it is disposed. */
  open(network: Network, weights: Weights): Promise<Session>;
  /** As `open`, for an engine that may be able to open the network without reading its weights. */
  openFrom?(network: Network, source: WeightSource): Promise<Session>;
}

/** An ONNX file, and which of its values to compute from which inputs. */
export interface OnnxFileRun {
  readonly model: Uint8Array;
  /** Contents of the files with weights, by the location that the model names. */
  readonly external: ReadonlyMap<string, Uint8Array>;
  readonly inputs: ReadonlyMap<string, OnnxFileInput>;
  readonly outputs: readonly string[];
}

/** Values of an input and the type in which the file takes them; integer types have whole numbers. */
export interface OnnxFileInput extends NdArray {
  readonly type: 'float32' | 'float64' | 'float16' | 'uint8' | 'int32' | 'int64';
}

/**
 * Runs an ONNX file once for each set of inputs, and returns its values in the file's own element types.
 * Nodes that are not translated are copied with what this shows.
 *
 * @throws GradcamError `engine` with the runtime's own reason, for a value that is not a tensor of numbers,
 *   and for one that would be larger than allowed.
 */
export type RunOnnxValues = (
  run: OnnxValuesRun,
) => Promise<readonly ReadonlyMap<string, RawTensor>[]>;

/** An ONNX file, and which of its values to compute from which sets of inputs. */
export interface OnnxValuesRun extends Pick<OnnxFileRun, 'model' | 'external' | 'outputs'> {
  readonly inputs: readonly ReadonlyMap<string, OnnxFileInput>[];
  /** Most values of an output whose shape is known before the run. */
  readonly maxValues: number;
}

/** The contents of a GraphModel's files, and what the caller stated about its inputs. */
export interface GraphModelFile {
  readonly name: string;
  /** `modelTopology` of the `model.json`: a GraphDef. */
  readonly topology: unknown;
  /** `signature` of the `model.json`; undefined where there is none. */
  readonly signature: unknown;
  readonly weights: readonly ManifestWeight[];
  /** All weights, one after the other, as the manifest lists them. */
  readonly bytes: ArrayBuffer;
  /** The stated size of the picture, for an input that leaves its size open. */
  readonly inputSize?: readonly [height: number, width: number] | undefined;
  /** The size to assume for such an input where none is stated. */
  readonly usualSize?: readonly [height: number, width: number] | undefined;
  /** The size to which the graph itself resizes pictures of any size. */
  readonly ownSize?: readonly [height: number, width: number] | undefined;
  /** Name of the input that takes the picture, for a model with several inputs. */
  readonly imageInput?: string | undefined;
  /**
   * One line that says why the GraphModel is not translated into the op set. Messages about gradients quote
   * it.
   */
  readonly obstacle?: string | undefined;
}

/** A network ready to run. */
export interface Session {
  readonly network: Network;
  /**
   * The name that `run.json` records for the engine, where another engine than the one that opened the
   * network runs it.
   */
  readonly engine?: string;
  /**
   * One forward pass, and one backward pass for each seed.
   *
   * @throws GradcamError `argument` for an input of the wrong shape or with values that are not finite,
   *   `not-found` for an unknown layer, `model` when the logits are not finite.
   */
  run(request: RunRequest): Promise<RunResult>;
  /**
   * Weights by their names, decoded to float32, for methods that look at biases.
   *
   * @throws GradcamError `model` for a name that the model does not have.
   */
  readWeights?(names: readonly string[]): Promise<Weights>;
  /**
   * A session on the same weights that explains another of the model's outputs. Disposing it leaves this
   * session as it is.
   *
   * @param place the output's place among `network.heads`.
   */
  atOutput?(place: number): Session;
  /** Frees the weights; the session cannot be used afterwards. */
  dispose(): void;
}

export interface RunRequest {
  /** Values of each input by its node's name, [batch, height, width, channels]. */
  readonly inputs?: Readonly<Record<string, NdArray>>;
  /** Resumes at a node, whose value [batch, ..] is given: nothing before the node is computed. */
  readonly from?: { readonly layer: string; readonly value: NdArray };
  /** Nodes whose values are returned in addition to the logits. */
  readonly outputs: readonly string[];
  readonly gradient?: GradientRequest;
}

/**
 * A score to differentiate: one symbolic score for all items of the batch, one for each item, or the gradient
 * of a score with respect to the logits, [batch, classes].
 */
export type PassSeed = Seed | readonly Seed[] | Float32Array;

export interface GradientRequest {
  readonly seeds: readonly PassSeed[];
  /** Nodes with respect to which the gradients are returned. */
  readonly wrt: readonly string[];
  readonly relu: ReluRule;
}

export interface RunResult {
  /** [batch, classes] */
  readonly logits: NdArray;
  /** Values [batch, ..] by the names of their nodes. */
  readonly outputs: ReadonlyMap<string, NdArray>;
  /** For each seed, the gradients [batch, ..] of its score by the names of the nodes. */
  readonly gradients: readonly ReadonlyMap<string, NdArray>[];
  /** For each seed, its value on each item of the batch; empty for a seed given in numbers. */
  readonly seeds: readonly (readonly ResolvedSeed[])[];
}
