import type { NdArray } from '../array/nd-array.ts';
import type { BatchedRunOptions } from '../black-box/batched-runs.ts';
import type { Session } from '../engine/engine.ts';
import type { Seed } from '../engine/seed.ts';
import type { GridMethod } from '../methods/method.ts';

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
