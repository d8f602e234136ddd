import type { NdArray } from '../../base/nd-array.ts';
import { sumCells, weightChannels } from '../../methods/grid/map-algebra.ts';
import type { ScoredInputs } from '../../methods/formula.ts';
import type { MethodInputs } from '../../methods/shared-pass.ts';

/**
 * Grad-CAM++ of pytorch-grad-cam. It adds 1e-6 to the denominator of alpha:
 * alpha = g^2 / (2 g^2 + g^3 sum A + 1e-6), which damps gradients below about 0.001.
 *
 * @see jacobgil/pytorch-grad-cam, pytorch_grad_cam/grad_cam_plusplus.py
 */
export function computeGradCamPlusPlusOfPytorchGradCam({
  activations,
  gradients,
}: MethodInputs): NdArray {
  const sums = sumCells(activations);
  const weights = sumCells(gradients, (g, _, k) => {
    const denominator = 2 * g ** 2 + g ** 3 * sums[k]! + 1e-6;
    return g > 0 && denominator !== 0 ? (g ** 2 / denominator) * g : 0;
  });
  return weightChannels(activations, weights);
}

/**
 * Grad-CAM++ of torchcam as its code runs: w_k = sum_p g^2 relu(g). Its documentation states the paper's
 * division, but the code divides a copy and then does not use it.
 *
 * @see frgfm/torch-cam, torchcam/methods/gradient.py
 */
export function computeGradCamPlusPlusOfTorchcam({
  activations,
  gradients,
}: MethodInputs): NdArray {
  const weights = sumCells(gradients, (g) => g ** 2 * Math.max(0, g));
  return weightChannels(activations, weights);
}

/**
 * Largest exponent of the factor exp(score). exp(88) is near the largest float32, and a map can be some
 * hundreds of times the factor. The factor cancels when the map is normalised, so this lower bound changes no
 * display.
 */
const LARGEST_EXPONENT = 40;

/**
 * Grad-CAM++ of tf-keras-vis: the paper's alphas are divided by their sum over all cells of the channel. A
 * negative sum turns the channel's sign. The gradients carry the factor exp(score).
 *
 * @see keisen/tf-keras-vis, tf_keras_vis/gradcam_plus_plus.py
 */
export function computeGradCamPlusPlusOfTfKerasVis({
  activations,
  gradients,
  score,
}: ScoredInputs): NdArray {
  const factor = Math.exp(Math.min(LARGEST_EXPONENT, score));
  const sums = sumCells(activations);
  const alphaOf = (g: number, k: number): number => {
    const denominator = 2 + g * sums[k]!;
    return g === 0 || denominator === 0 ? 0 : 1 / denominator;
  };
  const totals = sumCells(gradients, (g, _, k) => alphaOf(g, k));
  const weights = sumCells(gradients, (g, _, k) => {
    const share = totals[k] === 0 ? alphaOf(g, k) : alphaOf(g, k) / totals[k]!;
    return factor * Math.max(0, g) * share;
  });
  return weightChannels(activations, weights);
}
