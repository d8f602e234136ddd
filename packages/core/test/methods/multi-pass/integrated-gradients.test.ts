import { describe, expect, test } from 'vitest';
import { computeIntegratedGradients } from '../../../src/methods/multi-pass/integrated-gradients.ts';
import {
  quadraturePoints,
  type QuadratureRule,
} from '../../../src/methods/multi-pass/quadrature.ts';
import { openModel, openTinyNet, tinyHeads } from '../passes/tiny-net.ts';
import { toyImage, toyModel, toyScore } from '../../golden/toy.ts';
import { array } from '../../helper/array.ts';
import { expectClose, FLOAT32_SUMS, largestOf } from '../../helper/closeness.ts';
import { engineNames } from '../../helper/engines.ts';
import { decodeArray } from '../../helper/fixture.ts';
import { functionalModel, input, layer } from '../../helper/keras-model.ts';

const rules = ['midpoint', 'trapezoid', 'endpoints-mean', 'gauss-legendre'] as const;
const logit = { score: 'logit', of: { class: 0 } } as const;

/** Sums of the toy net's map by n points, computed with NumPy; the score, and so the integral, is 54. */
const toySums: readonly [QuadratureRule, number, number][] = [
  ['midpoint', 25, 55.44],
  ['midpoint', 50, 53.82],
  ['midpoint', 300, 53.97],
  ['trapezoid', 25, 56.625],
  ['trapezoid', 50, 52.530612],
  ['trapezoid', 300, 53.9699],
  ['endpoints-mean', 25, 55.44],
  ['endpoints-mean', 50, 52.02],
  ['endpoints-mean', 300, 53.88],
  ['gauss-legendre', 25, 56.703907],
  ['gauss-legendre', 50, 53.328959],
  ['gauss-legendre', 300, 53.797164],
];

describe.each(engineNames)('integrated gradients on %s', (engine) => {
  test('of the toy net, whose kinks each rule meets in its own way', async () => {
    const session = await openModel(toyModel(), engine);
    for (const [rule, steps, sum] of toySums) {
      const options = { seeds: [logit], rule, steps, batch: 64 };
      const [found] = await computeIntegratedGradients(session, toyImage, options);
      expect([found!.score, found!.baselineScore]).toEqual([toyScore, 0]);
      // The sums are known to six decimals.
      expect(found!.completenessError).toBeCloseTo(sum - toyScore, 5);
    }
    session.dispose();
  });

  test.each(tinyHeads)('of the net with head %s, from a colour, as NumPy', async (head) => {
    const { expected, input, seeds, session } = await openTinyNet(head, engine);
    const { steps, baseline, results } = expected.integratedGradients;
    for (const rule of rules) {
      const options = { seeds, steps, baseline, rule };
      const found = await computeIntegratedGradients(session, input, options);
      results.forEach((stored, s) => {
        const map = decodeArray(stored[rule]!.map);
        expectClose(found[s]!.map, map);
        // The error is a sum of 84 values, each as wrong as the map may be.
        const reach = FLOAT32_SUMS * largestOf(map.data) * map.data.length;
        expect(Math.abs(found[s]!.completenessError - stored[rule]!.error)).toBeLessThan(reach);
      });
    }
    session.dispose();
  });
});

describe('integrated gradients', () => {
  test('of a linear model are complete with one step: weight times distance', async () => {
    const kernel = array([[2], [-3], [5], [7]]);
    const session = await openModel(
      functionalModel([
        input('image', 2, 2, 1),
        layer('Flatten', 'flat'),
        layer('Dense', 'scores', { units: 1 }, { kernel, bias: array([1]) }),
      ]),
    );
    const image = { shape: [1, 2, 2, 1], data: Float32Array.of(1, 2, 3, 4) };
    const options = { seeds: [logit], steps: 1, baseline: 1 };
    const [found] = await computeIntegratedGradients(session, image, options);
    session.dispose();
    expect([...found!.map.data]).toEqual([0, -3, 10, 21]);
    expect([found!.score, found!.baselineScore]).toEqual([40, 12]);
    expect(found!.completenessError).toBe(0);
  });

  test('of the baseline itself are zero, and complete', async () => {
    const session = await openModel(toyModel());
    const options = { seeds: [logit], baseline: toyImage };
    const [found] = await computeIntegratedGradients(session, toyImage, options);
    session.dispose();
    expect(found!.map.data.every((value) => value === 0)).toBe(true);
    expect(found!.completenessError).toBe(0);
  });

  test('do not depend on the batch', async () => {
    const { input, seeds, session } = await openTinyNet('flat', 'cpu');
    const run = async (batch: number) =>
      (await computeIntegratedGradients(session, input, { seeds, steps: 11, batch }))[1]!;
    const whole = await run(11);
    for (const batch of [1, 4]) expectClose((await run(batch)).map, whole.map);
    session.dispose();
  });
});

describe('points on the path', () => {
  test.each(rules)('%s: weights sum to 1 and a line is integrated exactly', (rule) => {
    for (const count of [2, 3, 10, 101]) {
      const points = quadraturePoints(rule, count);
      expect(points).toHaveLength(count);
      const sum = (f: (at: number) => number): number =>
        points.reduce((total, { at, weight }) => total + weight * f(at), 0);
      expect(sum(() => 1)).toBeCloseTo(1, 12);
      expect(sum((at) => 4 * at - 1)).toBeCloseTo(1, 12);
    }
  });

  test('Gauss-Legendre with n points is exact for polynomials up to degree 2n - 1', () => {
    for (const count of [1, 2, 5, 20]) {
      const points = quadraturePoints('gauss-legendre', count);
      for (let degree = 0; degree < 2 * count; degree++) {
        const sum = points.reduce((all, { at, weight }) => all + weight * at ** degree, 0);
        expect(sum).toBeCloseTo(1 / (degree + 1), 12);
      }
    }
  });
});
