import { describe, expect, test } from 'vitest';
import { decodeFloats, readFixture, readFixtureJson } from '../../support/fixtures.ts';
import { loadModel, measureError, runLayers } from '../../support/load-model.ts';
import { readModelJson } from '../../support/memory-sink.ts';
import {
  convertTorchFixture,
  drawPicture,
  openBytes,
  type TorchExpectation,
} from '../../support/torch-nets.ts';

/** As in torch-nets.test.ts: tfjs computes in float32, PyTorch's expectations are of float64. */
const TOLERANCE = 2e-5;

const folder = 'torch-models';

describe('whole models of torchvision, in plain tfjs, against PyTorch in float64', () => {
  test.each([
    ['resnet_leaky.pth', 'resnet_leaky', 'fc.0, fc.1, LeakyReLU(0.3), fc.4'],
    ['resnet_leaky.legacy.pth', 'resnet_leaky', 'fc.0, fc.1, LeakyReLU(0.3), fc.4'],
    ['vgg_gelu.pth', 'vgg_gelu', 'classifier.0, GELU, classifier.3, GELU, classifier.6'],
    ['squeezenet.pth', 'squeezenet', null],
  ])('%s: the head is read from its modules', async (file, net, words) => {
    const expected = readFixtureJson<TorchExpectation>(`${folder}/${net}.expected.json`);
    const { size, module } = expected;
    const { sink, report } = await convertTorchFixture(file, { folder, size });
    const json = readModelJson(sink);
    const { gradcam } = json.userDefinedMetadata;
    const layer = gradcam.endpoints[module]!;
    const model = await loadModel(sink);
    const found = runLayers(model, json, drawPicture(size), [gradcam.logits, layer]);
    model.dispose();
    const error = (key: string, values: { float32: string }): number =>
      measureError(found.get(key)!, decodeFloats(values.float32));
    expect(error(gradcam.logits, expected.logits)).toBeLessThan(TOLERANCE);
    expect(error(layer, expected.activation)).toBeLessThan(TOLERANCE);
    expect(report.notes?.[0]).toMatch(/^a whole model, torchvision\.\w+, is read as data: /);
    const read = report.notes?.find((note) => note.startsWith('the head is read'));
    expect(read).toBe(words === null ? undefined : `the head is read as stated as ${words}`);
    // What the modules say is not assumed.
    expect(Object.keys(report.assumed ?? {})).toEqual(['input']);
  });

  test.each([
    [
      'resnet_without_pool',
      'has the module maxpool, Identity, which is not the one of the published',
    ],
    [
      'resnet_dense',
      'has the module layer4.0.conv1, Conv2d, whose stride is 1, where the published',
    ],
  ])('%s, which no weight shows, is refused by its module', async (name, message) => {
    const converting = convertTorchFixture(`${name}.pth`, { folder, size: 64 });
    await expect(converting).rejects.toThrow(`${name}.pth looks like resnet, but ${message} net`);
  });
});

test('what training programs save beside the weights is no obstacle, and is left out', async () => {
  const file = await openBytes('training.pth', readFixture(`${folder}/training.pth`));
  expect(file.tensors.map(({ name }) => name)).toEqual(['weight', 'bias']);
  expect(file.notes).toEqual([
    'read from model: the weights of the checkpoint; left out: args, when, took, logs and others',
  ]);
});

test('a tensor beside the weights of a checkpoint, such as the best accuracy, is none of them', async () => {
  const file = await openBytes('training_best.pth.tar', readFixture(`${folder}/training_best.pth`));
  expect(file.tensors.map(({ name }) => name)).toEqual(['weight', 'bias']);
  expect(file.notes).toEqual([
    'read from state_dict: the weights of the checkpoint; left out: epoch, best_acc1',
  ]);
});
