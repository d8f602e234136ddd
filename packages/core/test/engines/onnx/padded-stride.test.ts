import { expect, test } from 'vitest';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { createEngine } from '../../helper/engines.ts';
import { functionalModel, input, layer } from '../../helper/keras-model.ts';
import { createRandom, randomArray } from '../../helper/random.ts';
import { convolution, drawInput } from '../../helper/small-nets.ts';

/** Float32 through one convolution. */
const ONE_CONVOLUTION = 1e-6;

/** Padding that is merged into the convolution's adjoint and that its last windows do not need. */
test('the gradient of a strided convolution behind a padding is that of tfjs', async () => {
  const random = createRandom(7);
  const model = functionalModel([
    input('image', 10, 10, 3),
    layer('ZeroPadding2D', 'pad', {
      padding: [
        [1, 0],
        [0, 2],
      ],
    }),
    convolution(random, 'conv', [1, 1], 3, 4, { strides: [2, 2] }),
    layer('GlobalMaxPooling2D', 'most'),
  ]);
  const network = readNetwork(model.topology, model.specs);
  const image = drawInput(network, 3);
  const seed = randomArray(random, [1, 4]).data;
  const gradients = [];
  for (const name of ['wasm', 'onnx'] as const) {
    const session = await (await createEngine(name)).open(network, model.weights);
    const gradient = { seeds: [seed], wrt: ['image'], relu: 'plain' } as const;
    const result = await session.run({ inputs: { image }, outputs: [], gradient });
    gradients.push(result.gradients[0]!.get('image')!.data);
    session.dispose();
  }
  const [wasm, onnx] = gradients as [Float32Array, Float32Array];
  wasm.forEach((value, i) => expect(Math.abs(value - onnx[i]!)).toBeLessThan(ONE_CONVOLUTION));
});
