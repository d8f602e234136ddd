import type { NdArray } from '../base/nd-array.ts';
import type { ResolvedSeed } from '../engines/port/seed.ts';
import type { ReluPolicy } from '../network/op.ts';

/**
 * Results of the model's pass over one image that all methods share: one forward pass, and one backward
 * pass for each ReLU policy that a method needs.
 */
export interface SharedPass {
  /** Scores of the first output before its activation. */
  readonly logits: Float32Array;
  /** The seeds with their scores, in the order of the plan. */
  readonly seeds: readonly ResolvedSeed[];
  /** Values at a node for the seed at this index, under the plain ReLU policy. */
  layer(node: string, seedIndex: number): MethodInputs;
  /** @throws Error for a policy that no method of the plan needs, which is a fault of the planner. */
  inputGradients(policy: ReluPolicy, seedIndex: number): NdArray;
}

/** What a formula at a layer computes its map from, for one image and one seed. */
export interface MethodInputs {
  /** [rows, columns, channels] of the layer that is explained. */
  readonly activations: NdArray;
  /** Gradient of the score with respect to the activations, in their shape. */
  readonly gradients: NdArray;
}

/** What a formula at the model's input computes its map from, for one image and one seed. */
export interface PixelInputs {
  /** The model's input values [height, width, channels]. */
  readonly input: NdArray;
  /** Gradient of the score with respect to the input, under the method's ReLU policy, in its shape. */
  readonly inputGradients: NdArray;
  /** Values at the layer that is explained. Only a method that uses a layer reads them. */
  readonly layer: MethodInputs;
}
