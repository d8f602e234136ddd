import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/port/engine.ts';
import type { Seed } from '../../../src/engines/port/seed.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { createEngine, tfjsBackends } from '../../helper/engines.ts';
import { expectClose, FLOAT32_SUMS, largestDifference, largestOf } from '../../helper/closeness.ts';
import { evaluateFloat64 } from '../../helper/float64/evaluate.ts';
import { differentiate } from '../../helper/float64/gradient.ts';
import { drawInput, plainNet, residualNet } from '../../helper/small-nets.ts';

/**
 * Float32 through up to ten layers, each some roundings of 2^-24, against differences that are right
 * to 1e-9: 1e-5 of the largest entry is far below what any wrong rule would leave.
 */
const TOLERANCE = 1e-5;

/** Every seventeenth element of the input is enough: each meets every rule on the way. */
const INPUT_STEP = 17;

/** Zeros after a ReLU tie under a max pool, where there is no derivative; most elements have one. */
const SMOOTH_SHARE = 0.5;

const nets = [
  {
    name: 'residual net',
    build: residualNet,
    layers: ['relu1', 'conv2', 'sum', 'depthwise', 'sum3', 'pool', 'last', 'mean', 'conv1/linear'],
  },
  {
    name: 'plain net',
    build: plainNet,
    layers: ['conv1', 'pool1', 'depthwise', 'conv2', 'crop', 'fc1', 'fc1/linear'],
  },
];

/** Scores with their definitions, written down here once more. */
const scores: { seed: Seed; value: (z: ArrayLike<number>) => number }[] = [
  { seed: { score: 'logit', of: { class: 1 } }, value: (z) => z[1]! },
  { seed: { score: 'logit', of: { not: 2 } }, value: (z) => -z[2]! },
  { seed: { score: 'logit', of: { contrast: [2, 0] } }, value: (z) => z[2]! - z[0]! },
  { seed: { score: 'probability', of: { class: 0 } }, value: (z) => softmaxOf(z, 0) },
  { seed: { score: 'logProbability', of: { class: 2 } }, value: (z) => Math.log(softmaxOf(z, 2)) },
];

describe.each(tfjsBackends)('gradients on %s equal finite differences', (backend) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(backend);
  });

  test.each(nets)('of a $name', async ({ build, layers }) => {
    const model = build();
    const network = readNetwork(model.topology, model.specs);
    const image = drawInput(network, 7);
    const one = { shape: image.shape.slice(1), data: image.data };
    const exact = evaluateFloat64(network, model.weights, new Map([['image', one]]));

    const session = await engine.open(network, model.weights);
    const result = await session.run({
      inputs: { image },
      outputs: layers,
      gradient: {
        seeds: scores.map(({ seed }) => seed),
        wrt: [...layers, 'image'],
        relu: 'plain',
      },
    });
    session.dispose();

    for (const name of layers) {
      const { shape, data } = exact.get(name)!;
      expectClose(result.outputs.get(name), { shape: [1, ...shape], data });
    }
    const logits = exact.get(network.heads[0]!.logits)!.data;
    scores.forEach(({ value }, s) => {
      const error = result.seeds[s]![0]!.score - value(logits);
      expect(Math.abs(error)).toBeLessThanOrEqual(FLOAT32_SUMS * largestOf(logits));
    });
    for (const name of [...layers, 'image']) {
      const length = exact.get(name)!.data.length;
      const indices = everyNth(length, name === 'image' ? INPUT_STEP : 1);
      const values = scores.map(({ value }) => value);
      const expected = differentiate(network, model.weights, exact, name, values, indices);
      expected.forEach((differences, s) => {
        const { data } = result.gradients[s]!.get(name)!;
        const smooth = indices.flatMap((index, i) =>
          Number.isNaN(differences[i]) ? [] : [{ found: data[index]!, wanted: differences[i]! }],
        );
        expect(smooth.length).toBeGreaterThan(indices.length * SMOOTH_SHARE);
        const difference = largestDifference(
          smooth.map(({ found }) => found),
          smooth.map(({ wanted }) => wanted),
        );
        expect(difference).toBeLessThanOrEqual(TOLERANCE);
      });
    }
  });
});

function everyNth(length: number, step: number): number[] {
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => i * step);
}

function softmaxOf(z: ArrayLike<number>, index: number): number {
  return 1 / Array.from(z).reduce((sum, value) => sum + Math.exp(value - z[index]!), 0);
}
