import { describe, expect, test } from 'vitest';
import { GradcamError } from '../../src/base/errors.ts';
import { describeModel } from '../../src/model/describe-model.ts';
import { modelFilesInMemory } from '../../src/readers/model-files.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import type { OnnxNode, OnnxTensor } from '../../src/engines/onnx/proto/onnx-model.ts';
import { readFixtureBytes } from '../helper/fixture.ts';
import { floats, handMadeOnnx, integers, node } from '../helper/hand-made-onnx.ts';

/** One line that says what is wrong, whatever a stranger's file holds. */
async function refusalOf(bytes: Uint8Array): Promise<GradcamError> {
  const error = await describeModel(openOnnxFile(bytes)).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(GradcamError);
  expect((error as Error).message).not.toMatch(/\n|undefined|NaN/);
  return error as GradcamError;
}

test('opens what the tests write', async () => {
  const { network } = await describeModel(openOnnxFile(handMadeOnnx([node('Relu', ['x'], ['y'])])));
  expect(network.nodes.map(({ op }) => op.kind)).toEqual([
    ...['input', 'relu', 'globalAveragePool', 'dense'],
  ]);
});

test.each(['resnet.torchscript-open.onnx', 'convnext.dynamo-fixed.onnx'])(
  '%s, cut anywhere, is a damaged file',
  async (file) => {
    const bytes = await readFixtureBytes(`onnx/${file}`);
    // The last bytes are the operator set and what says so; each shorter file lacks something.
    for (let length = 0; length < bytes.length; length += 997) {
      const { kind } = await refusalOf(bytes.subarray(0, length));
      expect(['model', 'unsupported']).toContain(kind);
    }
  },
);

/** What each file does, and how it is answered. */
const refused: readonly [string, OnnxNode[], OnnxTensor[], RegExp][] = [
  [
    'takes a value that nothing gives: a circle',
    [node('Add', ['x', 'y'], ['z']), node('Relu', ['z'], ['y'])],
    [],
    /takes the value 'y', which no node before it gives/,
  ],
  [
    'gives a value twice',
    [node('Relu', ['x'], ['y']), node('Tanh', ['x'], ['y'])],
    [],
    /gives the value 'y', which an earlier node gives already/,
  ],
  [
    'fills the memory with a constant',
    [node('ConstantOfShape', ['huge'], ['big']), node('Add', ['x', 'big'], ['y'])],
    [integers('huge', [2 ** 20, 2 ** 20])],
    /would compute a constant of 1099511627776 values/,
  ],
  [
    'sums up nothing',
    [node('Sum', [], ['nothing']), node('Add', ['x', 'nothing'], ['y'])],
    [],
    /\(Sum\): it has no inputs/,
  ],
  [
    'repeats a constant without end',
    [node('Expand', ['one', 'huge'], ['big']), node('Add', ['x', 'big'], ['y'])],
    [floats('one', [1]), integers('huge', [2 ** 15, 2 ** 15])],
    /would compute a constant of 1073741824 values/,
  ],
  [
    'counts without end',
    [node('Range', ['zero', 'far', 'one'], ['big']), node('Add', ['x', 'big'], ['y'])],
    [integers('zero', [0], []), integers('far', [2 ** 50], []), integers('one', [1], [])],
    /would compute a constant of 1125899906842624 values/,
  ],
  [
    'repeats a picture without end',
    [node('Expand', ['x', 'huge'], ['big']), node('ReduceMean', ['big', 'axis'], ['y'])],
    [integers('huge', [1, 3, 2 ** 20, 2 ** 20]), integers('axis', [3])],
    /fit|does not become|its output would have shape/,
  ],
  [
    'pads a picture to an absurd size',
    [node('Pad', ['x', 'pads'], ['y'])],
    [integers('pads', [0, 0, 2 ** 30, 2 ** 30, 0, 0, 0, 0])],
    /its output would have shape/,
  ],
  [
    'reflects a picture to an absurd size',
    [node('Pad', ['x', 'pads'], ['y'], { mode: 'reflect' })],
    [integers('pads', [0, 0, 2 ** 30, 2 ** 40, 0, 0, 0, 0])],
    /its output would have shape/,
  ],
  [
    'resizes to an absurd size',
    [node('Resize', ['x', '', '', 'sizes'], ['y'], { mode: 'linear' })],
    [integers('sizes', [1, 3, 2 ** 25, 2 ** 25])],
    /its output would have shape|would become/,
  ],
  [
    'asks for an index that is not there',
    [node('Gather', ['x', 'far'], ['y'], { axis: 2 })],
    [integers('far', [8])],
    /index 8 of 8/,
  ],
  [
    'has weights for other channels',
    [node('Conv', ['x', 'kernel'], ['y'])],
    [floats('kernel', [3, 5, 3, 3])],
    /weights \[3, 5, 3, 3\] in 1 groups do not fit 3 channels/,
  ],
  [
    'has a window larger than its picture',
    [node('Conv', ['x', 'kernel'], ['y'])],
    [floats('kernel', [3, 3, 9, 9])],
    /window 9x9 is larger than the image 8x8/,
  ],
  [
    'steps by nothing',
    [node('MaxPool', ['x'], ['y'], { kernel_shape: [2, 2], strides: [0, 1] })],
    [],
    /strides is \[0, 1\], expected 2 sizes/,
  ],
  [
    'reshapes to other elements',
    [node('Reshape', ['x', 'shape'], ['y'])],
    [integers('shape', [1, 3, 9, 9])],
    /a value \[1, 3, 8, 8\] does not become \[1, 3, 9, 9\]/,
  ],
  [
    'transposes by what is no order',
    [node('Transpose', ['x'], ['y'], { perm: [0, 1, 1, 2] })],
    [],
    /order of axes \[0, 1, 1, 2\] for a value \[1, 3, 8, 8\]/,
  ],
  [
    'was exported in training mode, by its dropout',
    [node('Dropout', ['x', 'ratio', 'training'], ['y'])],
    [floats('ratio', []), floats('training', [], 1)],
    /\(Dropout\): its training mode is on: .* model\.eval\(\)/,
  ],
  [
    'was exported in training mode, by its normalisation',
    [node('BatchNormalization', ['x', 'v', 'v', 'v', 'v'], ['y'], { training_mode: 1 })],
    [floats('v', [3])],
    /\(BatchNormalization\): it counts the statistics of its own batch/,
  ],
  [
    'draws random numbers',
    [node('RandomUniformLike', ['x'], ['noise']), node('Add', ['x', 'noise'], ['y'])],
    [],
    /\(RandomUniformLike\): it draws random numbers/,
  ],
  [
    'has an operator that nobody knows',
    [node('MaxRoiPool', ['x', 'x'], ['y'])],
    [],
    /the operator MaxRoiPool is not supported/,
  ],
  [
    'has an attribute that nobody knows',
    [node('Relu', ['x'], ['y'], { sharpness: 3 })],
    [],
    /\(Relu\): its attribute 'sharpness' is not supported/,
  ],
];

