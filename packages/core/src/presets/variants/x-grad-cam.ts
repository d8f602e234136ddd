import type { NdArray } from '../../base/nd-array.ts';
import { sumCells, sumProductsOverCells, weightChannels } from '../../methods/grid/map-algebra.ts';
import type { MethodInputs } from '../../methods/shared-pass.ts';

/**
 * XGrad-CAM with a guard: w_k = sum_p g_k A_k / (sum_p A_k + guard). A channel of zeros has weight 0, since
 * its numerator is 0.
 *
 * @param guard 1e-7 in pytorch-grad-cam (pytorch_grad_cam/xgrad_cam.py), 1e-8 in torchcam
 *   (torchcam/methods/gradient.py).
 */
export function computeGuardedXGradCam(
  { activations, gradients }: MethodInputs,
  guard: number,
): NdArray {
  const totals = sumCells(activations);
  const products = sumProductsOverCells(activations, gradients);
  const weights = products.map((product, k) => {
    const divisor = totals[k]! + guard;
    return divisor === 0 ? 0 : product / divisor;
  });
  return weightChannels(activations, weights);
}

/** XGrad-CAM of pytorch-grad-cam. */
export function computeXGradCamOfPytorchGradCam(inputs: MethodInputs): NdArray {
  return computeGuardedXGradCam(inputs, 1e-7);
}

/** XGrad-CAM of torchcam. */
export function computeXGradCamOfTorchcam(inputs: MethodInputs): NdArray {
  return computeGuardedXGradCam(inputs, 1e-8);
}
