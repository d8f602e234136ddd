import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, expect, test } from 'vitest';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { lazyArray } from '../../../src/base/nd-array.ts';
import { createScratchFolder } from '../../../src/node/index.ts';
import { createOnnxEngine } from '../../../src/engines/onnx/index.ts';
import { createTfjsEngine } from '../../../src/engines/tfjs/index.ts';
import { expectClose, FLOAT32_SUMS } from '../../helper/closeness.ts';
import { functionalModel, input, layer } from '../../helper/keras-model.ts';
import { createRandom, randomArray } from '../../helper/random.ts';
import { convolution, dense } from '../../helper/small-nets.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** The first dense kernel has 4096 x 2056 values, 33.7 MB: enough to be mapped from a file. */
function wideNet() {
  const random = createRandom(3);
  return functionalModel([
    input('image', 16, 16, 3),
    convolution(random, 'conv', [3, 3], 3, 16, { activation: 'relu' }),
    layer('Flatten', 'flat'),
    dense(random, 'wide', 4096, 2056, { activation: 'relu' }),
    dense(random, 'logits', 2056, 4),
  ]);
}

test('a large dense kernel is mapped from a file: same numbers, and the file goes with the session', async () => {
  const { topology, specs, weights } = wideNet();
  const network = readNetwork(topology, specs);
  const folders = (): string[] => readdirSync(scratch);
  const engine = createOnnxEngine(ort, { scratch: () => createScratchFolder(scratch) });
  const mapped = await engine.open(network, weights);
  const reference = await (await createTfjsEngine({ backend: 'cpu' })).open(network, weights);
  expect(folders()).toHaveLength(1);
  const [folder] = folders().map((name) => path.join(scratch, name));

  // Sums of some thousand terms: their rounding grows with the root of the number.
  const tolerance = 3 * FLOAT32_SUMS;
  for (const batch of [1, 2]) {
    const image = randomArray(createRandom(batch), [batch, 16, 16, 3]);
    const gradient = {
      seeds: [{ score: 'logit', of: { rank: 0 } }],
      wrt: ['conv'],
      relu: 'plain',
    } as const;
    const request = { inputs: { image }, outputs: ['conv'], gradient };
    const [actual, expected] = [await mapped.run(request), await reference.run(request)];
    expectClose(actual.logits, expected.logits, tolerance);
    expectClose(actual.gradients[0]!.get('conv'), expected.gradients[0]!.get('conv')!, tolerance);
  }
  // Only the dense kernel is left: each graph's own files go as soon as it is loaded.
  expect(readdirSync(folder!)).toEqual(['dense.bin']);
  const recalled = await mapped.readWeights!(['wide/kernel']);
  const [again, given] = [recalled, weights].map((from) =>
    Buffer.from(from.get('wide/kernel')!.data.buffer),
  );
  expect(again!.equals(given!)).toBe(true);

  mapped.dispose();
  reference.dispose();
  expect(existsSync(folder!)).toBe(false);
});

test('for one pass, weights are read one at a time: same numbers', async () => {
  const { topology, specs, weights } = wideNet();
  const network = readNetwork(topology, specs);
  const image = randomArray(createRandom(5), [1, 16, 16, 3]);
  const request = {
    inputs: { image },
    outputs: ['conv'],
    gradient: { seeds: [{ score: 'logit', of: { rank: 0 } }], wrt: ['conv'], relu: 'plain' },
  } as const;
  const reference = await (await createTfjsEngine({ backend: 'cpu' })).open(network, weights);
  const expected = await reference.run(request);
  const asked: string[] = [];
  const deferred = new Map(
    [...weights].map(([name, { shape, data }]) => [
      name,
      lazyArray(shape, () => {
        asked.push(name);
        return data;
      }),
    ]),
  );
  const engine = createOnnxEngine(ort, {
    once: true,
    scratch: () => createScratchFolder(scratch),
  });
  const session = await engine.openFrom!(network, {
    shapes: new Map(specs.map(({ name, shape }) => [name, shape])),
    identity: null,
    read: () => Promise.reject(new Error('all weights were read at once')),
    defer: () => Promise.resolve(deferred),
  });
  expect(asked).toEqual(['wide/kernel']);
  const actual = await session.run(request);
  const tolerance = 3 * FLOAT32_SUMS;
  expectClose(actual.logits, expected.logits, tolerance);
  expectClose(actual.outputs.get('conv')!, expected.outputs.get('conv')!, tolerance);
  expectClose(actual.gradients[0]!.get('conv'), expected.gradients[0]!.get('conv')!, tolerance);
  session.dispose();
  reference.dispose();
  expect(readdirSync(scratch)).toEqual([]);
});

test('a kernel that another op reads too stays in memory: a GRU whose recurrent kernel has 12.6 MB', async () => {
  const random = createRandom(5);
  const units = 1024;
  const gru = layer(
    'GRU',
    'gru',
    { units, reset_after: false, recurrent_activation: 'sigmoid' },
    {
      kernel: randomArray(random, [3, 3 * units]),
      recurrent_kernel: randomArray(random, [units, 3 * units], -0.05, 0.05),
      bias: randomArray(random, [3 * units]),
    },
  );
  const { topology, specs, weights } = functionalModel([
    input('steps', 2, 3),
    gru,
    dense(random, 'logits', units, 2),
  ]);
  const network = readNetwork(topology, specs);
  const mapping = createOnnxEngine(ort, { scratch: () => createScratchFolder(scratch) });
  const request = { inputs: { steps: randomArray(random, [1, 2, 3]) }, outputs: [] };
  const results = await Promise.all(
    [mapping, await createTfjsEngine({ backend: 'cpu' })].map(async (engine) => {
      const session = await engine.open(network, weights);
      const { logits } = await session.run(request);
      session.dispose();
      return logits;
    }),
  );
  // Sums of a thousand terms.
  expectClose(results[0], results[1]!, 3 * FLOAT32_SUMS);
});
