import { expect, test } from 'vitest';
import type { ReluRule } from '../../src/network/op.ts';
import { array } from '../helper/array.ts';
import { engineNames } from '../helper/engines.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';
import { openModel } from '../methods/passes/tiny-net.ts';

/**
 * y = -relu6(x) - relu(x) for x = 2, so that a guided ReLU stops its gradient of -1. The first ReLU is bounded;
 * the second is a layer ReLU, the third the function of a layer.
 */
const net = functionalModel([
  input('image', 1, 1, 1),
  { ...layer('ReLU', 'bounded', { max_value: 6 }), inputs: ['image'] },
  { ...layer('ReLU', 'layer'), inputs: ['image'] },
  { ...layer('Activation', 'function', { activation: 'relu' }), inputs: ['image'] },
  { ...layer('Concatenate', 'all', { axis: -1 }), inputs: ['bounded', 'layer', 'function'] },
  layer('Flatten', 'flat'),
  layer('Dense', 'score', { units: 1, use_bias: false }, { kernel: array([[-1], [-10], [-100]]) }),
]);

const cases: readonly (readonly [name: string, relu: ReluRule, gradient: number])[] = [
  ['guided', 'guided', 0],
  ['guided for unbounded ReLUs', { policy: 'guided', of: 'unbounded' }, -1],
  ['guided for functions', { policy: 'guided', of: 'function' }, -11],
  ['deconvnet for unbounded ReLUs', { policy: 'deconvnet', of: 'unbounded' }, -1],
  ['plain', 'plain', -111],
];

test.each(engineNames)('a rule leaves ReLUs out by their kind, on %s', async (engine) => {
  const session = await openModel(net, engine);
  for (const [name, relu, expected] of cases) {
    const { gradients } = await session.run({
      inputs: { image: { shape: [1, 1, 1, 1], data: Float32Array.of(2) } },
      outputs: [],
      gradient: { seeds: [{ score: 'logit', of: { class: 0 } }], wrt: ['image'], relu },
    });
    expect([name, gradients[0]!.get('image')!.data[0]]).toEqual([name, expected]);
  }
  session.dispose();
});
