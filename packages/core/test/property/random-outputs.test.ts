import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { countElements, type NdArray } from '../../src/base/nd-array.ts';
import type { Engine, RunResult } from '../../src/engines/port/engine.ts';
import { toProbabilities } from '../../src/engines/port/probabilities.ts';
import type { Seed } from '../../src/engines/port/seed.ts';
import { mainHead } from '../../src/network/network.ts';
import { readNetwork } from '../../src/readers/layers-model/read-network.ts';
import { countClasses, outputKindOf } from '../../src/network/output-kind.ts';
import { expectClose, largestDifference, largestOf } from '../helper/closeness.ts';
import { createEngine, type EngineName } from '../helper/engines.ts';
import { runExported } from '../helper/exported.ts';
import { functionalModel, input, layer, type TestModel } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';
import { drawDyadic } from './draw-weights.ts';

/**
 * Scores are exact sums of small whole numbers; what is left are one softmax or sigmoid in float32 on
 * each side, 2e-7 each, and gradients through them.
 */
const AGREEMENT = 2e-6;

const runs = Number(process.env['GRADCAM_PROPERTY_RUNS'] ?? 60);
const seed = Number(process.env['GRADCAM_PROPERTY_SEED'] ?? 20261128);

/** No net is begun later than this, so that a loaded machine is not kept. */
const TIME_LIMIT = runs <= 60 ? 12_000 : runs * 1000;

const outputs = ['map', 'flat map', 'vector', 'table'] as const;

/** A small net with any kind of output. */
interface OutputPlan {
  readonly image: readonly [height: number, width: number];
  readonly stride: 1 | 2;
  readonly output: (typeof outputs)[number];
  readonly channels: number;
  readonly ends: 'softmax' | 'sigmoid' | 'linear';
  readonly score: Seed['score'];
  /** Where among the scores the seeds are, as shares of their number. */
  readonly places: readonly [number, number];
  readonly seed: number;
}

const plans: fc.Arbitrary<OutputPlan> = fc.record({
  image: fc.tuple(fc.integer({ min: 2, max: 7 }), fc.integer({ min: 2, max: 7 })),
  stride: fc.constantFrom(1, 2),
  output: fc.constantFrom(...outputs),
  channels: fc.integer({ min: 1, max: 5 }),
  ends: fc.constantFrom('softmax', 'sigmoid', 'linear'),
  score: fc.constantFrom('logit', 'probability', 'logProbability'),
  places: fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 })),
  seed: fc.integer({ min: 1, max: 2 ** 30 }),
});

function buildNet({ image, stride, output, channels, ends, seed }: OutputPlan): TestModel {
  const draw = drawDyadic(seed);
  const size = image.map((side) => Math.ceil(side / stride)) as [number, number];
  const features = [
    input('image', ...image, 3),
    layer(
      'Conv2D',
      'conv',
      { filters: 4, kernel_size: [3, 3], strides: [stride, stride], padding: 'same' },
      { kernel: draw([3, 3, 3, 4]), bias: draw([4]) },
    ),
    layer('ReLU', 'features'),
  ];
  const end = layer('Activation', 'out', { activation: ends });
  const perPlace = layer(
    'Conv2D',
    'scores',
    { filters: channels, kernel_size: [1, 1] },
    { kernel: draw([1, 1, 4, channels]), bias: draw([channels]) },
  );
  const dense = (units: number) =>
    layer(
      'Dense',
      'scores',
      { units },
      { kernel: draw([countElements(size) * 4, units]), bias: draw([units]) },
    );
  const tails = {
    map: [perPlace, end],
    'flat map': [
      perPlace,
      layer('Reshape', 'flat', { target_shape: [countElements(size), channels] }),
      end,
    ],
    vector: [layer('Flatten', 'flatten'), dense(channels), end],
    table: [
      layer('Flatten', 'flatten'),
      dense(3 * channels),
      layer('Reshape', 'rows', { target_shape: [3, channels] }),
      end,
    ],
  };
  return functionalModel([...features, ...tails[output]]);
}

const engines = new Map<EngineName, Engine>();
beforeAll(async () => {
  for (const name of ['onnx', 'wasm'] as const) engines.set(name, await createEngine(name));
});

