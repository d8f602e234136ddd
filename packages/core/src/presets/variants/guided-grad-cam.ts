import type { NdArray } from '../../base/nd-array.ts';
import { computeGradCam } from '../../methods/grid/grad-cam.ts';
import type { PixelInputs } from '../../methods/method.ts';
import { applySteps, type DisplayStep } from '../display-step.ts';
import { fromValues, toValues } from '../values.ts';

/**
 * Guided Grad-CAM in a peer's way: its picture of guided backpropagation times its map of Grad-CAM.
 *
 * @param camSteps from the raw Grad-CAM to the map at the input's size.
 * @param pixelSteps what is done to the gradients before the product.
 */
export function guideByMap(
  { inputGradients, layer }: Pick<PixelInputs, 'inputGradients' | 'layer'>,
  camSteps: readonly DisplayStep[],
  pixelSteps: readonly DisplayStep[] = [],
): NdArray {
  const [height = 1, width = 1, channels = 1] = inputGradients.shape;
  const size = { width, height };
  const cam = applySteps(toValues(computeGradCam(layer)), camSteps, size).data;
  const pixels = applySteps(toValues(inputGradients), pixelSteps, size);
  const data = pixels.data.map((value, i) => value * cam[Math.floor(i / channels)]!);
  return fromValues({ ...pixels, data });
}
