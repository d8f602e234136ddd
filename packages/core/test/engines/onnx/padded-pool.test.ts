import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { createOnnxEngine } from '../../../src/engines/onnx/index.ts';
import { functionalModel, input, layer } from '../../helper/keras-model.ts';

/**
 * ONNX Runtime takes a padding into the pool that follows it. The cells of the padding count in the
 * mean, those of the pool's own padding do not.
 */
test('a padding as large as the window, then a mean', async () => {
  const model = functionalModel([
    input('image', 1, 2, 1),
    layer('ZeroPadding2D', 'pad', {
      padding: [
        [2, 0],
        [0, 1],
      ],
    }),
    layer('AveragePooling2D', 'mean', { pool_size: [2, 2], strides: [2, 2], padding: 'same' }),
    layer('Flatten', 'scores'),
  ]);
  const network = readNetwork(model.topology, model.specs);
  const session = await createOnnxEngine(ort).open(network, model.weights);
  const image = { shape: [1, 1, 2, 1], data: Float32Array.of(8, 4) };
  const { logits, gradients } = await session.run({
    inputs: { image },
    outputs: [],
    gradient: { seeds: [{ score: 'logit', of: { class: 2 } }], wrt: ['image'], relu: 'plain' },
  });
  session.dispose();
  // Rows 0 0 0, 0 0 0, 8 4 0: windows of two rows and two columns, below and at the right cut off.
  expect([...logits.data]).toEqual([0, 0, (8 + 4) / 2, 0]);
  expect([...gradients[0]!.get('image')!.data]).toEqual([1 / 2, 1 / 2]);
});
