import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { getArchitecture, listArchitectures } from '../../src/architectures/registry.ts';
import type { Architecture } from '../../src/architectures/architecture.ts';
import { getLabels } from '../../src/labels/labels.ts';
import { describeWithSharedData, sharedData } from '../support/shared-data.ts';

function countParameters({ draft, classes }: Architecture): number {
  return draft(classes).weights.reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
}

describe('architectures', () => {
  // Counts of the TF-slim checkpoints, moving statistics included.
  test.each([
    ['vgg16', 32, 138_357_544],
    ['vgg_16', 32, 138_357_544],
    ['vgg19', 38, 143_667_240],
    ['vgg_19', 38, 143_667_240],
    ['resnet_v1_50', 267, 25_610_152],
    ['resnet_v1_101', 522, 44_654_504],
    ['resnet_v1_152', 777, 60_344_232],
    ['resnet_v2_50', 272, 25_615_849],
    ['resnet_v2_101', 544, 44_677_609],
    ['resnet_v2_152', 816, 60_382_697],
  ])('%s has %d weights of %d numbers', (id, weights, parameters) => {
    const architecture = getArchitecture(id);
    expect(architecture.draft(architecture.classes).weights).toHaveLength(weights);
    expect(countParameters(architecture)).toBe(parameters);
  });

  test.each(listArchitectures())('$id hangs together', (architecture) => {
    const { layers, weights, endpoints } = architecture.draft(architecture.classes);
    const known = new Set<string>();
    for (const { name, inputs } of layers) {
      expect(known.has(name), `${name} twice`).toBe(false);
      for (const input of inputs) expect(known.has(input), `${name} before ${input}`).toBe(true);
      known.add(name);
    }
    for (const layer of Object.values(endpoints)) expect(known.has(layer), layer).toBe(true);
    expect(endpoints).toHaveProperty([architecture.defaultEndpoint]);
    expect(layers.at(-1)).toMatchObject({ name: 'predictions', inputs: [architecture.logits] });
    for (const { nameWeight } of architecture.variants) {
      const names = weights.map((weight) => nameWeight(weight)[0]);
      expect(new Set(names).size).toBe(weights.length);
    }
    expect(weights.map(({ name }) => name)).toContain(architecture.classWeight);
    const labels = getLabels(architecture.labels)?.labels;
    if (labels) expect(labels).toHaveLength(architecture.classes);
  });

  test('endpoints have the names that users of the source know', () => {
    const vgg = getArchitecture('vgg16').draft(1000).endpoints;
    expect(vgg).toMatchObject({ conv5_3: 'conv5_3', pool5: 'pool5', fc8: 'fc8' });
    expect(vgg['vgg_16/conv5/conv5_3']).toBe('conv5_3');
    const resnet = getArchitecture('resnet_v1_50').draft(1000).endpoints;
    expect(resnet).toMatchObject({
      block4: 'block4/unit_3',
      'block4/unit_2': 'block4/unit_2',
      'block1/unit_1/conv2': 'block1/unit_1/conv2',
      'resnet_v1_50/block4/unit_2/bottleneck_v1': 'block4/unit_2',
      'resnet_v1_50/block1/unit_1/bottleneck_v1/shortcut': 'block1/unit_1/shortcut/bn',
    });
  });

  test('an unknown id names the nearest known one', () => {
    expect(() => getArchitecture('resnet_v1_5O')).toThrow("did you mean 'resnet_v1_50'?");
  });
});

