import { describe, expect, test } from 'vitest';
import type { InputSpec } from '../../../src/architectures/architecture.ts';
import { decodeFloats, readFixtureJson } from '../../support/fixtures.ts';
import { loadModel, measureError, runLayers } from '../../support/load-model.ts';
import { readModelJson } from '../../support/memory-sink.ts';
import {
  convertTorchFixture,
  drawPicture,
  type TorchExpectation,
} from '../../support/torch-nets.ts';

/**
 * tfjs computes in float32 and PyTorch's expectations are of float64. Over the twenty layers of these nets the
 * difference is about 1e-6 of the range; a wrong kernel, border or epsilon changes the values by far more.
 */
const TOLERANCE = 2e-5;

/** A weight of bfloat16 differs from that of float32 by up to 1 in 256. */
const BFLOAT16_TOLERANCE = 0.05;

/** The numbers by which tools/oracles/torch_expectations.py normalises the picture. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

async function compare(
  fixture: string,
  net: string,
  { tolerance = TOLERANCE, input }: { tolerance?: number; input?: Partial<InputSpec> } = {},
): Promise<void> {
  const expected = readFixtureJson<TorchExpectation>(`torch/${net}.expected.json`);
  const { sink } = await convertTorchFixture(fixture, {
    size: expected.size,
    ...(input && { input }),
  });
  const json = readModelJson(sink);
  const { logits, endpoints, defaultEndpoint } = json.userDefinedMetadata.gradcam;
  const layer = endpoints[expected.module]!;
  expect(Object.keys(endpoints)).toContain(defaultEndpoint);
  const model = await loadModel(sink);
  const found = runLayers(model, json, drawPicture(expected.size), [logits, layer]);
  model.dispose();
  const error = (name: string, values: { float32: string }): number =>
    measureError(found.get(name)!, decodeFloats(values.float32));
  expect(error(logits, expected.logits)).toBeLessThan(tolerance);
  expect(error(layer, expected.activation)).toBeLessThan(tolerance);
}

describe('weights of PyTorch, in plain tfjs, against PyTorch in float64', () => {
  test.each([
    'resnet_basic',
    'resnet_bottleneck',
    'vgg',
    'vgg_bn',
    'mobilenet',
    'densenet',
    'squeezenet',
    'efficientnet',
    'convnext',
  ])('%s', async (net) => {
    await compare(`${net}.pth`, net);
  });

  test.each(['cifar_zeros', 'cifar_shortcuts'])('%s, for pictures of 32x32', async (net) => {
    // These nets have other numbers of their own, which are stated here.
    await compare(`${net}.pth`, net, { input: IMAGENET });
  });

  test.each([
    ['the container before 1.6', 'resnet_basic.legacy.pth', 'resnet_basic'],
    ['the tar before 0.1.10', 'resnet_basic.tar.pth', 'resnet_basic'],
    ['safetensors', 'resnet_basic.safetensors', 'resnet_basic'],
    ['a checkpoint of a training with DataParallel', 'resnet_basic.checkpoint.pth', 'resnet_basic'],
    ['weights that share one storage', 'vgg.flat.pth', 'vgg'],
    ['weights with other strides', 'vgg.turned.legacy.pth', 'vgg'],
  ])('%s', async (_, fixture, net) => compare(fixture, net));

  test('bfloat16', async () => {
    await compare('vgg.bfloat16.safetensors', 'vgg', { tolerance: BFLOAT16_TOLERANCE });
  });
});
