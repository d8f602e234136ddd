import type { NdArray } from '../../src/base/nd-array.ts';
import type { Method } from '../../src/methods/method.ts';
import type { MethodInputs } from '../../src/methods/shared-pass.ts';

/** What the shared pass holds beside the layer's values; each has a harmless default. */
interface PassFacts {
  readonly score?: number;
  /** [height, width, channels] */
  readonly input?: NdArray;
  readonly inputGradients?: NdArray;
}

/**
 * The map that a method computes from given values of the shared pass, without a model.
 *
 * @param explain of a method whose `passes` are `shared`: it reads nothing but the shared pass.
 */
export function formulaMap(
  explain: Method['explain'],
  layer: MethodInputs,
  { score = 0, input = layer.activations, inputGradients = layer.gradients }: PassFacts = {},
): NdArray {
  const maps = explain({
    session: undefined as never,
    input: { shape: [1, ...input.shape], data: input.data },
    layer: 'layer',
    seeds: [{ score: 'logit', of: { class: 0 } }],
    shared: {
      logits: Float32Array.of(score),
      seeds: [{ classIndex: 0, score, gradient: Float32Array.of(1) }],
      layer: () => layer,
      inputGradients: () => inputGradients,
    },
  });
  if (maps instanceof Promise) throw new Error('a formula answers at once');
  return (maps as readonly { readonly map: NdArray }[])[0]!.map;
}
