import { expect, test } from 'vitest';
import {
  computeGradCamPlusPlusOfPytorchGradCam,
  computeGradCamPlusPlusOfTfKerasVis,
  computeGradCamPlusPlusOfTorchcam,
} from '../../src/presets/variants/grad-cam-plus-plus.ts';
import { computeGuardedXGradCam } from '../../src/presets/variants/x-grad-cam.ts';
import { channelsLast } from '../helper/array.ts';

/** The toy net's ReLU layer: sums 75 and 21, gradients 1 but for three cells of the second channel. */
const activations = channelsLast([
  [
    [0, 4],
    [31, 40],
  ],
  [
    [0, 0],
    [6, 15],
  ],
]);
const gradients = channelsLast([
  [
    [1, 1],
    [1, 1],
  ],
  [
    [1, -1],
    [-1, -1],
  ],
]);

/** Goldens are rounded to six decimals of weights below four, on activations up to 40. */
function expectWeights(found: Float32Array, first: number, second: number): void {
  const expected = [0, 4 * first, 31 * first + 6 * second, 40 * first + 15 * second];
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 3));
}

test('Grad-CAM++ of pytorch-grad-cam: four of 1 / 77, one of 1 / 23', () => {
  const { data } = computeGradCamPlusPlusOfPytorchGradCam({ activations, gradients });
  expectWeights(data, 4 / 77, 1 / 23);
});

test('Grad-CAM++ of torchcam as it runs: the sum of positive gradients cubed', () => {
  expectWeights(computeGradCamPlusPlusOfTorchcam({ activations, gradients }).data, 4, 1);
});

test('Grad-CAM++ of tf-keras-vis: a channel’s alphas may sum to less than nothing', () => {
  // Second channel: alphas 1 / 23 once, 1 / (2 - 21) three times; their share is -.38.
  const inputs = { activations, gradients, score: 0 };
  const { data } = computeGradCamPlusPlusOfTfKerasVis(inputs);
  expectWeights(data, 1, -0.38);
  // The score scales the map by its exponential, and none overflows.
  const scaled = computeGradCamPlusPlusOfTfKerasVis({ ...inputs, score: Math.log(2) });
  expect(scaled.data[1]).toBeCloseTo(2 * data[1]!, 5);
  const huge = computeGradCamPlusPlusOfTfKerasVis({ ...inputs, score: 1e4 });
  expect(huge.data.every(Number.isFinite)).toBe(true);
});

test('XGrad-CAM with a guard that is seen: 75 / (75 + 8), -21 / (21 + 8)', () => {
  const { data } = computeGuardedXGradCam({ activations, gradients }, 8);
  expectWeights(data, 75 / 83, -21 / 29);
});

test('a channel without gradient, or whose denominator vanishes, has no weight', () => {
  const silent = { activations, gradients: { ...gradients, data: new Float32Array(8) }, score: 1 };
  for (const compute of [
    computeGradCamPlusPlusOfPytorchGradCam,
    computeGradCamPlusPlusOfTorchcam,
    computeGradCamPlusPlusOfTfKerasVis,
  ]) {
    expect([...compute(silent).data]).toEqual([0, 0, 0, 0]);
  }
});
