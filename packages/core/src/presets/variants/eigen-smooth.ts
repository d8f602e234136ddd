import type { NdArray } from '../../base/nd-array.ts';
import { explainAtLayer } from '../../methods/formula.ts';
import { computeEigenCam } from '../../methods/grid/eigen-cam.ts';
import type { Method } from '../../methods/method.ts';
import type { MethodInputs } from '../../methods/shared-pass.ts';

/**
 * The `explain` of pytorch-grad-cam's eigen_smooth: in place of the sum over the channels, the projection of
 * each cell on the first principal component of the weighted channels.
 *
 * @param weightOf the weight of the activation at an index.
 */
export function smoothByComponent(
  weightOf: (inputs: MethodInputs) => (index: number) => number,
): Method['explain'] {
  return explainAtLayer((inputs): NdArray => {
    const { shape, data } = inputs.activations;
    const weight = weightOf(inputs);
    const weighted = { shape, data: data.map((value, i) => value * weight(i)) };
    return computeEigenCam({ activations: weighted });
  });
}

/** Grad-CAM's weights: the mean gradient of a channel. */
export function meanGradient({ gradients }: MethodInputs): (index: number) => number {
  const { shape, data } = gradients;
  const channels = shape.at(-1)!;
  const sums = new Float64Array(channels);
  data.forEach((value, i) => (sums[i % channels]! += value));
  const cells = data.length / channels;
  return (index) => sums[index % channels]! / cells;
}

/** HiResCAM's weights: the gradients themselves. */
export function ownGradient({ gradients }: MethodInputs): (index: number) => number {
  return (index) => gradients.data[index]!;
}

/** The weights of the element-wise Grad-CAM: the gradients whose product with the activation is positive. */
export function gradientOfPositives({
  activations,
  gradients,
}: MethodInputs): (index: number) => number {
  return (index) =>
    gradients.data[index]! * activations.data[index]! > 0 ? gradients.data[index]! : 0;
}

/** LayerCAM's weights: the positive gradients. */
export function positiveGradient({ gradients }: MethodInputs): (index: number) => number {
  return (index) => Math.max(0, gradients.data[index]!);
}
