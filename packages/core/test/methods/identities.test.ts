import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { NdArray } from '../../src/base/nd-array.ts';
import { computeCam } from '../../src/methods/grid/cam.ts';
import { computeEigenCam } from '../../src/methods/grid/eigen-cam.ts';
import { computeGradCam } from '../../src/methods/grid/grad-cam.ts';
import { computeGradCamElementwise, computeHiResCam } from '../../src/methods/grid/hires-cam.ts';
import { computeLayerCam } from '../../src/methods/grid/layer-cam.ts';
import { methods } from '../../src/methods/registry.ts';
import type { Method } from '../../src/methods/method.ts';
import type { MethodInputs } from '../../src/methods/shared-pass.ts';
import { computeRandomCam } from '../../src/methods/grid/random-cam.ts';
import { computeXGradCam } from '../../src/methods/grid/x-grad-cam.ts';
import { expectClose, largestOf } from '../helper/closeness.ts';
import { formulaMap } from '../helper/formula-map.ts';
import { createRandom, randomArray } from '../helper/random.ts';

/** Sums of some dozen float32 terms in another order. */
const REORDERED = 1e-6;

/** Sums over cells of maps that are stored in float32. */
const SUM_TOLERANCE = 1e-5;

/** RandomCAM draws a weight for each index of a channel, whatever the channel holds. */
const lawful = methods
  .filter(({ map, passes, name }) => map === 'grid' && passes === 'shared' && name !== 'random-cam')
  .map((method) => ({
    name: method.name,
    computeMap: (inputs: MethodInputs) => formulaMap(method.explain, inputs),
  }));

const anyLayer = fc
  .record({
    rows: fc.integer({ min: 1, max: 5 }),
    columns: fc.integer({ min: 1, max: 5 }),
    channels: fc.integer({ min: 1, max: 6 }),
    seed: fc.nat(),
  })
  .map(({ rows, columns, channels, seed }) => {
    const random = createRandom(seed);
    const shape = [rows, columns, channels];
    // Far enough from zero that no sum of a rectified channel is nothing by accident.
    const signs = randomArray(random, shape);
    const before = randomArray(random, shape, 0.1, 2);
    before.data.forEach((value, i) => (before.data[i] = signs.data[i]! < -0.3 ? -value : value));
    return { before, gradients: randomArray(random, shape) };
  });

function rectify(array: NdArray): NdArray {
  return { ...array, data: array.data.map((value) => Math.max(0, value)) };
}

/** What a ReLU with this input passes back. */
function throughRelu(before: NdArray, gradients: NdArray): NdArray {
  const data = gradients.data.map((value, i) => (before.data[i]! > 0 ? value : 0));
  return { ...gradients, data };
}

function rearrange(array: NdArray, from: (y: number, x: number, k: number) => number[]): NdArray {
  const [, columns, channels] = array.shape as [number, number, number];
  const data = array.data.map((_, i) => {
    const [y, x] = [Math.floor(i / channels / columns), Math.floor(i / channels) % columns];
    const [fromY, fromX, fromK] = from(y, x, i % channels) as [number, number, number];
    return array.data[(fromY * columns + fromX) * channels + fromK]!;
  });
  return { ...array, data };
}

function sumOf({ data }: NdArray): number {
  return data.reduce((sum, value) => sum + value, 0);
}

describe('identities of the methods', () => {
  test('HiResCAM and LayerCAM are the same before and after a ReLU', () => {
    fc.assert(
      fc.property(anyLayer, ({ before, gradients }) => {
        const after = { activations: rectify(before), gradients };
        const tapped = { activations: before, gradients: throughRelu(before, gradients) };
        expectClose(computeHiResCam(tapped), computeHiResCam(after), 0);
        expectClose(computeLayerCam(tapped), computeLayerCam(after), 0);
      }),
    );
  });

  test('XGrad-CAM sums to what HiResCAM sums to', () => {
    fc.assert(
      fc.property(anyLayer, ({ before, gradients }) => {
        const inputs = { activations: rectify(before), gradients };
        const difference = sumOf(computeXGradCam(inputs)) - sumOf(computeHiResCam(inputs));
        const scale = before.data.length * largestOf(before.data);
        expect(Math.abs(difference)).toBeLessThanOrEqual(SUM_TOLERANCE * scale);
      }),
    );
  });

  test('LayerCAM is the element-wise Grad-CAM where no activation is negative', () => {
    fc.assert(
      fc.property(anyLayer, ({ before, gradients }) => {
        const inputs = { activations: rectify(before), gradients };
        expectClose(computeLayerCam(inputs), computeGradCamElementwise(inputs), 0);
      }),
    );
  });

  test('with the same gradient in every cell Grad-CAM is HiResCAM, and CAM is N times that', () => {
    fc.assert(
      fc.property(anyLayer, ({ before: activations, gradients }) => {
        const flat = rearrange(gradients, (_y, _x, k) => [0, 0, k]);
        const inputs = { activations, gradients: flat };
        const gradCam = computeGradCam(inputs);
        const scale = activations.shape[2]! * largestOf(activations.data);
        expectClose(computeHiResCam(inputs), gradCam, REORDERED, scale);
        const cells = gradCam.data.length;
        const cam = { ...gradCam, data: gradCam.data.map((value) => value * cells) };
        expectClose(computeCam(inputs), cam, REORDERED, scale * cells);
      }),
    );
  });
});

