import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { createOnnxEngine, type OnnxRuntime } from '../../../src/engines/onnx/index.ts';
import { expectClose } from '../../helper/closeness.ts';
import { functionalModel, input, layer } from '../../helper/keras-model.ts';
import { createRandom, randomArray } from '../../helper/random.ts';
import { convolution, dense } from '../../helper/small-nets.ts';

/** ONNX Runtime, with a count of the sessions that are not released. */
function countSessions(): { runtime: OnnxRuntime; open: () => number; most: () => number } {
  let open = 0;
  let most = 0;
  const create = async (model: Uint8Array, options: ort.InferenceSession.SessionOptions) => {
    const session = await ort.InferenceSession.create(model, options);
    most = Math.max(most, ++open);
    const release = session.release.bind(session);
    session.release = () => {
      open--;
      return release();
    };
    return session;
  };
  const InferenceSession = { create } as unknown as OnnxRuntime['InferenceSession'];
  return { runtime: { InferenceSession, Tensor: ort.Tensor }, open: () => open, most: () => most };
}

const random = createRandom(3);
const net = functionalModel([
  input('image', 8, 8, 3),
  convolution(random, 'a', [3, 3], 3, 4, { activation: 'relu' }),
  convolution(random, 'b', [3, 3], 4, 4, { activation: 'relu' }),
  convolution(random, 'c', [3, 3], 4, 4, { activation: 'relu' }),
  layer('GlobalAveragePooling2D', 'mean'),
  dense(random, 'logits', 4, 3),
]);
const image = randomArray(createRandom(1), [1, 8, 8, 3]);

function requestAt(node: string) {
  const seeds = [{ score: 'logit', of: { rank: 0 } }] as const;
  return {
    inputs: { image },
    outputs: [],
    gradient: { seeds, wrt: [node], relu: 'guided' },
  } as const;
}

test('runs side by side hold no more graphs than one after the other, with the same numbers', async () => {
  const { runtime, open, most } = countSessions();
  const network = readNetwork(net.topology, net.specs);
  const session = await createOnnxEngine(runtime).open(network, net.weights);
  const nodes = ['a', 'b', 'image', 'a', 'b'];
  const together = await Promise.all(nodes.map((node) => session.run(requestAt(node))));
  expect(most()).toBe(2);
  for (const [i, node] of nodes.entries()) {
    const alone = await session.run(requestAt(node));
    expectClose(together[i]!.gradients[0]!.get(node), alone.gradients[0]!.get(node)!, 0);
  }
  session.dispose();
  expect(open()).toBe(0);
});

test('a session that is disposed during a run ends it, and then frees what it has made', async () => {
  const { runtime, open } = countSessions();
  const network = readNetwork(net.topology, net.specs);
  const session = await createOnnxEngine(runtime).open(network, net.weights);
  const first = session.run(requestAt('a'));
  const second = session.run(requestAt('b'));
  // The first has begun, and its graph is not there yet.
  await Promise.resolve();
  session.dispose();
  await expect(first).resolves.toMatchObject({ seeds: [[{ classIndex: expect.any(Number) }]] });
  await expect(second).rejects.toThrow(/disposed/);
  expect(open()).toBe(0);
});
