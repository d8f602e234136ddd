import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { concatenate, createMessageWriter } from '../../src/base/protobuf-writer.ts';
import { GradcamError } from '../../src/base/errors.ts';
import { createOnnxEngine } from '../../src/engines/onnx/index.ts';
import { describeModel } from '../../src/model/describe-model.ts';
import { loadModel } from '../../src/model/model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { modelFilesInMemory } from '../../src/readers/model-files.ts';
import type { OnnxNode, OnnxTensor } from '../../src/engines/onnx/proto/onnx-model.ts';
import { floats, handMadeOnnx, integers, node } from '../helper/hand-made-onnx.ts';

/** What a stranger's file may put into nodes that are copied, on the engine that runs them. */
const engine = createOnnxEngine(ort);

async function refusalOf(nodes: OnnxNode[], weights: OnnxTensor[] = []): Promise<string> {
  const error = await loadModel(openOnnxFile(handMadeOnnx(nodes, weights)), { engine }).then(
    (model) => model.dispose(),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(GradcamError);
  expect((error as Error).message).not.toMatch(/\n|undefined|NaN/);
  return (error as Error).message;
}

/** An attribute of a kind that `OnnxNode` does not have. */
function encodeAttribute(name: string, field: number, value: Uint8Array): Uint8Array {
  const writer = createMessageWriter();
  writer.text(1, name);
  writer.bytes(field, value);
  return concatenate(writer.finish());
}

const GRAPH = 6;
const TENSORS = 10;
const TENSOR = 5;

function externalTensor(location: string): Uint8Array {
  const writer = createMessageWriter();
  writer.integer(1, 2);
  writer.integer(2, 1);
  writer.message(13, () => {
    writer.text(1, 'location');
    writer.text(2, location);
  });
  writer.integer(14, 1);
  return concatenate(writer.finish());
}

const contrib = { domain: 'com.microsoft', type: 'Gelu', inputs: ['x'], outputs: ['y'] };

const refused: readonly [string, OnnxNode[], OnnxTensor[], RegExp][] = [
  [
    'has an operator that ONNX Runtime does not know either',
    [{ ...contrib, domain: 'org.example', type: 'Sharpen', attributes: {} }],
    [],
    /node y \(Sharpen\): the operator Sharpen of org\.example is not supported.*ONNX Runtime does not run/,
  ],
  [
    'makes a value of absurd size',
    [node('CenterCropPad', ['x', 'huge'], ['y'])],
    [integers('huge', [1, 3, 2 ** 20, 2 ** 20])],
    /\(CenterCropPad\).*would have shape \[1, 3, 1048576, 1048576\]/,
  ],
  [
    'declares a tensor of absurd size',
    [node('CumSum', ['x', 'axis'], ['s']), node('Hardmax', ['s', 'huge'], ['y'])],
    [
      integers('axis', [3], []),
      { name: 'huge', shape: [2 ** 20, 2 ** 20], data: new Float32Array(1) },
    ],
    /tensor 'huge' of shape \[1048576, 1048576\] has 4 bytes/,
  ],
  [
    'has a graph as an attribute',
    [{ ...contrib, attributes: {}, copied: [encodeAttribute('body', GRAPH, new Uint8Array())] }],
    [],
    /node y \(Gelu\): its attribute 'body' is a graph, or of another kind that is not read/,
  ],
  [
    'has a list of tensors as an attribute',
    [{ ...contrib, attributes: {}, copied: [encodeAttribute('t', TENSORS, new Uint8Array())] }],
    [],
    /its attribute 't' is a graph, or of another kind that is not read/,
  ],
  [
    'draws random numbers in a domain of its own',
    [{ ...contrib, type: 'RandomNoise', attributes: {} }],
    [],
    /the operator RandomNoise of com\.microsoft is not supported/,
  ],
  [
    'drops values while it is trained',
    [node('Dropout', ['x', 'ratio', 'training'], ['y'])],
    [floats('ratio', []), floats('training', [], 1)],
    /\(Dropout\): its training mode is on/,
  ],
  [
    'takes the statistics of its batch',
    [node('BatchNormalization', ['x', 'v', 'v', 'v', 'v'], ['y'], { training_mode: 1 })],
    [floats('v', [3])],
    /\(BatchNormalization\): it counts the statistics of its own batch/,
  ],
  [
    'lists places whose number depends on the picture',
    [node('NonZero', ['x'], ['places']), node('Cast', ['places'], ['y'], { to: 1 })],
    [],
    /\(NonZero\): the operator NonZero is not supported/,
  ],
  [
    'takes as many values as the picture says',
    [
      node('ReduceMean', ['x', 'all'], ['mean'], { keepdims: 0 }),
      node('Mul', ['mean', 'four'], ['scaled']),
      node('Add', ['scaled', 'one'], ['more']),
      node('Cast', ['more'], ['whole'], { to: 7 }),
      node('Reshape', ['whole', 'list'], ['k']),
      node('TopK', ['x', 'k'], ['y', 'places']),
    ],
    [
      ...[integers('all', [0, 1, 2, 3]), floats('four', [], 4), floats('one', [], 1)],
      integers('list', [1]),
    ],
    /\(TopK\).*the size of its output 'y' depends on the picture/,
  ],
  [
    'holds an attribute in another file',
    [
      {
        ...contrib,
        attributes: {},
        copied: [encodeAttribute('table', TENSOR, externalTensor('w.bin'))],
      },
    ],
    [],
    /its attribute 'table' lies in another file/,
  ],
];

describe('a file that', () => {
  test.each(refused)('%s', async (name, nodes, weights, message) => {
    if (name.includes('another file')) {
      const files = modelFilesInMemory({
        'net.onnx': handMadeOnnx(nodes),
        'w.bin': new Uint8Array(8),
      });
      await expect(loadModel(files, { engine })).rejects.toThrow(message);
    } else expect(await refusalOf(nodes, weights)).toMatch(message);
  });

  test('ends in whole numbers, which are no scores', async () => {
    const nodes = [node('GlobalMaxPool', ['x'], ['y'])];
    const bytes = handMadeOnnx(nodes, [], undefined, [
      node('Cast', ['flat'], ['scores'], { to: 7 }),
    ]);
    await expect(loadModel(openOnnxFile(bytes), { engine })).rejects.toThrow(
      /output 'scores' holds whole numbers, which are places and not scores/,
    );
  });

  test('has weights of a copied node in another file: they are read beside the model', async () => {
    const steps = new Float32Array(12).map((_, i) => i / 12);
    const weight: OnnxTensor = {
      ...{ name: 'kernel', shape: [3, 3, 1, 1] },
      data: { file: '../../etc/w.bin', offset: 8, bytes: 36 },
    };
    const fused = {
      ...{ domain: 'com.microsoft', type: 'FusedConv', inputs: ['x', 'kernel'], outputs: ['y'] },
      attributes: { activation: 'Relu', kernel_shape: [1, 1] },
    };
    const files = modelFilesInMemory({
      'net.onnx': handMadeOnnx([fused], [weight]),
      'w.bin': new Uint8Array(steps.buffer),
    });
    const model = await loadModel(files, { engine });
    const picture = new Float32Array(192).fill(1);
    const { logits } = await model.session.run({
      inputs: { x: { shape: [1, 8, 8, 3], data: picture } },
      outputs: [],
    });
    model.dispose();
    // Weights 2/12 to 10/12, each output the sum of three, all of them summed with factors of 0.1.
    const sum = 0.1 * ((2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10) / 12);
    for (const score of logits.data) expect(score).toBeCloseTo(sum, 6);
  });
});

test('without an engine, a file with such nodes is refused by node name', async () => {
  const bytes = handMadeOnnx([node('CumSum', ['x', 'axis'], ['y'])], [integers('axis', [3], [])]);
  await expect(describeModel(openOnnxFile(bytes))).rejects.toThrow(
    /node y \(CumSum\).*ONNX Runtime may run this node as it is: use createOnnxEngine/,
  );
});
