import { functionalModel, input, layer, type TestModel } from './keras-model.ts';
import { createRandom } from './random.ts';
import { batchNormalization, convolution, dense } from './small-nets.ts';

/**
 * Channels in whole blocks of 16, as the published nets have them: there, native ONNX Runtime keeps
 * images in its own layout and the graph is written to stay in it. Every kind of gradient that is
 * written otherwise then: input convolution with a stride, overlapping and separate pools with odd
 * edges, strided shortcut by single cells, batch normalisation folded into kernels, ReLU masks.
 */
export function blockNet(): TestModel {
  const random = createRandom(5);
  const bare = { use_bias: false };
  return functionalModel([
    input('image', 29, 26, 3),
    layer('ZeroPadding2D', 'padding', { padding: [3, 3] }),
    convolution(random, 'root', [7, 7], 3, 16, { strides: [2, 2], padding: 'valid' }),
    batchNormalization(random, 'root/norm', 16),
    layer('ReLU', 'relu1'),
    layer('MaxPooling2D', 'pool1', { pool_size: [3, 3], strides: [2, 2], padding: 'same' }),
    convolution(random, 'a', [1, 1], 16, 16),
    batchNormalization(random, 'a/norm', 16),
    layer('ReLU', 'a/relu'),
    layer('ZeroPadding2D', 'b/padding', { padding: [1, 1] }),
    convolution(random, 'b', [3, 3], 16, 16, { strides: [2, 2], padding: 'valid', ...bare }),
    batchNormalization(random, 'b/norm', 16),
    {
      ...layer('MaxPooling2D', 'subsample', { pool_size: [1, 1], strides: [2, 2] }),
      inputs: ['pool1'],
    },
    { ...layer('Add', 'sum'), inputs: ['subsample', 'b/norm'] },
    layer('ReLU', 'relu2'),
    layer('MaxPooling2D', 'pool2', { pool_size: [2, 2], padding: 'same' }),
    convolution(random, 'last', [3, 3], 16, 32, { activation: 'relu' }),
    layer('GlobalAveragePooling2D', 'mean'),
    dense(random, 'logits', 32, 5),
  ]);
}
