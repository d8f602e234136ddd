import type { NdArray } from '../base/nd-array.ts';
import type { BatchedRunOptions } from './passes/batched-runs.ts';
import type { Session } from '../engines/port/engine.ts';
import type { Seed } from '../engines/port/seed.ts';
import type { MethodName } from './method-names.ts';
import type { ReluPolicy } from '../network/op.ts';

/** What a method at a layer computes its map from, for one image. */
export interface MethodInputs {
  /** [rows, columns, channels] of the layer that is explained. */
  readonly activations: NdArray;
  /** Gradient of the score with respect to the activations, same shape. */
  readonly gradients: NdArray;
}

/** What a method at the model's input computes its map from. */
export interface PixelInputs {
  /** The model's input values [height, width, channels]. */
  readonly input: NdArray;
  /** Gradient of the score with respect to them, under the method's ReLU policy. */
  readonly inputGradients: NdArray;
  /** Of the layer that is explained, for a method that has one. */
  readonly layer: MethodInputs;
}

interface MethodFacts {
  /** As typed on the command line, and safe in a file's name. */
  readonly name: MethodName;
  /** Other names that people type. */
  readonly aliases?: readonly string[];
  readonly title: string;
  readonly paper: string;
  /** One sentence on what the map shows. */
  readonly summary: string;
  /** Whether the displayed map cuts negative evidence; the raw map never does. */
  readonly relu: boolean;
  /** Whether the map is made without any gradient, so that models without gradients can have it. */
  readonly gradientFree?: true;
  /** What it costs beside one forward run, for help texts. */
  readonly cost: string;
}

/** A method that gives one value for each cell of a layer. */
export interface GridMethod extends MethodFacts {
  readonly kind: 'grid';
  /** A tail that the method's formula presumes; others are refused. */
  readonly presumes?: 'mean-and-linear-head';
  /** The raw map [rows, columns]: layer resolution, before the ReLU, signed, not normalised. */
  readonly computeMap: (inputs: MethodInputs) => NdArray;
}

/** A method that gives one value for each channel of each input pixel. */
export interface PixelMethod extends MethodFacts {
  readonly kind: 'pixels';
  /** What ReLUs let through on the way back to the input. */
  readonly policy: ReluPolicy;
  /** Whether the map depends on a layer too; else it is the same whatever layer is asked for. */
  readonly usesLayer: boolean;
  /** The raw map [height, width, channels] in the model's input size and channel order, signed. */
  readonly computeMap: (inputs: PixelInputs) => NdArray;
}

/** What a method of many runs is told. */
export interface RunMethodOptions extends BatchedRunOptions {
  /** Node that is explained; a method that uses none does not look at it. */
  readonly layer: string;
  readonly seeds: readonly Seed[];
  /**
   * Budget: masks of RISE, channels of Score-CAM, noisy inputs, points of a path. Occlusion and
   * Ablation-CAM need as many runs as there are windows and channels.
   */
  readonly runs?: number;
}

/** The map of one seed. */
export interface RunMap {
  /** Raw: before the ReLU, signed, not normalised. */
  readonly map: NdArray;
  /** Of integrated gradients and FullGrad: how far their terms' sum is from what they explain. */
  readonly completenessError?: number;
  /**
   * The value that means "nothing" where it is not 0: the displayed map is of raw minus this. What a
   * map owes to no pixel in particular would else cover the picture with one colour.
   */
  readonly nothing?: number;
}

/** A method that runs the model again and again, as data and one function. */
export interface RunMethod extends Omit<GridMethod, 'kind' | 'presumes' | 'computeMap'> {
  readonly kind: 'runs';
  /**
   * `grid`: [rows, columns] of the layer, or of the model's input for a method without one; `pixels`:
   * [height, width, channels] in the input's channel order.
   */
  readonly map: 'grid' | 'pixels';
  readonly usesLayer: boolean;
  /** One map for each seed, all from the same runs. */
  readonly computeMaps: (
    session: Session,
    input: NdArray,
    options: RunMethodOptions,
  ) => Promise<readonly RunMap[]>;
}

/** An explanation method as plain data and a function. */
export type Method = GridMethod | PixelMethod | RunMethod;
