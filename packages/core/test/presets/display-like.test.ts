import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import { fitImage } from '../../src/image/geometry.ts';
import { displayLike, displayMapLike, outlierScale } from '../../src/presets/display-like.ts';
import { findPreset, peerMethod } from '../../src/presets/presets.ts';
import { array } from '../helper/array.ts';
import { formulaMap } from '../helper/formula-map.ts';

const toy = array([
  [0, 4],
  [28, 32.5],
]);
const beforeRelu = array([
  [11.25, 13.5],
  [20.25, 22.5],
]);

function show(raw: NdArray, preset: string, side = 4): NdArray {
  return displayLike(raw, findPreset(preset), 'grad-cam', { width: side, height: side });
}

function expectRow(found: NdArray, row: number, expected: readonly number[], digits = 4): void {
  const width = found.shape[1]!;
  expected.forEach((value, x) => expect(found.data[row * width + x]).toBeCloseTo(value, digits));
}

describe('one raw map under six conventions: the goldens of the toy net', () => {
  test('pytorch-grad-cam', () => {
    expectRow(show(toy, 'pytorch-grad-cam'), 0, [0, 0.0308, 0.0923, 0.1231]);
    expectRow(show(toy, 'pytorch-grad-cam'), 1, [0.2154, 0.2471, 0.3106, 0.3423]);
    expectRow(show(beforeRelu, 'pytorch-grad-cam'), 0, [0, 0.05, 0.15, 0.2]);
    expectRow(show(beforeRelu, 'pytorch-grad-cam'), 3, [0.8, 0.85, 0.95, 1]);
  });

  test('torchcam at layer resolution', () => {
    const cells = show(toy, 'torchcam', 2);
    expectRow(cells, 0, [0, 0.1231]);
    expectRow(cells, 1, [0.8615, 1]);
    expectRow(show(beforeRelu, 'torchcam', 2), 0, [0, 0.2]);
  });

  test('tf-keras-vis', () => {
    expectRow(show(toy, 'tf-keras-vis'), 1, [0.2872, 0.3299, 0.3726, 0.4154]);
    expectRow(show(beforeRelu, 'tf-keras-vis'), 0, [0, 0.0667, 0.1333, 0.2]);
  });

  test('captum', () => {
    expectRow(show(beforeRelu, 'captum'), 0, [11.25, 11.25, 13.5, 13.5], 6);
    expectRow(show(array([[-3, 1]]), 'captum', 2), 0, [-3, 1], 6);
  });

  test('tfjs-examples', () => {
    expectRow(show(toy, 'tfjs-examples'), 1, [0.4308, 0.4962, 0.5615, 0.5615]);
    expectRow(show(beforeRelu, 'tfjs-examples'), 0, [0.5, 0.55, 0.6, 0.6]);
  });

  test('insikk: the border takes a quarter of the zeros around, the corner nearly half', () => {
    // Cells 1 1; 1 1 would stay 1: the result is cut to the map's own range.
    expectRow(
      show(
        array([
          [1, 1],
          [1, 1],
        ]),
        'insikk',
      ),
      0,
      [1, 1, 1, 1],
      6,
    );
    // 0 1; 0 1: the corner is .75 * .75 of 1, the last column below it .75.
    const found = show(
      array([
        [0, 1],
        [0, 1],
      ]),
      'insikk',
    );
    expectRow(found, 0, [0, 0.25 * 0.75, 0.75 * 0.75, 0.75 * 0.75], 6);
    expectRow(found, 1, [0, 0.25, 0.75, 0.75], 6);
  });
});

test('captum’s Guided Grad-CAM of the toy net', () => {
  // Weights (1, 0), so that the raw Grad-CAM is the first channel: the golden's 0 4; 28 32.5.
  const activations = array([
    [[0], [4]],
    [[28], [32.5]],
  ]);
  const gradients = { shape: activations.shape, data: new Float32Array(4).fill(1) };
  const guided = array([
    [[0], [1], [1], [1]],
    [[1], [3], [3], [2]],
    [[1], [3], [3], [2]],
    [[1], [2], [2], [1]],
  ]);
  const { explain } = peerMethod(findPreset('captum'), 'guided-grad-cam');
  const found = formulaMap(explain!, { activations, gradients }, { inputGradients: guided });
  expect([...found.data]).toEqual([
    ...[0, 0, 4, 4],
    ...[0, 0, 12, 8],
    ...[28, 84, 97.5, 65],
    ...[28, 56, 65, 32.5],
  ]);
});

describe('a map over the original image', () => {
  const whole = fitImage(
    { width: 4, height: 4 },
    { width: 4, height: 4, fit: 'squash', cropFraction: 1 },
  );

  test('where input and image are of one size it is the peer’s map, number by number', () => {
    for (const name of ['pytorch-grad-cam', 'tf-keras-vis', 'tfjs-examples', 'insikk']) {
      const map = displayMapLike(toy, findPreset(name), 'grad-cam', whole);
      const expected = show(toy, name).data;
      map.values.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
    }
  });

  test('lies where the input lay, and nothing is outside', () => {
    const cropped = fitImage(
      { width: 8, height: 4 },
      { width: 4, height: 4, fit: 'crop', cropFraction: 1 },
    );
    const map = displayMapLike(toy, findPreset('tfjs-examples'), 'grad-cam', cropped);
    expect([...map.visible.subarray(0, 8)]).toEqual([0, 0, 1, 1, 1, 1, 0, 0]);
    const row = [0, 0, 0, 0.0615, 0.1231, 0.1231, 0, 0];
    row.forEach((value, i) => expect(map.values[i]).toBeCloseTo(value, 4));
  });

  test('captum’s is scaled by outliers, with its signs', () => {
    // Magnitudes 1 1 1 97: their sum is 100, and the first three make 3 of the 98 wanted.
    expect(outlierScale([1, -1, 1, 97])).toBe(97);
    // 50 50 1 1: 1 + 1 + 50 = 52, 102 in all, 99.96 wanted.
    expect(outlierScale([-50, 50, 1, 1])).toBe(50);
    // A hundred ones: the 98th reaches 98.
    expect(outlierScale(new Float32Array(100).fill(-1))).toBe(1);
    expect(outlierScale([0, 0])).toBe(1);
    const signed = array([
      [-4, 2],
      [2, -4],
    ]);
    const map = displayMapLike(signed, findPreset('captum'), 'grad-cam', whole);
    expect([...map.values.subarray(0, 4)]).toEqual([-1, -1, 0.5, 0.5]);
  });

  test.each(['pytorch-grad-cam', 'torchcam', 'tf-keras-vis', 'captum', 'tfjs-examples', 'insikk'])(
    'a map of zeros stays zero under %s',
    (name) => {
      const zeros = array([
        [0, 0],
        [0, 0],
      ]);
      const { values } = displayMapLike(zeros, findPreset(name), 'grad-cam', whole);
      expect([...values]).toEqual(new Array(16).fill(0));
    },
  );
});
