import type { NdArray } from '../../base/nd-array.ts';
import { sumCells, weightChannels } from '../../methods/grid/map-algebra.ts';
import type { MethodInputs } from '../../methods/method.ts';
import type { VariantInputs } from '../preset.ts';

/**
 * Grad-CAM++ of pytorch-grad-cam: as ours, with 1e-6 in alpha's denominator:
 * alpha = g^2 / (2 g^2 + g^3 sum A + 1e-6), which damps gradients below a thousandth.
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
 * Grad-CAM++ of torchcam as it runs: w_k = sum_p g^2 relu(g). Its documentation has the division of
 * the paper; the code divides a copy, which is lost.
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
 * exp(88) fills float32, and the map is some hundreds of it; the factor cancels when the map is
 * normalised, so that a bound well below changes no display.
 */
const LARGEST_EXPONENT = 40;

/**
 * Grad-CAM++ of tf-keras-vis: alphas of the paper divided by their sum over all cells of the channel,
 * which can be negative and then turns the channel's sign; gradients carry the factor exp(score).
 *
 * @see keisen/tf-keras-vis, tf_keras_vis/gradcam_plus_plus.py
 */
export function computeGradCamPlusPlusOfTfKerasVis({
  activations,
  gradients,
  score,
}: VariantInputs): NdArray {
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
