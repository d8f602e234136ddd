import type { NdArray } from '../../base/nd-array.ts';
import { computeGradCam } from '../../methods/grid/grad-cam.ts';
import type { PixelInputs } from '../../methods/shared-pass.ts';
import { applySteps, type DisplayStep } from '../display-step.ts';
import { fromValues, toValues } from '../values.ts';

/**
 * A peer's Guided Grad-CAM: its picture of guided backpropagation times its map of Grad-CAM.
 *
 * @param camSteps the steps from the raw Grad-CAM to the map in the input's size.
 * @param pixelSteps the steps that are applied to the gradients before the product.
 * @returns [height, width, channels], or [height, width] where the steps merge the channels.
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
