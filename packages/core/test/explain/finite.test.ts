import { beforeAll, expect, test } from 'vitest';
import fc from 'fast-check';
import type { NdArray } from '../../src/base/nd-array.ts';
import { aboveNothing } from '../../src/image/above-nothing.ts';
import type { Engine } from '../../src/engines/port/engine.ts';
import { displayMapOf, explain } from '../../src/explain/explain.ts';
import { methods } from '../../src/methods/registry.ts';
import { loadModel } from '../../src/model/model.ts';
import { createTfjsEngine } from '../../src/engines/tfjs/index.ts';
import { functionalModel, input, layer, type TestModel } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';
import { createRandom } from '../helper/random.ts';
import { convolution, dense, plainNet, residualNet } from '../helper/small-nets.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await createTfjsEngine({ backend: 'wasm' });
});

/** One class behind a sigmoid, over a grid of one cell. */
function tinyNet(seed: number): TestModel {
  const random = createRandom(seed);
  return functionalModel([
    input('image', 4, 4, 3),
    convolution(random, 'conv', [4, 4], 3, 3, { padding: 'valid', activation: 'relu' }),
    layer('Flatten', 'flat'),
    dense(random, 'predictions', 3, 1, { activation: 'sigmoid' }),
  ]);
}

const nets: Record<string, { build: (seed: number) => TestModel; layers: readonly string[] }> = {
  residual: { build: residualNet, layers: ['conv1', 'sum', 'last'] },
  plain: { build: plainNet, layers: ['conv1', 'pool1', 'conv2'] },
  tiny: { build: tinyNet, layers: ['conv'] },
};

/** Weights so large that every probability is 0 or 1, or so small that nothing is left. */
function scaleWeights(model: TestModel, factor: number): TestModel {
  const scale = ({ shape, data }: NdArray): NdArray => ({
    shape,
    data: data.map((value) => value * factor),
  });
  const weights = new Map(
    [...model.weights].map(([name, values]) => [
      name,
      /kernel|bias/.test(name) ? scale(values) : values,
    ]),
  );
  return { ...model, weights };
}

const anyCase = fc.record({
  net: fc.constantFrom(...Object.keys(nets)),
  seed: fc.nat(1000),
  factor: fc.constantFrom(1, 0, 1e-6, 1e3),
  picture: fc.constantFrom('black', 'white', 'noise'),
  target: fc.constantFrom('top1', 'not:0', '0'),
});

type AnyCase = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

test('finite in, finite out, for every method; and a blank map carries its reason', async () => {
  const names = methods.filter(({ name }) => name !== 'cam').map(({ name }) => name);
  const check = async ({ net, seed, factor, picture, target }: AnyCase) => {
    const { build, layers } = nets[net]!;
    const model = await loadModel(filesOf(scaleWeights(build(seed), factor)), { engine });
    const random = createRandom(seed);
    const pixel = { black: () => 0, white: () => 255, noise: () => random() * 255 }[picture]!;
    const image = {
      width: 11,
      height: 9,
      channels: 3,
      data: Uint8Array.from({ length: 297 }, pixel),
    } as const;
    const { explanations, geometry, predictions } = await explain(model, image, {
      methods: names,
      targets: [target],
      layers,
      runs: 12,
    });
    model.dispose();
    for (const { probability, logit } of predictions) {
      expect([probability, logit].every(Number.isFinite)).toBe(true);
    }
    for (const explanation of explanations) {
      const { raw, score, diagnostics } = explanation;
      expect(raw.data.every(Number.isFinite)).toBe(true);
      expect([score, diagnostics.gradientNorm].every(Number.isFinite)).toBe(true);
      const { values } = displayMapOf(explanation, geometry);
      expect(values.every((value) => value >= -1 && value <= 1)).toBe(true);
      const shown = aboveNothing(raw, explanation.nothing).data;
      const isBlank = shown.every((value) => (explanation.relu ? value <= 0 : value === 0));
      expect(diagnostics.blank !== undefined).toBe(isBlank);
    }
  };
  await fc.assert(fc.asyncProperty(anyCase, check), { numRuns: 40 });
}, 180_000);
