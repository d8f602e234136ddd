import { batchItem, type NdArray } from '../base/nd-array.ts';
import type { ReluPolicy } from '../network/op.ts';
import type { Method } from './method.ts';
import type { MethodInputs, PixelInputs } from './shared-pass.ts';

/** What a formula at a layer may read: values of the layer, and the score whose gradients they are. */
export interface ScoredInputs extends MethodInputs {
  readonly score: number;
}

/** The facts that all methods with a formula at a layer have in common. */
export const layerMethod = { map: 'grid', relu: true, usesLayer: true, passes: 'shared' } as const;

/** The `explain` of a method that computes its map from a layer of the shared pass. */
export function explainAtLayer(formula: (inputs: ScoredInputs) => NdArray): Method['explain'] {
  return ({ shared, layer, seeds }) =>
    seeds.map((_, seedIndex) => {
      const { score } = shared.seeds[seedIndex]!;
      return { map: formula({ ...shared.layer(layer, seedIndex), score }) };
    });
}

/**
 * The `explain` of a method that computes its map from gradients at the input of the shared pass.
 *
 * @param policy the ReLU policy of the gradients, the same as the method's `inputPolicy`.
 */
export function explainAtInput(
  policy: ReluPolicy,
  formula: (inputs: PixelInputs) => NdArray,
): Method['explain'] {
  return ({ shared, input, layer, seeds }) =>
    seeds.map((_, seedIndex) => {
      const inputGradients = shared.inputGradients(policy, seedIndex);
      const values = shared.layer(layer, seedIndex);
      return { map: formula({ input: batchItem(input, 0), inputGradients, layer: values }) };
    });
}
