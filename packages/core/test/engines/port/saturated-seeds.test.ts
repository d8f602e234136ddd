import { describe, expect, test } from 'vitest';
import type { Seed } from '../../../src/engines/port/seed.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { createEngine, engineNames } from '../../helper/engines.ts';
import { functionalModel, input, layer } from '../../helper/keras-model.ts';

/** Logits are the image's own values, so that its gradient is the seed's. */
function identityNet(activation: 'softmax' | 'sigmoid') {
  return functionalModel([
    input('image', 1, 3, 1),
    layer('Flatten', 'logits'),
    layer('Activation', 'predictions', { activation }),
  ]);
}

/** By hand: the largest probability is 1 in float32, what is left of it exp(-25) and exp(-30). */
const z = [0, -25, -30];
const [b, c] = [Math.exp(-25), Math.exp(-30)];
const sum = 1 + b + c;
const [pa, pb, pc] = [1 / sum, b / sum, c / sum];
const softmax: [string, Seed['score'], Seed['of'], number[]][] = [
  ['p of a class', 'probability', { class: 0 }, [pa * (pb + pc), -pa * pb, -pa * pc]],
  ['p of the first', 'probability', { rank: 0 }, [pa * (pb + pc), -pa * pb, -pa * pc]],
  ['p of the last', 'probability', { class: 2 }, [-pa * pc, -pb * pc, pc * (pa + pb)]],
  ['minus p of a class', 'probability', { not: 0 }, [-pa * (pb + pc), pa * pb, pa * pc]],
  [
    'a difference of p',
    'probability',
    { contrast: [0, 1] },
    [pa * (2 * pb + pc), -pb * (2 * pa + pc), pc * (pb - pa)],
  ],
  ['log p', 'logProbability', { class: 0 }, [pb + pc, -pb, -pc]],
  ['minus log p', 'logProbability', { not: 0 }, [-(pb + pc), pb, pc]],
  ['a difference of log p', 'logProbability', { contrast: [0, 2] }, [1, 0, -1]],
];
const q = 1 / (1 + Math.exp(-25));
const sigmoid: typeof softmax = [
  ['p of a class', 'probability', { class: 0 }, [q * (1 / (1 + Math.exp(25))), 0, 0]],
  ['log p', 'logProbability', { class: 0 }, [1 / (1 + Math.exp(25)), 0, 0]],
];

/** Of each number: exp in float32 is good to some units in the last place, more with large powers. */
const RELATIVE = 1e-5;

/** What float64 may leave of terms of exp(-25) that cancel out. */
const CANCELLED = 1e-18;

describe.each(engineNames)('scores that are nearly certain keep their gradients on %s', (name) => {
  test.each([
    ...softmax.map((one) => ['softmax', z, ...one] as const),
    ...sigmoid.map((one) => ['sigmoid', [25, 0, 1], ...one] as const),
  ])('%s of %j: %s', async (activation, logits, _, score, of, expected) => {
    const { topology, specs, weights } = identityNet(activation);
    const session = await (await createEngine(name)).open(readNetwork(topology, specs), weights);
    const { gradients } = await session.run({
      inputs: { image: { shape: [1, 1, 3, 1], data: Float32Array.from(logits) } },
      outputs: [],
      gradient: { seeds: [{ score, of }], wrt: ['image'], relu: 'plain' },
    });
    session.dispose();
    const found = gradients[0]!.get('image')!.data;
    expected.forEach((value, i) => {
      expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(
        RELATIVE * Math.abs(value) + CANCELLED,
      );
    });
  });

  test('a seed in numbers may be as large as float32 holds', async () => {
    const { topology, specs, weights } = identityNet('softmax');
    const session = await (await createEngine(name)).open(readNetwork(topology, specs), weights);
    const seed = Float32Array.of(1e38, -1e30, 0.25);
    const { gradients } = await session.run({
      inputs: { image: { shape: [1, 1, 3, 1], data: Float32Array.of(1, 2, 3) } },
      outputs: [],
      gradient: { seeds: [seed], wrt: ['image'], relu: 'plain' },
    });
    session.dispose();
    expect(gradients[0]!.get('image')!.data).toEqual(seed);
  });
});
