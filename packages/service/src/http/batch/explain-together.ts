import type { PreparedInput } from '@gradcam/core';
import type { ExplainedImage, Explainer, ExplainerOptions } from '@gradcam/runs';

/**
 * Explains several prepared images with the same options.
 *
 * @returns for each input, in their order, its result or what explaining it threw.
 */
export async function explainTogether(
  explainer: Explainer,
  inputs: readonly PreparedInput[],
  options: ExplainerOptions,
): Promise<readonly PromiseSettledResult<ExplainedImage>[]> {
  return Promise.allSettled(inputs.map((input) => explainer.explain(input, options, () => {})));
}
