import { describe, expect, test } from 'vitest';
import { computeRise, riseMap } from '../../src/methods/multi-pass/rise.ts';
import { computeCam } from '../../src/methods/grid/cam.ts';
import { computeEigenCam, computeEigenGradCam } from '../../src/methods/grid/eigen-cam.ts';
import { computeRandomCam } from '../../src/methods/grid/random-cam.ts';
import { array } from '../helper/array.ts';
import { expectClose } from '../helper/closeness.ts';

/** A few float32 roundings of numbers of this size. */
const ROUNDING = 1e-6;

describe('CAM, equation 2 by hand', () => {
  test('a head of 2 and -3 over the mean of four cells', () => {
    const activations = array([
      [
        [1, 0],
        [2, 1],
      ],
      [
        [3, 1],
        [4, 0],
      ],
    ]);
    // The mean hands a quarter of each weight to each cell.
    const cell = [2 / 4, -3 / 4];
    const gradients = array([
      [cell, cell],
      [cell, cell],
    ]);
    // 2 A_1 - 3 A_2
    expect(computeCam({ activations, gradients })).toEqual(
      array([
        [2, 1],
        [3, 8],
      ]),
    );
  });
});

describe('the first principal component by hand', () => {
  // Cells at t (3, 4) + (1, -1) for t = 0, 1, 2, 5: one direction, of length 5, and nothing beside it.
  const places = [0, 1, 2, 5];
  const products = places.map((t) => [3 * t + 1, 4 * t - 1]);
  // t less its mean 2, times the length; the largest in magnitude is positive.
  const expected = array([
    [-10, -5],
    [0, 15],
  ]);
  const toGrid = (cells: number[][]): number[][][] => [cells.slice(0, 2), cells.slice(2)];

  test('Eigen-CAM: of the activations', () => {
    const activations = array(toGrid(products));
    expectClose(computeEigenCam({ activations }), expected, ROUNDING);
  });

  test('Eigen-CAM: the sign is that of the largest score', () => {
    const activations = array(toGrid(products.map((cell) => cell.map((value) => -value))));
    expectClose(computeEigenCam({ activations }), expected, ROUNDING);
  });

  test('EigenGrad-CAM: of gradient times activation', () => {
    const activations = array(toGrid(products.map(([a, b]) => [a! / 0.5, b! / -2])));
    const gradients = array(toGrid(products.map(() => [0.5, -2])));
    expectClose(computeEigenGradCam({ activations, gradients }), expected, ROUNDING);
  });
});

/** mulberry32 as its author describes it, in whole numbers of any size. */
function* drawUniform(seed: number): Generator<number> {
  const low = (value: bigint): bigint => BigInt.asUintN(32, value);
  let state = BigInt(seed);
  for (;;) {
    state = low(state + 0x6d2b79f5n);
    let t = low((state ^ (state >> 15n)) * (state | 1n));
    t ^= low(t + low((t ^ (t >> 7n)) * (t | 61n)));
    yield Number(low(t ^ (t >> 14n))) / 4294967296;
  }
}

describe('RandomCAM by hand', () => {
  test('the weights are the generator’s numbers, from -1 to 1', () => {
    const uniform = drawUniform(7);
    const [a, b] = [uniform.next().value as number, uniform.next().value as number];
    const activations = array([
      [
        [1, 0],
        [0, 1],
        [4, -2],
      ],
    ]);
    const [first, second] = [2 * a - 1, 2 * b - 1];
    expectClose(
      computeRandomCam({ activations }, { seed: 7 }),
      array([[first, second, 4 * first - 2 * second]]),
      ROUNDING,
    );
  });
});

describe('RISE by hand', () => {
  test('six masks of two by two cells on an image of two by two pixels', async () => {
    const input = { shape: [1, 2, 2, 1], data: Float32Array.of(1, 2, 3, 4) };
    const uniform = drawUniform(11);
    const draw = (): number => uniform.next().value as number;
    const masks = Array.from({ length: 6 }, () => {
      const [a, b, c, d] = [draw(), draw(), draw(), draw()].map((u) => (u < 0.5 ? 1 : 0)) as [
        number,
        number,
        number,
        number,
      ];
      // The place of the crop, in a cell of one pixel: always its corner.
      draw();
      draw();
      // Two cells on three pixels: at a cell's edge, between the two, at the other edge.
      return [a, (a + b) / 2, (a + c) / 2, (a + b + c + d) / 4];
    });
    // The model says what it sees of the last pixel, less half of the first.
    const score = (m: number[]): number => 4 * m[3]! - 0.5 * m[0]!;
    const expected = [0, 1, 2, 3].map((pixel) => {
      const sum = masks.reduce((total, m) => total + score(m) * m[pixel]!, 0);
      return sum / masks.reduce((total, m) => total + m[pixel]!, 0);
    });

    const found = await computeRise(
      async ({ shape, data }) => ({
        shape: [shape[0]!, 1],
        data: Float32Array.from(
          { length: shape[0]! },
          (_, i) => data[4 * i + 3]! - 0.5 * data[4 * i]!,
        ),
      }),
      input,
      { masks: 6, cells: 2, seed: 11 },
    );
    expect(new Set(masks.map(String)).size).toBeGreaterThan(2);
    expectClose(riseMap(found, 0), array([expected.slice(0, 2), expected.slice(2)]), ROUNDING);
  });
});
