import type { PreparedInput } from '@gradcam/core';
import type { ExplainedImage, Explainer, ExplainerOptions } from '@gradcam/runs';

/**
 * Explains several prepared images with the same options, in one run of the model where the explainer can.
 *
 * @returns for each input, in their order, its result or what explaining it threw.
 */
export async function explainTogether(
  explainer: Explainer,
  inputs: readonly PreparedInput[],
  options: ExplainerOptions,
): Promise<readonly PromiseSettledResult<ExplainedImage>[]> {
  if (inputs.length > 1 && explainer.explainTogether !== undefined) {
    return explainer.explainTogether(inputs, options, () => {});
  }
  return Promise.allSettled(inputs.map((input) => explainer.explain(input, options, () => {})));
}