describe('a file that', () => {
  test.each(refused)('%s', async (_, nodes, initializers, message) => {
    expect((await refusalOf(handMadeOnnx(nodes, initializers))).message).toMatch(message);
  });

  test('takes batches of many only', async () => {
    const bytes = handMadeOnnx([node('Relu', ['x'], ['y'])], [], [65, 3, 8, 8]);
    expect((await refusalOf(bytes)).message).toMatch(/takes batches of exactly 65/);
  });
});

describe('weights in another file', () => {
  const kernel = (file: string, offset: number, bytes: number): OnnxTensor => ({
    ...{ name: 'kernel', shape: [3, 3, 1, 1], data: { file, offset, bytes } },
  });
  const conv = [node('Conv', ['x', 'kernel'], ['y'])];
  const open = (tensor: OnnxTensor, beside: Record<string, Uint8Array>) =>
    describeModel(modelFilesInMemory({ 'net.onnx': handMadeOnnx(conv, [tensor]), ...beside }));

  test.each([
    'weights.bin',
    '../../../../etc/weights.bin',
    '/etc/weights.bin',
    'C:\\w\\weights.bin',
  ])('are read beside the model, though it says %s', async (location) => {
    const values = new Float32Array(10).map((_, i) => i);
    const { readWeights } = await open(kernel(location, 4, 36), {
      'weights.bin': new Uint8Array(values.buffer),
    });
    // [out, in] to [in, out]
    const [read] = (await readWeights!()).values();
    expect(Array.from(read!.data)).toEqual([1, 4, 7, 2, 5, 8, 3, 6, 9]);
  });

  test.each([
    ['beyond its end', kernel('w.bin', 8, 36), /said to end at byte 44 of w\.bin, which has 40/],
    ['of another length', kernel('w.bin', 0, 32), /shape \[3, 3, 1, 1\] has 32 bytes of float/],
    ['that is not there', kernel('other.bin', 0, 36), /no file other\.bin/],
    ['without a name', kernel('..', 0, 36), /is said to lie in file '\.\.'/],
  ])('%s', async (_, tensor, message) => {
    await expect(open(tensor, { 'w.bin': new Uint8Array(40) })).rejects.toThrow(message);
  });
});
