import { expect, test } from 'vitest';
import { explain } from '../../src/explain/explain.ts';
import { loadModel } from '../../src/model/model.ts';
import { createTfjsEngine } from '../../src/engines/tfjs/create-engine.ts';
import { input, layer, sequentialModel } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';
import { array } from '../readers/beside/small-net.ts';

/** Two classes whose scores fall with the brightness: all evidence at the pool is against either. */
const net = sequentialModel([
  input('image', 8, 8, 3),
  layer('AveragePooling2D', 'halves', { pool_size: [2, 2], strides: [2, 2], padding: 'valid' }),
  layer('GlobalAveragePooling2D', 'mean'),
  layer(
    'Dense',
    'scores',
    { units: 2, activation: 'softmax' },
    { kernel: array([3, 2], [-1, -2, -1, -2, -1, -2]), bias: array([2], [0, 0]) },
  ),
]);

test.each([
  ['top1', 'although it is the one that is predicted', 'explain the class that is predicted'],
  ['1', 'or explain the class that is predicted', 'although'],
])('a blank map of %s: %s', async (target, advice, other) => {
  const engine = await createTfjsEngine({ backend: 'cpu' });
  const model = await loadModel(filesOf(net), { engine });
  try {
    const image = {
      width: 8,
      height: 8,
      channels: 3,
      data: new Uint8Array(192).fill(200),
    } as const;
    const { explanations } = await explain(model, image, { targets: [target], layers: ['halves'] });
    expect(explanations[0]!.diagnostics.blank).toContain(advice);
    expect(explanations[0]!.diagnostics.blank).not.toContain(other);
  } finally {
    model.dispose();
  }
});
