import { describe, expect, test } from 'vitest';
import { concatenate, createMessageWriter } from '../../src/base/protobuf-writer.ts';
import type { OnnxNode, OnnxTensor } from '../../src/engines/onnx/proto/onnx-model.ts';
import { describeModel } from '../../src/model/describe-model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { floats, handMadeOnnx, integers, node } from '../helper/hand-made-onnx.ts';

/**
 * Recurrent nodes that are refused, and how. What they compute is compared with PyTorch in
 * `onnx-gradients.test.ts`.
 */

const FEATURES = 3;
const UNITS = 3;

/** A node over the picture's 64 cells as steps: `s` [64, n, 3], the sequence that it takes. */
function around(
  recurrent: OnnxNode,
  steps = 64,
  cells = [0, FEATURES, 64],
  perm = [2, 0, 1],
): readonly [OnnxNode[], OnnxTensor[]] {
  return [
    [
      node('Reshape', ['x', 'cells'], ['c']),
      node('Transpose', ['c'], ['s'], { perm }),
      recurrent,
      node('Squeeze', ['o', 'one'], ['q']),
      node('Transpose', ['q'], ['t'], { perm: [1, 2, 0] }),
      node('Reshape', ['t', 'picture'], ['y']),
    ],
    [
      integers('cells', cells),
      integers('one', [1]),
      integers('picture', [0, UNITS, 8, steps / 8]),
      floats('w', [1, UNITS, FEATURES]),
      floats('r', [1, UNITS, UNITS]),
      floats('w4', [1, 4 * UNITS, FEATURES]),
      floats('r4', [1, 4 * UNITS, UNITS]),
      floats('first', [2, 1, UNITS]),
    ],
  ];
}

const describeNet = (made: ReturnType<typeof around>) =>
  describeModel(openOnnxFile(handMadeOnnx(made[0], made[1])), { inputRange: '0..1' });

const size = { hidden_size: UNITS };

/** A list of texts, as files encode it. */
function texts(name: string, values: readonly string[]): Uint8Array {
  const writer = createMessageWriter();
  writer.text(1, name);
  for (const value of values) writer.text(9, value);
  writer.integer(20, 8);
  return concatenate(writer.finish());
}

const withTexts = (type: string, values: readonly string[]): OnnxNode => ({
  ...node(type, ['s', 'w', 'r'], ['o'], size),
  copied: [texts('activations', values)],
});

test('a node is translated into the op set, and its gradient with it', async () => {
  const { network } = await describeNet(around(node('RNN', ['s', 'w', 'r'], ['o'], size)));
  const kinds = network.nodes.map(({ op }) => op.kind);
  expect(kinds).not.toContain('opaque');
  // A product for all inputs, and one for each step.
  expect(kinds.filter((kind) => kind === 'dense').length).toBeGreaterThanOrEqual(65);
});

describe('what is refused, by its name', () => {
  test.each([
    [
      'clip',
      around(node('RNN', ['s', 'w', 'r'], ['o'], { ...size, clip: { float: 3 } })),
      'its attribute clip is not supported',
    ],
    [
      'coupled gates',
      around(node('LSTM', ['s', 'w4', 'r4'], ['o'], { ...size, input_forget: 1 })),
      'its attribute input_forget is not supported',
    ],
    [
      'another function',
      around(withTexts('RNN', ['HardSigmoid'])),
      'its activation HardSigmoid is not supported; expected Sigmoid, Tanh or Relu',
    ],
    [
      'a direction that does not exist',
      around(node('RNN', ['s', 'w', 'r'], ['o'], { ...size, direction: 'sideways' })),
      "its direction 'sideways' is not supported",
    ],
    [
      'the pictures of a batch as steps',
      around(node('RNN', ['s', 'w', 'r'], ['o'], size), 64, [0, FEATURES, 64], [0, 2, 1]),
      'it reads the pictures of a batch as the steps of one sequence',
    ],
    [
      'an attribute of later versions',
      around(node('RNN', ['s', 'w', 'r'], ['o'], { ...size, peep: 1 })),
      "its attribute 'peep' is not supported",
    ],
    ['too many functions', around(withTexts('RNN', ['Tanh', 'Tanh'])), '2 activations, not 1'],
    [
      'weights of another size',
      around(node('RNN', ['s', 'w4', 'r'], ['o'], size)),
      'weights W [1, 12, 3] for 3 features and 3 units',
    ],
    [
      'weights of another number of directions',
      around(node('RNN', ['s', 'w', 'r'], ['o'], { ...size, direction: 'bidirectional' })),
      'weights W of 1 directions for bidirectional',
    ],
    [
      'a first state of another size',
      around(node('RNN', ['s', 'w', 'r', '', '', 'first'], ['o'], size)),
      'a first state [2, 1, 3]',
    ],
    ['no weights', around(node('RNN', ['s', 'w'], ['o'], size)), 'it has no weights R (input 2)'],
  ])('%s', async (_, net, message) => {
    const error = await describeNet(net).catch((caught: unknown) => caught as Error);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain('\n');
  });
});