describe('random outputs', () => {
  test(
    'both engines, the exported file and plain tfjs say the same',
    { timeout: TIME_LIMIT + 180_000 },
    async () => {
      const deadline = performance.now() + TIME_LIMIT;
      const seen = new Set<string>();
      const property = fc.asyncProperty(plans, async (plan) => {
        if (performance.now() > deadline) return;
        seen.add(await compare(plan));
      });
      await fc.assert(property, { numRuns: runs, seed });
      expect([...seen].length).toBeGreaterThan(2);
    },
  );
});

/** Compares all four on one net, and returns the kind of its output. */
async function compare(plan: OutputPlan): Promise<string> {
  const model = buildNet(plan);
  const network = readNetwork(model.topology, model.specs);
  const head = mainHead(network);
  const [height, width] = plan.image;
  const pixels = Uint8Array.from(drawDyadic(plan.seed + 1)([height, width, 3], [0, 1, 2, 3]).data);
  const image = { shape: [1, height, width, 3], data: Float32Array.from(pixels) };

  const results: RunResult[] = [];
  for (const engine of engines.values()) {
    const session = await engine.open(network, model.weights);
    const gradient = { seeds: listSeeds(plan, head), wrt: ['features'], relu: 'plain' } as const;
    results.push(await session.run({ inputs: { image }, outputs: [], gradient }));
    session.dispose();
  }
  const [onnx, wasm] = results as [RunResult, RunResult];
  expect(onnx.logits).toEqual(wasm.logits);
  onnx.gradients.forEach((found, s) => {
    const other = wasm.gradients[s]!.get('features')!;
    // A seed of a nearly certain class has next to no gradient: its rounding is that of one of size 1.
    const scale = Math.max(1, largestOf(other.data));
    const apart = largestDifference(found.get('features')!.data, other.data, scale);
    expect(apart, `seed ${s}`).toBeLessThan(AGREEMENT);
    const [own, same] = [onnx.seeds[s]?.[0], wasm.seeds[s]?.[0]];
    expect(own?.classIndex).toBe(same?.classIndex);
    expect(own?.score).toBe(same?.score);
  });

  const probabilities = toProbabilities(onnx.logits.data, head);
  const exported = await runExported(
    filesOf(model),
    { inputRange: '0..255', layer: 'features', target: 'element:0' },
    [{ width, height, channels: 3, data: pixels }],
  );
  expect([...exported['logits']!.data]).toEqual([...onnx.logits.data]);
  if (exported['probabilities'] !== undefined) {
    const { data } = exported['probabilities'];
    expectClose(
      { shape: [data.length], data },
      { shape: [data.length], data: probabilities },
      AGREEMENT,
      1,
    );
  }
  const plain = await predictPlainly(model, image);
  const stated = plan.ends === 'linear' ? onnx.logits.data : probabilities;
  expect(largestDifference(stated, plain, 1)).toBeLessThan(AGREEMENT);
  expect(countClasses(head)).toBeLessThanOrEqual(head.classes + 1);
  return outputKindOf(head);
}

function listSeeds(
  { score, places }: OutputPlan,
  { classes }: { classes: number },
): (Seed | Float32Array)[] {
  const [a, b] = places.map((share) => Math.floor((share / 100) * classes)) as [number, number];
  const direction = Float32Array.from({ length: classes }, (_, i) => (i % 3) - 1);
  const of = [{ class: a }, { not: b }, { rank: 0 }, { contrast: [a, b] }, { direction }] as const;
  return [...of.map((one) => ({ score, of: one })), direction];
}

/** The model's own output by tfjs-layers, with nothing of ours between. */
async function predictPlainly(model: TestModel, image: NdArray): Promise<Float32Array> {
  const files = filesOf(model);
  const json = JSON.parse(new TextDecoder().decode(await files.readFile('model.json'))) as {
    modelTopology: object;
    weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
  };
  const { buffer, byteOffset, byteLength } = await files.readFile('weights.bin');
  const plain = await loadLayersModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest.flatMap(({ weights }) => weights),
      weightData: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer,
    }),
  );
  const x = tf.tensor(image.data, [...image.shape]);
  const y = plain.predict(x) as tf.Tensor;
  const values = Float32Array.from(await y.data());
  tf.dispose([x, y]);
  plain.dispose();
  return values;
}
