import { describe, expect, test } from 'vitest';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { recommendTap } from '../../../src/network/taps.ts';
import { resolveLayer } from '../../../src/model/model.ts';
import { evaluateFloat64 } from '../../helper/float64/evaluate.ts';
import { functionalModel, input, layer } from '../../helper/keras-model.ts';

const tensor = (name: string) => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 1, 2, 3], dtype: 'float32', keras_history: [name, 0, 0] },
});
const ellipsis = { class_name: '__ellipsis__', config: {} };
const slice = (start: number | null, stop: number | null, step: number | null) => ({
  class_name: '__slice__',
  config: { start, stop, step },
});
const constant = (value: unknown) => ({
  class_name: '__tensor__',
  config: { value, dtype: 'float32' },
});

interface Step {
  readonly name: string;
  readonly class_name: string;
  readonly args: readonly unknown[];
  readonly config?: object;
}

/** What a chain of Keras 3's operators makes of the picture [[1 2 3] [4 5 6]], by the ops' definitions. */
function compute(steps: readonly Step[]): { shape: readonly number[]; data: number[] } {
  const { topology } = functionalModel([input('image', 1, 2, 3), layer('ReLU', 'relu')]);
  const { config } = topology['model_config'] as { config: Record<string, unknown[]> };
  const [image] = config['layers']!;
  config['layers'] = [
    image,
    ...steps.map(({ name, class_name, args, config }) => ({
      name,
      class_name,
      config: { name, ...config },
      inbound_nodes: [{ args, kwargs: {} }],
    })),
  ];
  config['output_layers'] = [[steps.at(-1)!.name, 0, 0]];
  const network = readNetwork({ ...topology, keras_version: '3.15.1' }, []);
  const values = new Map([
    ['image', { shape: [1, 2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) }],
  ]);
  const found = evaluateFloat64(network, new Map(), values).get(
    network.layers.get(steps.at(-1)!.name)!,
  )!;
  return {
    shape: found.shape,
    data: Array.from(found.data, (value) => Math.round(value * 1e9) / 1e9),
  };
}

const one = (class_name: string, args: readonly unknown[], config = {}): Step[] => [
  { name: 'op', class_name, args, config },
];
const x = tensor('image');

describe('operators with constants, computed by hand', () => {
  test.each<[string, Step[], readonly number[], readonly number[]]>([
    ['x[..., 1]', one('GetItem', [x, [ellipsis, 1]]), [1, 2], [2, 5]],
    ['x[..., -1]', one('GetItem', [x, [ellipsis, -1]]), [1, 2], [3, 6]],
    [
      'x[..., ::-1]',
      one('GetItem', [x, [ellipsis, slice(null, null, -1)]]),
      [1, 2, 3],
      [3, 2, 1, 6, 5, 4],
    ],
    [
      'x[:, :, 1:]',
      one('GetItem', [x, [slice(null, null, null), slice(null, null, null), slice(1, null, null)]]),
      [1, 1, 3],
      [4, 5, 6],
    ],
    [
      'x[..., :2, None]',
      one('GetItem', [x, [ellipsis, slice(null, 2, null), null]]),
      [1, 2, 2, 1],
      [1, 2, 4, 5],
    ],
    [
      'x + three numbers',
      one('Add', [x, constant([[[[10, 20, 30]]]])]),
      [1, 2, 3],
      [11, 22, 33, 14, 25, 36],
    ],
    [
      'three numbers - x',
      one('Subtract', [constant([10, 20, 30]), x]),
      [1, 2, 3],
      [9, 18, 27, 6, 15, 24],
    ],
    [
      'x / three numbers',
      one('TrueDivide', [x, constant([1, 2, 3])]),
      [1, 2, 3],
      [1, 1, 1, 4, 2.5, 2],
    ],
    ['max(x, 3)', one('Maximum', [x, 3]), [1, 2, 3], [3, 3, 3, 4, 5, 6]],
    ['min(x, 3)', one('Minimum', [3, x]), [1, 2, 3], [1, 2, 3, 3, 3, 3]],
    ['clip(x, 2, 5)', one('Clip', [x], { x_min: 2, x_max: 5 }), [1, 2, 3], [2, 2, 3, 4, 5, 5]],
    ['x ** 2', one('Power', [x, 2]), [1, 2, 3], [1, 4, 9, 16, 25, 36]],
    ['mean over channels', one('Mean', [x], { axis: -1, keepdims: true }), [1, 2, 1], [2, 5]],
    ['sum over columns', one('Sum', [x], { axis: 2, keepdims: false }), [1, 3], [5, 7, 9]],
    ['expand_dims', one('ExpandDims', [x], { axis: 1 }), [1, 1, 2, 3], [1, 2, 3, 4, 5, 6]],
    [
      'stack of the channels in another order',
      [
        { name: 'b', class_name: 'GetItem', args: [x, [ellipsis, 2]] },
        { name: 'r', class_name: 'GetItem', args: [x, [ellipsis, 0]] },
        {
          name: 'op',
          class_name: 'Stack',
          args: [[tensor('b'), tensor('r')]],
          config: { axis: -1 },
        },
      ],
      [1, 2, 2],
      [3, 1, 6, 4],
    ],
  ])('%s', (_, steps, shape, data) => {
    expect(compute(steps)).toEqual({ shape, data });
  });

  test.each<[string, Step[], RegExp]>([
    ['items of the batch', one('GetItem', [x, [0]]), /takes items out of the batch/],
    [
      'a constant with places of its own',
      one('Add', [
        x,
        constant([
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ]),
      ]),
      /a constant has shape \[1, 2, 3\]/,
    ],
    ['a division by nothing', one('TrueDivide', [x, 0]), /divides by 0/],
    ['a mean of the batch', one('Mean', [x], { axis: null }), /reduces the batch/],
    ['whole numbers', one('Cast', [x], { dtype: 'int32' }), /casts to int32/],
  ])('%s: refused by name', (_, steps, message) => {
    expect(() => compute(steps)).toThrow(message);
  });
});

test('the layer of auto is between the picture and the scores; another is refused', () => {
  const { topology, specs } = functionalModel([
    input('left', 4, 4, 3),
    input('right', 4, 4, 3),
    { ...layer('ReLU', 'seen'), inputs: ['left'] },
    { ...layer('ReLU', 'unseen'), inputs: ['right'] },
    { ...layer('GlobalAveragePooling2D', 'a'), inputs: ['seen'] },
    { ...layer('GlobalAveragePooling2D', 'b'), inputs: ['unseen'] },
    { ...layer('Add', 'sum'), inputs: ['a', 'b'] },
  ]);
  const network = readNetwork(topology, specs);
  expect(recommendTap(network).layer).toBe('seen');
  expect(recommendTap(network, 'right').layer).toBe('unseen');
  const model = { network, endpoints: {}, defaultLayer: 'seen' };
  expect(() => resolveLayer(model, 'unseen')).toThrow(
    /layer 'unseen' does not depend on the picture, which goes to input left/,
  );
});
