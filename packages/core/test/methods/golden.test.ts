import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import { findMethod, methods } from '../../src/methods/registry.ts';
import type { MethodInputs } from '../../src/methods/shared-pass.ts';
import * as toy from '../golden/toy.ts';
import { expectClose, FLOAT32_SUMS } from '../helper/closeness.ts';
import { decodeArray } from '../helper/fixture.ts';
import { formulaMap } from '../helper/formula-map.ts';
import { netNames, readNetFixture } from '../helper/net-fixture.ts';

/** The goldens have six decimals. */
const SIX_DECIMALS = 5e-7;

function mapBy(name: string, inputs: MethodInputs): NdArray {
  return formulaMap(findMethod(name).explain, inputs);
}

describe('the toy net', () => {
  const atRelu1 = { activations: toy.toyRelu1, gradients: toy.toyGradientAtRelu1 };
  const atConv1 = { activations: toy.toyConv1, gradients: toy.toyGradientAtConv1 };

  function expectGolden(name: string, inputs: MethodInputs, golden: readonly number[][]): void {
    const { shape, data } = mapBy(name, inputs);
    expect(shape).toEqual([2, 2]);
    golden.flat().forEach((value, i) => {
      const tolerance = SIX_DECIMALS + FLOAT32_SUMS * Math.abs(value);
      expect(Math.abs(data[i]! - value)).toBeLessThanOrEqual(tolerance);
    });
  }

  test.each(Object.entries(toy.toyMapsAtRelu1))('%s at relu1', (name, golden) => {
    expectGolden(name, atRelu1, golden);
  });

  test.each(Object.entries(toy.toyMapsAtConv1))('%s at conv1', (name, golden) => {
    expectGolden(name, atConv1, golden);
  });
});

describe('random nets, against formulas in float64', () => {
  const names = {
    gradCam: 'grad-cam',
    hiResCam: 'hires-cam',
    gradCamPlusPlus: 'grad-cam-plus-plus',
    layerCam: 'layer-cam',
    xGradCam: 'xgrad-cam',
  };

  test.each(netNames)('%s', async (net) => {
    const { expected } = await readNetFixture(net);
    for (const [key, maps] of Object.entries(expected.maps)) {
      const [layer] = key.split('@') as [string];
      const activations = decodeArray(expected.activations[layer]!);
      const gradients = decodeArray(expected.gradients[key]!);
      for (const [oracle, name] of Object.entries(names)) {
        const map = mapBy(name, { activations, gradients });
        expectClose(map, decodeArray(maps[oracle]!), FLOAT32_SUMS, maps.scales[oracle]);
      }
    }
  });

  test('CAM is the linear layer’s weights on the last grid', async () => {
    const { expected, weights } = await readNetFixture('mobilenet-like');
    const kernel = weights.get('logits/kernel')!;
    const activations = decodeArray(expected.activations['pw_3_relu']!);
    const [rows, columns, channels] = activations.shape as [number, number, number];
    for (const index of expected.classes) {
      const gradients = decodeArray(expected.gradients[`pw_3_relu@${index}`]!);
      const cam: NdArray = { shape: [rows, columns], data: new Float32Array(rows * columns) };
      activations.data.forEach((value, i) => {
        const weight = kernel.data[(i % channels) * 7 + index]!;
        cam.data[Math.floor(i / channels)]! += weight * value;
      });
      const scale = expected.maps[`pw_3_relu@${index}`]!.scales['gradCam']! * rows * columns;
      expectClose(mapBy('cam', { activations, gradients }), cam, FLOAT32_SUMS, scale);
    }
  });
});

describe('the registry', () => {
  test('names are unique, aliases too, and safe in file names', () => {
    const names = methods.map(({ name }) => name);
    const all = methods.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(new Set(all).size).toBe(all.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(names).toMatchSnapshot();
  });

  test('finds by name and alias, and suggests', () => {
    expect(findMethod('grad-cam++').name).toBe('grad-cam-plus-plus');
    expect(() => findMethod('layer-cma')).toThrow(
      expect.objectContaining({ candidates: expect.arrayContaining(['layer-cam']) }),
    );
  });
});
