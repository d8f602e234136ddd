import type { NdArray } from '../base/nd-array.ts';
import type { Session } from '../engines/port/engine.ts';
import type { Seed } from '../engines/port/seed.ts';
import type { Network } from '../network/network.ts';
import type { ReluPolicy } from '../network/op.ts';
import type { Fixation } from './fixations/unravel.ts';
import type { MethodName } from './method-names.ts';
import type { BatchedRunOptions } from './passes/batched-runs.ts';
import type { SharedPass } from './shared-pass.ts';

/** An explanation method: facts about it as plain data, and the one function that computes its maps. */
export interface Method {
  /** As typed on the command line. It is safe in a file's name. */
  readonly name: MethodName;
  /** Other names that people type. */
  readonly aliases?: readonly string[];
  readonly title: string;
  /** Address of the paper. */
  readonly paper: string;
  /** One sentence that says what the map shows. */
  readonly summary: string;
  /** What the method costs beside one forward pass, in words, for help texts. */
  readonly cost: string;
  /**
   * The form of the raw map. `grid`: [rows, columns] of the layer, or of the model's input for a method
   * that uses no layer. `pixels`: [height, width, channels] of the model's input, in its channel order.
   */
  readonly map: 'grid' | 'pixels';
  /** Whether the display shows positive values only. The raw map always keeps both signs. */
  readonly relu: boolean;
  /** Whether the map depends on a layer. Otherwise it is the same whichever layer is asked for. */
  readonly usesLayer: boolean;
  /**
   * `shared`: the map is a formula over the one pass that all methods of an image share.
   * `own`: the method runs the model itself, often many times.
   */
  readonly passes: 'shared' | 'own';
  /** Set when the method needs no gradient, so that it works on models without gradients. */
  readonly gradientFree?: true;
  /** The ReLU policy of the gradients that the method reads at the model's input. Absent: it reads none. */
  readonly inputPolicy?: ReluPolicy;
  /** What must follow the layer for the method's formula to hold. Other layers are refused. */
  readonly presumes?: 'mean-and-linear-head';
  /**
   * Why a network cannot be explained, before anything runs; null where it can. Absent for a method whose
   * needs are gradients alone.
   */
  readonly findObstacle?: (network: Network) => string | null;
  /**
   * Computes one raw map for each seed of the context, in their order.
   *
   * @throws GradcamError `unsupported` for a model or a target that the method cannot explain.
   * @throws the signal's reason when aborted. Only a method with passes of its own looks at the signal.
   */
  readonly explain: (context: MethodContext) => readonly SeedMap[] | Promise<readonly SeedMap[]>;
}

/** Everything that a method may read to explain one image. */
export interface MethodContext extends BatchedRunOptions {
  /** A session whose only open input is the image; it supplies the model's further inputs itself. */
  readonly session: Session;
  /** Values of the image [1, height, width, channels], as the model takes them. */
  readonly input: NdArray;
  /** Name of the node that is explained. A method that uses no layer ignores it. */
  readonly layer: string;
  /** The scores to explain. */
  readonly seeds: readonly Seed[];
  /** Results of the pass that all methods share. */
  readonly shared: SharedPass;
  /**
   * How many passes a method with a free number of them may take: masks of RISE, channels of Score-CAM,
   * noisy inputs, points of a path. Occlusion and Ablation-CAM need one for each window and channel.
   */
  readonly runs?: number | undefined;
}

/** The raw map of one seed. */
export interface SeedMap {
  /** Before the ReLU, signed, not normalised. */
  readonly map: NdArray;
  /** Integrated gradients and FullGrad: the sum of all terms minus the value they should sum to. */
  readonly completenessError?: number;
  /**
   * The map's value where nothing speaks for or against the score, if that is not 0. The display shows
   * the raw map minus this level; without that, the level would cover the picture with one colour.
   */
  readonly nothing?: number;
  /** CNN-Fixations: the places that the map was made from, in cells of the model's input. */
  readonly points?: readonly Fixation[];
}
