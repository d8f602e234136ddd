import { expect, test } from 'vitest';
import { createTfjsEngine } from '../../src/engines/tfjs/index.ts';
import { explain } from '../../src/explain/explain.ts';
import { loadModel } from '../../src/model/model.ts';
import { findPresence, holdsCoordinates } from '../../src/network/coordinates.ts';
import { mainHead, nameOfHead, type Head, type Network } from '../../src/network/network.ts';
import { describeOutput } from '../../src/network/output-kind.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';
import { array } from '../readers/beside/small-net.ts';

function head(
  logits: string,
  shape: readonly number[],
  activation: Head['activation'] = 'linear',
): Head {
  const classes = shape.reduce((product, size) => product * size, 1);
  return { logits, probabilities: null, activation, shape, classes };
}

const flag = head('Identity_1', [1], 'sigmoid');

test.each([
  // Outputs of published models, by what their model cards say.
  ['the mesh of a face', head('model_1/output_mesh/Reshape', [1404]), [flag], 'graph-model'],
  ['points of a body', head('model/ld_3d/Reshape', [195]), [flag], 'graph-model'],
  ['the same in metres', head('model/world_3d/Reshape', [117]), [flag], 'graph-model'],
  ['a hand without a name, beside a flag', head('Identity/BiasAdd', [63]), [flag], 'graph-model'],
  ['68 points of a face', head('Identity', [136]), [flag], 'net'],
  ['points by the name of the file', head('output', [228]), [], 'iris_landmark'],
  ['points by the name of the output', head('keypoints', [34]), [], 'net'],
  ['displacements of PoseNet', head('m/displacement_fwd_2/BiasAdd', [23, 17, 32]), [], 'posenet'],
  ['offsets of BodyPix', head('float_short_offsets', [23, 17, 34]), [], 'graph-model'],
])('coordinates: %s', (_, one, others, name) => {
  expect(holdsCoordinates(one, { name, heads: [one, ...others] })).toBe(true);
});

test.each([
  ['classes beside a grade', head('classes', [10]), [head('grade', [1])], 'net'],
  ['ImageNet beside one number', head('logits', [1000]), [flag], 'net'],
  ['63 classes alone', head('logits', [63]), [], 'net'],
  ['a softmax of a known number', head('mesh', [1404], 'softmax'), [flag], 'net'],
  ['the heat map beside them', head('m/heatmap_2/BiasAdd', [23, 17, 17]), [], 'posenet'],
  ['a heat map', head('keypoints', [25, 25, 17]), [], 'posenet'],
  ['three kinds of iris', head('scores', [3]), [], 'iris'],
  ['a pointwise convolution', head('block/conv_pointwise/BiasAdd', [1024]), [], 'net'],
])('no coordinates: %s', (_, one, others, name) => {
  expect(holdsCoordinates(one, { name, heads: [one, ...others] })).toBe(false);
});

test('of offsets, a presence and heat maps, the heat maps are explained', () => {
  const heads = [
    head('displacement_fwd_2', [23, 17, 32]),
    flag,
    head('heatmap_head/offset_2', [23, 17, 34]),
    head('heatmap_2', [23, 17, 17]),
  ];
  expect(findPresence({ name: 'posenet', heads } as unknown as Network)).toBe(3);
  expect(describeOutput({ ...heads[0]!, coordinates: true })).toBe(
    'offsets of points [23, 17, 32]',
  );
});

/** Points first, then one sigmoid: what is explained without a flag is the sigmoid. */
function handNet() {
  const zeros = (count: number) => array([count], Array<number>(count).fill(0));
  const kernel = (count: number) =>
    array(
      [3, count],
      Array.from({ length: 3 * count }, (_, i) => (i < count ? i + 1 : 0)),
    );
  const pool = layer('GlobalAveragePooling2D', 'pool');
  return filesOf(
    functionalModel(
      [
        input('image', 8, 8, 3),
        layer('AveragePooling2D', 'halves', {
          pool_size: [2, 2],
          strides: [2, 2],
          padding: 'valid',
        }),
        pool,
        {
          ...layer('Dense', 'landmarks', { units: 63 }, { kernel: kernel(63), bias: zeros(63) }),
          inputs: ['pool'],
        },
        {
          ...layer(
            'Dense',
            'hand',
            { units: 1, activation: 'sigmoid' },
            { kernel: kernel(1), bias: zeros(1) },
          ),
          inputs: ['pool'],
        },
      ],
      ['landmarks', 'hand'],
    ),
  );
}

const picture = { width: 8, height: 8, channels: 3, data: new Uint8Array(192).fill(51) } as const;

test('of points and a presence, the presence is explained, and points are never classes', async () => {
  const engine = await createTfjsEngine({ backend: 'cpu' });
  const model = await loadModel(handNet(), { engine, inputRange: '0..1' });
  expect(nameOfHead(mainHead(model.network))).toBe('hand');
  expect(model.assumptions).toContain(
    'of the outputs hand (two classes by one sigmoid: 1 is what it says, 0 the rest), landmarks (63 coordinates of points) the first is explained, since coordinates are no scores (choose with --output landmarks)',
  );
  const { predictions } = await explain(model, picture, { targets: ['top1'] });
  // The mean of the first channel is 51 / 255 = 0.2, and its weight 1: the sigmoid of 0.2.
  expect(predictions[0]!.probability).toBeCloseTo(1 / (1 + Math.exp(-0.2)), 6);
  model.dispose();
});

test('a coordinate is explained by its number, as a number', async () => {
  const engine = await createTfjsEngine({ backend: 'cpu' });
  const model = await loadModel(handNet(), { engine, inputRange: '0..1', output: 'landmarks' });
  expect(model.assumptions.join('\n')).toContain(
    'the output landmarks is 63 coordinates of points, which have no classes and no probabilities: element:<i> explains one of them',
  );
  await expect(explain(model, picture, { targets: ['top1'] })).rejects.toThrow(
    /the output is 63 coordinates of points, without classes; give element/,
  );
  const { explanations } = await explain(model, picture, {
    targets: ['element:4'],
    methods: ['gradient'],
  });
  // Number 4 is 5 times the mean of the first channel over 64 pixels.
  const [first, second] = explanations[0]!.raw.data;
  expect(first).toBeCloseTo(5 / 64, 6);
  expect(second).toBe(0);
  model.dispose();
});

test('with as many names, they are classes', async () => {
  const engine = await createTfjsEngine({ backend: 'cpu' });
  const labels = Array.from({ length: 63 }, (_, i) => `sign ${i}`);
  const classNames = { labels, wnids: [] };
  const model = await loadModel(handNet(), { engine, output: 'landmarks', classNames });
  const { predictions } = await explain(model, picture, { targets: ['top1'] });
  expect(predictions[0]!.label).toBe('sign 62');
  model.dispose();
});
