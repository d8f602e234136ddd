import { describe, expect, test } from 'vitest';
import { describeModel } from '../../src/model/describe-model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import type { Network } from '../../src/network/network.ts';
import { listTaps, recommendTap } from '../../src/network/taps.ts';
import { readNetwork } from '../../src/readers/layers-model/read-network.ts';
import { floats, handMadeOnnx, node } from '../helper/hand-made-onnx.ts';
import { functionalModel, input, layer, type LayerSpec } from '../helper/keras-model.ts';

/** An image and the layers of a test, then the scores. */
function readKeras(...layers: readonly LayerSpec[]): Network {
  const { topology, specs } = functionalModel([
    input('image', 4, 4, 3),
    ...layers,
    layer('GlobalAveragePooling2D', 'scores'),
  ]);
  return readNetwork(topology, specs);
}

/** A call of TensorFlow's function with one argument, as Keras 2 saves it. */
const operator = (name: string): LayerSpec =>
  layer('TFOpLambda', 'operator', { function: `math.${name}` });

const activatedOf = (network: Network): string[] =>
  listTaps(network, { between: true })
    .filter(({ activated }) => activated)
    .map(({ layer: name }) => name);

describe('arithmetic after the last ReLU is no activation', () => {
  test.each(['abs', 'sqrt', 'rsqrt', 'exp', 'log'])('Keras: math.%s', (name) => {
    const network = readKeras(layer('ReLU', 'relu'), operator(name));
    expect(activatedOf(network)).toEqual(['relu']);
    expect(recommendTap(network).layer).toBe('relu');
  });

  test.each(['Abs', 'Sqrt', 'Reciprocal', 'Exp', 'Log', 'Erf'])('ONNX: %s', async (type) => {
    const nodes = [node('Relu', ['x'], ['relu']), node(type, ['relu'], ['y'])];
    const { network } = await describeModel(openOnnxFile(handMadeOnnx(nodes)));
    expect(activatedOf(network)).toEqual(['relu']);
    expect(recommendTap(network).layer).toBe('relu');
  });

  test('ONNX: a power', async () => {
    const nodes = [node('Relu', ['x'], ['relu']), node('Pow', ['relu', 'half'], ['y'])];
    const file = handMadeOnnx(nodes, [floats('half', [], 0.5)]);
    const { network } = await describeModel(openOnnxFile(file));
    expect(recommendTap(network).layer).toBe('relu');
  });
});

describe('an activation that its author names is one, whatever its function', () => {
  test.each(['exponential', 'tanh', 'elu', 'relu', 'sigmoid', 'gelu'])('Keras: %s', (name) => {
    const network = readKeras(
      layer('ReLU', 'relu'),
      layer('Activation', 'named', { activation: name }),
    );
    expect(activatedOf(network)).toEqual(['relu', 'named']);
    expect(recommendTap(network).layer).toBe('named');
  });

  test('but not a softmax', () => {
    const softmax = layer('Activation', 'named', { activation: 'softmax' });
    expect(recommendTap(readKeras(layer('ReLU', 'relu'), softmax)).layer).toBe('relu');
  });
});
