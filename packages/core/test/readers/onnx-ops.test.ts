import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import { toStoredOrder } from '../../src/readers/graph/stored-order.ts';
import { loadModel } from '../../src/model/model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { parseOnnxModel } from '../../src/readers/onnx-file/proto/parse-model.ts';
import { readOnnxNetwork } from '../../src/readers/onnx-file/read-onnx-network.ts';
import { expectClose } from '../helper/closeness.ts';
import { createEngine } from '../helper/engines.ts';
import { decodeArray, readFixture, type StoredArray } from '../helper/fixture.ts';
import { floats, handMadeOnnx, integers, node } from '../helper/hand-made-onnx.ts';

/**
 * Single nodes whose meaning depends on the operator set, an attribute or a shape, against ONNX Runtime
 * (`tools/oracles/write_onnx_op_fixtures.py`).
 */
interface Case {
  readonly title: string;
  /** The file, in base64. */
  readonly model: string;
  readonly x: StoredArray;
  readonly y: StoredArray;
}

/** Of the largest value. One node in float32 on both sides; what is read wrongly is off by 1e-2 and more. */
const ONE_NODE = 1e-5;

const { cases } = readFixture<{ readonly cases: readonly Case[] }>('onnx-ops.json');
const byTitle = cases.map((one) => [one.title, one] as const);

describe.each(['onnx', 'wasm'] as const)('on %s', (engineName) => {
  test.each(byTitle)('%s', async (_, { model, x, y }) => {
    const engine = await createEngine(engineName);
    const bytes = new Uint8Array(Buffer.from(model, 'base64'));
    const { network, weights, inputs, outputs } = read(bytes);
    const arrays = [...weights].map(([name, weight]): [string, NdArray] => [
      name,
      { shape: weight.shape, data: weight.read() },
    ]);
    const session = await engine.open(network, new Map(arrays));
    try {
      const [input, output] = [inputs[0]!, outputs[0]!];
      const stored = network.nodes.find(({ name }) => name === input.node)!.shape;
      const data = toStoredOrder(decodeArray(x).data, input.shape, input.order);
      const run = await session.run({
        inputs: { [input.node]: { shape: [1, ...stored], data } },
        outputs: [output.node],
      });
      const found = run.outputs.get(output.node)!.data;
      expect(output.shape).toEqual(y.shape);
      const expected = toStoredOrder(decodeArray(y).data, output.shape, output.order);
      expectClose({ shape: y.shape, data: found }, { shape: y.shape, data: expected }, ONE_NODE);
    } finally {
      session.dispose();
    }
  });
});

function read(bytes: Uint8Array): ReturnType<typeof readOnnxNetwork> {
  return readOnnxNetwork(parseOnnxModel(bytes, 'case.onnx'), 'case.onnx', new Map());
}

/** Exporters write a softplus as such a choice; these are none, and are computed as they stand. */
describe('is a choice between two values', () => {
  const softplus = [node('Softplus', ['x'], ['s']), node('Greater', ['x', 'bound'], ['c'])];

  test.each([
    [
      'a softplus that ends in a line too early',
      [...softplus, node('Where', ['c', 'x', 's'], ['y'])],
      [floats('bound', [], 1)],
    ],
    [
      'a softplus that ends in something else',
      [...softplus, node('Where', ['c', 'other', 's'], ['y'])],
      [floats('bound', [], 20), floats('other', [], 5)],
    ],
  ])('%s', (_, nodes, initializers) => {
    const { network } = read(handMadeOnnx(nodes, initializers));
    expect(network.nodes.map(({ op }) => op.kind)).toContain('select');
  });
});