describe('the demo nets', () => {
  const demo = join(dirname(fileURLToPath(import.meta.url)), ...['..', '..', '..', '..', 'demo']);
  const plan = JSON.parse(readFileSync(join(demo, 'architecture.json'), 'utf8')) as {
    input: { height: number };
    classes: number;
    'demo-resnet': {
      scope: string;
      root: number;
      mean: number[];
      blocks: { name: string; baseDepth: number; units: number; stride: number }[];
      defaultEndpoint: string;
    };
    'demo-vgg': {
      mean: number[];
      stages: number[][];
      fc: Record<string, number>;
      defaultEndpoint: string;
    };
  };

  test('have the labels of demo/labels.json', () => {
    const labels: unknown = JSON.parse(readFileSync(join(demo, 'labels.json'), 'utf8'));
    expect(getLabels('demo')?.labels).toEqual(labels);
  });

  test('demo-vgg is as demo/architecture.json says', () => {
    const { 'demo-vgg': expected, input, classes } = plan;
    const architecture = getArchitecture('demo-vgg');
    const { weights } = architecture.draft(classes);
    const channels = weights
      .filter(({ part, parameter }) => part.startsWith('conv') && parameter === 'kernel')
      .map(({ shape }) => shape[3]);
    expect(channels).toEqual(expected.stages.flat());
    const dense = weights.filter(
      ({ part, parameter }) => part in expected.fc && parameter === 'bias',
    );
    expect(Object.fromEntries(dense.map(({ part, shape }) => [part, shape[0]]))).toEqual(
      expected.fc,
    );
    expect(architecture).toMatchObject({ classes, defaultEndpoint: expected.defaultEndpoint });
    expect(architecture.variants[0]?.input).toMatchObject({
      height: input.height,
      channelOrder: 'bgr',
      mean: expected.mean,
    });
  });

  test('demo-resnet is as demo/architecture.json says', () => {
    const { 'demo-resnet': expected, input, classes } = plan;
    const architecture = getArchitecture('demo-resnet');
    const { weights, layers } = architecture.draft(classes);
    expect(weights[0]?.shape).toEqual([7, 7, 3, expected.root]);
    for (const { name, baseDepth, units, stride } of expected.blocks) {
      const inner = weights.filter(
        ({ part, parameter }) =>
          part.startsWith(`${name}/`) && part.endsWith('conv2') && parameter === 'kernel',
      );
      expect(inner.map(({ shape }) => shape)).toEqual(
        Array(units).fill([3, 3, baseDepth, baseDepth]),
      );
      const last = layers.find((layer) => layer.name === `${name}/unit_${units}/conv2/conv`);
      expect(last?.config['strides']).toEqual([stride, stride]);
    }
    expect(architecture).toMatchObject({ classes, defaultEndpoint: expected.defaultEndpoint });
    const [variant] = architecture.variants;
    expect(variant?.nameWeight(weights[0]!)).toEqual([`${expected.scope}/conv1/weights`]);
    expect(variant?.input).toMatchObject({ height: input.height, mean: expected.mean });
  });
});

describeWithSharedData('names and shapes derived from TF-slim', () => {
  const file = join(sharedData, '..', 'research', 'slim_variables.json');
  const { variables } = JSON.parse(readFileSync(file, 'utf8')) as {
    variables: Record<string, Record<string, number[]>>;
  };

  test.each(Object.keys(variables).filter((id) => listArchitectures().some((a) => a.id === id)))(
    '%s has exactly these',
    (id) => {
      const architecture = getArchitecture(id);
      const variant = architecture.variants.find(({ naming }) => naming === 'tf-slim')!;
      const found = architecture
        .draft(architecture.classes)
        .weights.map((weight) => [variant.nameWeight(weight)[0]!, weight] as const);
      expect(found.map(([name]) => name).sort()).toEqual(Object.keys(variables[id]!).sort());
      for (const [name, { shape }] of found) {
        const expected = variables[id]![name]!;
        // Dense layers are convolutions there, with the same elements.
        expect(shape.at(-1), name).toBe(expected.at(-1));
        expect(shape.reduce((p, n) => p * n, 1)).toBe(expected.reduce((p, n) => p * n, 1));
        if (shape.length === 4) expect(shape).toEqual(expected);
      }
    },
  );
});

describe('labels of ImageNet', () => {
  test('1000 classes with their ids', () => {
    const { labels, wnids } = getLabels('imagenet-1000')!;
    expect(labels).toHaveLength(1000);
    expect([labels[0], wnids?.[0]]).toEqual(['tench, Tinca tinca', 'n01440764']);
    expect([labels[242], wnids?.[242]]).toEqual(['boxer', 'n02108089']);
    expect(labels[999]).toBe('toilet tissue, toilet paper, bathroom tissue');
    expect(new Set(wnids).size).toBe(1000);
  });

  test('1001 classes: a background class comes first', () => {
    const { labels, wnids } = getLabels('imagenet-1001')!;
    expect(labels.slice(0, 2)).toEqual(['background', 'tench, Tinca tinca']);
    expect(wnids?.slice(0, 2)).toEqual(['', 'n01440764']);
    expect(labels).toHaveLength(1001);
  });
});
