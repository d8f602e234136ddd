import { describe, expect, test } from 'vitest';
import { computeGradCam, computeGradCamWeights } from '../../../src/methods/grid/grad-cam.ts';
import { toyConv1, toyGradientAtConv1, toyGradientAtRelu1, toyRelu1 } from '../../golden/toy.ts';
import { array } from '../../helper/array.ts';

describe('Grad-CAM of the toy net, equations 1 and 2 by hand', () => {
  test('at relu1: weights 4/4 and -2/4', () => {
    expect([...computeGradCamWeights(toyGradientAtRelu1)]).toEqual([1, -0.5]);
    expect(computeGradCam({ activations: toyRelu1, gradients: toyGradientAtRelu1 })).toEqual(
      array([
        [0, 4],
        [28, 32.5],
      ]),
    );
  });

  test('at conv1: weights 3/4 and -2/4', () => {
    expect([...computeGradCamWeights(toyGradientAtConv1)]).toEqual([0.75, -0.5]);
    expect(computeGradCam({ activations: toyConv1, gradients: toyGradientAtConv1 })).toEqual(
      array([
        [11.25, 13.5],
        [20.25, 22.5],
      ]),
    );
  });
});

test('the raw map keeps what speaks against the class', () => {
  const activations = array([[[2], [1]]]);
  const gradients = array([[[-1], [-3]]]);
  expect(computeGradCam({ activations, gradients })).toEqual(array([[-4, -2]]));
});

test('weights are means over rows and columns, not sums, whatever the shape', () => {
  const gradients = array([
    [
      [1, 10],
      [2, 20],
      [3, 30],
    ],
    [
      [4, 40],
      [5, 50],
      [6, 60],
    ],
  ]);
  expect([...computeGradCamWeights(gradients)]).toEqual([3.5, 35]);
});