describe('is refused by name', () => {
  const scale = (shape: readonly number[]) => [floats('scale', shape)];

  test.each([
    [
      'the mask of a dropout',
      [node('Dropout', ['x'], ['z', 'mask']), node('Mul', ['z', 'mask'], ['y'])],
      [],
      'its output 1 is not supported',
    ],
    [
      'a normalisation by numbers of two axes',
      [node('LayerNormalization', ['x', 'scale'], ['y'])],
      scale([8, 8]),
      'numbers of shape [8, 8] for an axis of 8; expected one, or [8]',
    ],
    [
      'scales of blocks',
      [
        node('DequantizeLinear', ['whole', 'scale'], ['matrix8'], { axis: 0, block_size: 4 }),
        node('MatMul', ['x', 'matrix8'], ['y']),
      ],
      [integers('whole', new Array<number>(32).fill(3), [8, 4]), floats('scale', [2, 4])],
      'scales of blocks are not supported',
    ],
  ])('%s', (_, nodes, initializers, message) => {
    expect(() => read(handMadeOnnx(nodes, initializers))).toThrow(message);
  });
});

/** What each of these files becomes, besides its input. */
const recognised: readonly [string, readonly string[]][] = [
  ['GELU by tanh, as PyTorch writes it, opset 17', ['geluTanh']],
  ['GELU by tanh, as transformers writes it, opset 17', ['geluTanh']],
  ['LayerNorm over tokens, written out, opset 17', ['layerNorm', 'channelScale', 'channelScale']],
  [
    'LayerNorm over channels, written out, opset 17',
    ['permute', 'conv2d', 'layerNorm', 'affine', 'affine'],
  ],
  [
    'LayerNorm over tokens by a reciprocal root, opset 17',
    ['layerNorm', 'channelScale', 'channelScale'],
  ],
];

describe('what is written out as several nodes is one op', () => {
  const opsOf = (title: string): string[] => {
    const { model } = cases.find((one) => one.title === title)!;
    const { network } = read(new Uint8Array(Buffer.from(model, 'base64')));
    return network.nodes
      .slice(1)
      .map(({ op }) => (op.kind === 'activation' ? op.fn.name : op.kind));
  };

  test.each(recognised)('%s', (title, kinds) => {
    expect(opsOf(title)).toEqual(kinds);
  });

  test('but other numbers are another function, and rows are not channels', () => {
    expect(opsOf('nearly GELU by tanh, opset 17')).toContain('tanh');
    expect(opsOf('LayerNorm over rows of tokens, written out, opset 17')).not.toContain(
      'layerNorm',
    );
  });
});

test('nodes in any order are sorted, as ONNX Runtime does', () => {
  const nodes = [node('Relu', ['half'], ['y']), node('Mul', ['x', 'number'], ['half'])];
  const { network } = read(handMadeOnnx(nodes, [floats('number', [], 0.5)]));
  expect(network.nodes.map(({ op }) => op.kind).slice(0, 3)).toEqual(['input', 'affine', 'relu']);
});

describe.each(['onnx', 'wasm'] as const)('an output that is an index, on %s', (engineName) => {
  test.each([
    [
      'the largest',
      [node('ArgMax', ['flat'], ['place'], { axis: 1 })],
      'place',
      /place \(ArgMax\)/,
    ],
    ['the largest ones', [node('TopK', ['flat', 'two'], ['most', 'place'])], 'place', /\(TopK\)/],
  ])('of %s: the scores before it are explained, and compared', async (_, last, place, chooser) => {
    const nodes = [...last, node('Cast', [place], ['scores'], { to: 1 })];
    const bytes = handMadeOnnx([], [integers('two', [2])], undefined, nodes);
    const model = await loadModel(openOnnxFile(bytes), { engine: await createEngine(engineName) });
    const data = Float32Array.from({ length: 192 }, (_, i) => (i % 3) + 0.5);
    const { logits } = await model.session.run({
      inputs: { x: { shape: [1, 8, 8, 3], data } },
      outputs: [],
    });
    model.dispose();
    // The mean of each channel.
    expect(Array.from(logits.data)).toEqual([0.5, 1.5, 2.5]);
    const note = model.assumptions.find((line) => line.startsWith('output scores is the index'));
    expect(note).toMatch(chooser);
    expect(note).toMatch(/the scores before it, flat, are explained/);
    if (engineName === 'onnx') expect(model.proof).toMatch(/computes what the file says/);
  });
});