describe.each(lawful)('laws of every method: $name', (method) => {
  test('mirrors with its inputs', () => {
    fc.assert(
      fc.property(anyLayer, ({ before, gradients }) => {
        const inputs = { activations: rectify(before), gradients };
        const last = before.shape[1]! - 1;
        const mirrored = mapInputs(inputs, (array) =>
          rearrange(array, (y, x, k) => [y, last - x, k]),
        );
        const map = withOneChannel(method.computeMap(inputs));
        const expected = rearrange(map, (y, x) => [y, last - x, 0]);
        expectSameMap(method, withOneChannel(method.computeMap(mirrored)), expected, inputs);
      }),
    );
  });

  test('does not care for the order of channels', () => {
    fc.assert(
      fc.property(anyLayer, ({ before, gradients }) => {
        const inputs = { activations: rectify(before), gradients };
        const last = before.shape[2]! - 1;
        const turned = mapInputs(inputs, (array) =>
          rearrange(array, (y, x, k) => [y, x, last - k]),
        );
        expectSameMap(method, method.computeMap(turned), method.computeMap(inputs), inputs);
      }),
    );
  });

  test('of nothing is nothing, and finite', () => {
    const zero: NdArray = { shape: [3, 2, 4], data: new Float32Array(24) };
    const ones: NdArray = { shape: [3, 2, 4], data: new Float32Array(24).fill(1) };
    for (const inputs of [
      { activations: zero, gradients: ones },
      { activations: zero, gradients: zero },
    ]) {
      expect([...method.computeMap(inputs).data].map(Math.abs)).toEqual(new Array(6).fill(0));
    }
    const large = { activations: ones, gradients: { ...ones, data: ones.data.map(() => -1e-30) } };
    expect(method.computeMap(large).data.every(Number.isFinite)).toBe(true);
  });

  test('works on a grid of one cell', () => {
    const inputs = {
      activations: { shape: [1, 1, 2], data: Float32Array.of(3, 1) },
      gradients: { shape: [1, 1, 2], data: Float32Array.of(0.5, -2) },
    };
    const { shape, data } = method.computeMap(inputs);
    expect(shape).toEqual([1, 1]);
    // 3/2 - 2; positive parts alone; for ++ weights .5 / (2 + 1.5) and 0; one cell has no pattern.
    const expected: Record<string, number> = {
      'layer-cam': 1.5,
      'grad-cam-elementwise': 1.5,
      'grad-cam-plus-plus': (3 * 0.5) / 3.5,
      'eigen-cam': 0,
      'eigen-grad-cam': 0,
    };
    expect(data[0]).toBeCloseTo(expected[method.name] ?? -0.5, 6);
  });
});

describe('a score scaled by a positive number scales the map', () => {
  const linear = lawful.filter(({ name }) => !['grad-cam-plus-plus', 'eigen-cam'].includes(name));
  test.each(linear)('$name', (method) => {
    fc.assert(
      fc.property(anyLayer, ({ before, gradients }) => {
        const inputs = { activations: rectify(before), gradients };
        const scaled = { ...gradients, data: gradients.data.map((value) => value * 4) };
        const map = method.computeMap(inputs);
        const expected = { ...map, data: map.data.map((value) => value * 4) };
        expectSameMap(
          method,
          method.computeMap({ ...inputs, gradients: scaled }),
          expected,
          inputs,
        );
      }),
    );
  });
});

describe('Eigen-CAM', () => {
  test('no other direction explains more of the cells', () => {
    fc.assert(
      fc.property(anyLayer, fc.nat(), ({ before: activations }, seed) => {
        const [rows, columns, channels] = activations.shape as [number, number, number];
        const map = computeEigenCam({ activations });
        const random = createRandom(seed);
        const direction = Float64Array.from({ length: channels }, () => random() - 0.5);
        const length = Math.hypot(...direction);
        const scores = Array.from({ length: rows * columns }, (_, cell) =>
          direction.reduce(
            (sum, d, k) => sum + (d / length) * activations.data[cell * channels + k]!,
            0,
          ),
        );
        const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
        const explained = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
        const found = map.data.reduce((sum, value) => sum + value * value, 0);
        expect(found).toBeGreaterThanOrEqual(explained * (1 - SUM_TOLERANCE));
        expect(Math.abs(sumOf(map))).toBeLessThanOrEqual(
          SUM_TOLERANCE * largestOf(map.data) * scores.length,
        );
      }),
    );
  });

  test('the largest score is the largest in magnitude', () => {
    fc.assert(
      fc.property(anyLayer, ({ before: activations }) => {
        const { data } = computeEigenCam({ activations });
        expect(Math.max(...data)).toBeGreaterThanOrEqual(-Math.min(...data));
      }),
    );
  });
});

test('RandomCAM is the same for one seed and another for another', () => {
  const activations = randomArray(createRandom(1), [2, 2, 5], 0, 1);
  const first = computeRandomCam({ activations });
  expect(computeRandomCam({ activations }, { seed: 1 })).toEqual(first);
  expect(computeRandomCam({ activations }, { seed: 2 })).not.toEqual(first);
});

function mapInputs(inputs: MethodInputs, change: (array: NdArray) => NdArray): MethodInputs {
  return { activations: change(inputs.activations), gradients: change(inputs.gradients) };
}

function withOneChannel({ shape, data }: NdArray): NdArray {
  return { shape: [...shape, 1], data };
}

/** Principal components of nearly equal weight may mix: their maps are only compared in size. */
function expectSameMap(
  method: Pick<Method, 'name'>,
  found: NdArray,
  expected: NdArray,
  inputs: MethodInputs,
) {
  if (method.name.startsWith('eigen')) {
    const size = ({ data }: NdArray): number => Math.hypot(...data);
    expect(Math.abs(size(found) - size(expected))).toBeLessThanOrEqual(1e-4 * (size(expected) + 1));
    return;
  }
  const { activations, gradients } = inputs;
  const scale = activations.data.length * largestOf(activations.data) * largestOf(gradients.data);
  expectClose(found, expected, REORDERED, scale * 4);
}
