import { describe, expect, test } from 'vitest';
import type { PassSeed } from '../../../src/engines/port/engine.ts';
import type { Seed } from '../../../src/engines/port/seed.ts';
import type { Head } from '../../../src/network/network.ts';
import { createEngine } from '../../helper/engines.ts';
import { expectClose } from '../../helper/closeness.ts';
import { nodeNet } from '../../helper/node-net.ts';
import { createRandom, randomArray } from '../../helper/random.ts';

/** So many weights that a single logit's gradient is taken out of the kernel, and few ones. */
const sizes = [
  { title: 'a large last layer', inputs: 1024, classes: 300 },
  { title: 'a small last layer', inputs: 6, classes: 5 },
];

function buildNet(inputs: number, classes: number, head: Partial<Head> = {}) {
  const random = createRandom(11);
  const weights = { kernel: randomArray(random, [inputs, classes], -0.1, 0.1) };
  const image = { name: 'image', op: { kind: 'input' }, shape: [2, 3, inputs] } as const;
  const net = nodeNet([
    image,
    { name: 'mean', op: { kind: 'globalAveragePool' }, inputs: ['image'], shape: [inputs] },
    { name: 'scores', op: { kind: 'dense' }, inputs: ['mean'], shape: [classes], weights },
  ]);
  const heads = net.network.heads.map((own) => ({ ...own, ...head }));
  return { weights: net.weights, network: { ...net.network, heads } };
}

const logit = (of: Seed['of']): Seed => ({ score: 'logit', of });

const seedsOf = (classes: number): Record<string, readonly Seed[]> => ({
  'the best class': [logit({ rank: 0 })],
  'the classes of several ranks': [logit({ rank: 0 }), logit({ rank: 3 }), logit({ rank: 1 })],
  'a class and a rank': [logit({ class: classes - 1 }), logit({ rank: 1 }), logit({ class: 0 })],
  'against a class': [logit({ not: 2 }), logit({ rank: 0 })],
  'a contrast': [logit({ contrast: [1, 3] }), logit({ rank: 2 })],
  'a direction': [
    logit({ direction: randomArray(createRandom(3), [classes]).data }),
    logit({ rank: 0 }),
  ],
  probabilities: [
    { score: 'probability', of: { rank: 1 } },
    { score: 'logProbability', of: { class: 2 } },
  ],
});

async function compare(
  { network, weights }: ReturnType<typeof buildNet>,
  seeds: readonly PassSeed[],
  items: number,
): Promise<void> {
  const image = randomArray(createRandom(7), [items, ...network.nodes[0]!.shape]);
  const request = {
    inputs: { image },
    outputs: [],
    gradient: { seeds, wrt: ['image', 'mean'], relu: 'plain' },
  } as const;
  const [expected, found] = await Promise.all(
    (['cpu', 'onnx'] as const).map(async (name) => {
      const session = await (await createEngine(name)).open(network, weights);
      // Twice, because the tensors of seeds are kept for the next pass.
      await session.run(request);
      const result = await session.run(request);
      session.dispose();
      return result;
    }),
  );
  expect(found!.gradients).toHaveLength(seeds.length);
  seeds.forEach((_, s) => {
    for (const name of ['image', 'mean']) {
      expectClose(found!.gradients[s]!.get(name), expected!.gradients[s]!.get(name)!);
    }
  });
  expect(found!.seeds.flat().map(({ classIndex }) => classIndex)).toEqual(
    expected!.seeds.flat().map(({ classIndex }) => classIndex),
  );
}

describe.each(sizes)(
  'gradients of seeds equal those of tfjs, with $title',
  ({ inputs, classes }) => {
    const net = buildNet(inputs, classes);
    for (const [title, seeds] of Object.entries(seedsOf(classes))) {
      test.each([1, 3])(`${title}, %i images`, async (items) => {
        await compare(net, seeds, items);
      });
    }

    test('each image of a batch has a seed of its own', async () => {
      await compare(net, [[logit({ rank: 1 }), logit({ class: 4 }), logit({ rank: 0 })]], 3);
    });

    test('different seeds one after the other, on one session', async () => {
      const session = await (await createEngine('onnx')).open(net.network, net.weights);
      const image = randomArray(createRandom(7), [1, ...net.network.nodes[0]!.shape]);
      const kernel = net.weights.get('scores/kernel')!.data;
      for (const index of [3, 0, 3, 2]) {
        const { gradients } = await session.run({
          inputs: { image },
          outputs: [],
          gradient: { seeds: [logit({ class: index })], wrt: ['mean'], relu: 'plain' },
        });
        const column = Float32Array.from(
          { length: inputs },
          (_, i) => kernel[i * classes + index]!,
        );
        expectClose(gradients[0]!.get('mean'), { shape: [1, inputs], data: column });
      }
      session.dispose();
    });
  },
);

test('both sides of a single sigmoid', async () => {
  const net = buildNet(5, 1, { activation: 'sigmoid' });
  const seeds = [logit({ rank: 0 }), logit({ rank: 1 }), logit({ class: 0 }), logit({ not: 0 })];
  for (const items of [1, 3]) await compare(net, seeds, items);
});

test.each(['rank', 'class'] as const)('a %s that the model does not have is told', async (by) => {
  const { network, weights } = buildNet(1024, 300);
  const session = await (await createEngine('onnx')).open(network, weights);
  const image = randomArray(createRandom(7), [1, ...network.nodes[0]!.shape]);
  const of = by === 'rank' ? { rank: 300 } : { class: 300 };
  const gradient = { seeds: [logit(of)], wrt: ['mean'], relu: 'plain' } as const;
  const run = session.run({ inputs: { image }, outputs: [], gradient });
  await expect(run).rejects.toThrow(/class (-1|300) is not in 0\.\.299/);
  session.dispose();
});
