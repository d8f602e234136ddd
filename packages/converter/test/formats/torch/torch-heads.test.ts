import { describe, expect, test } from 'vitest';
import type { ConversionReport } from '../../../src/artifact/convert-weights.ts';
import { decodeFloats, readFixtureJson } from '../../support/fixtures.ts';
import { loadModel, measureError, runLayers } from '../../support/load-model.ts';
import { readModelJson } from '../../support/memory-sink.ts';
import {
  convertTorchFixture,
  drawPicture,
  type TorchExpectation,
} from '../../support/torch-nets.ts';

/** As in torch-nets.test.ts: tfjs computes in float32, PyTorch's expectations are of float64. */
const TOLERANCE = 2e-5;

/** A function of another kind in the head changes the logits by far more than this. */
const OTHER_FUNCTION = 1e-2;

interface HeadExpectation extends TorchExpectation {
  readonly channels: number;
  /** What the user states about the head; null for what is assumed. */
  readonly head: string | null;
}

const folder = 'torch-heads';

/** Converts a fixture and measures its errors against PyTorch. */
async function measure(
  name: string,
  endpoint?: string,
  stated?: string,
): Promise<{ logits: number; activation: number; report: ConversionReport; gradcam: Facts }> {
  const file = name === 'resnet_fastai' ? `${name}.pth` : `${name}.safetensors`;
  const expected = readFixtureJson<HeadExpectation>(`${folder}/${name}.expected.json`);
  const { size, channels, module } = expected;
  const head = stated ?? expected.head ?? undefined;
  const { sink, report } = await convertTorchFixture(file, { folder, size, head });
  const json = readModelJson(sink);
  const { gradcam } = json.userDefinedMetadata;
  const layer = gradcam.endpoints[endpoint ?? module]!;
  const model = await loadModel(sink);
  const found = runLayers(model, json, drawPicture(size, channels), [gradcam.logits, layer]);
  model.dispose();
  const error = (key: string, values: { float32: string }): number =>
    measureError(found.get(key)!, decodeFloats(values.float32));
  return {
    logits: error(gradcam.logits, expected.logits),
    activation: error(layer, expected.activation),
    report,
    gradcam,
  };
}

type Facts = ReturnType<typeof readModelJson>['userDefinedMetadata']['gradcam'];

describe('nets of torchvision with other heads, in plain tfjs, against PyTorch in float64', () => {
  test.each([
    ['resnet_named', 'fc.fc1, ReLU, fc.fc2'],
    ['vgg_tail', 'classifier.6.0, ReLU, classifier.6.3'],
    ['vgg_head', 'classifier.0, ReLU, classifier.3'],
    ['efficientnet_head', 'classifier.1.0, ReLU, classifier.1.3'],
    ['squeezenet_head', 'means of the grid, classifier.2, ReLU, classifier.4'],
  ])('%s: a ReLU is assumed, and said to be', async (name, words) => {
    const { logits, activation, report, gradcam } = await measure(name);
    expect(logits).toBeLessThan(TOLERANCE);
    expect(activation).toBeLessThan(TOLERANCE);
    expect(report.assumed?.head).toBe(
      `the head is ${words}, though the file does not say what lies between its layers, nor that they are the head (state it with convert --head, such as --head linear,gelu,dropout,linear)`,
    );
    expect(gradcam.assumed?.head).toBe(report.assumed?.head);
  });

  test.each([
    ['resnet_children', 'layer4', 'fc1, ReLU, fc2'],
    ['resnet_fastai', 'layer4', 'largest values and means of the grid, 1.2, 1.4, ReLU, 1.6, 1.8'],
  ])('%s: a body in a sequence', async (name, endpoint, words) => {
    const { logits, activation, report } = await measure(name, endpoint);
    expect(logits).toBeLessThan(TOLERANCE);
    expect(activation).toBeLessThan(TOLERANCE);
    expect(report.assumed?.head).toContain(`the head is ${words}, though`);
    expect(report.notes?.join()).toContain('are read as the children of a ResNet');
  });

  test.each([
    ['mobilenet_head', 'classifier.1, classifier.2, SiLU, classifier.4'],
    ['densenet_head', 'classifier.0, LeakyReLU(0.2), classifier.3'],
    ['convnext_head', 'classifier.2.0, classifier.2.1, GELU, classifier.2.3'],
    ['resnet_gray', 'fc.0, fc.1, GELU, fc.4'],
  ])('%s: the head is read as it is stated', async (name, words) => {
    const { logits, activation, report } = await measure(name);
    expect(logits).toBeLessThan(TOLERANCE);
    expect(activation).toBeLessThan(TOLERANCE);
    expect(report.notes).toContain(`the head is read as stated as ${words}`);
    expect(report.assumed?.head).toBeUndefined();
    // Another function gives other scores, so the fixture tells them apart.
    const other = await measure(name, undefined, 'tanh');
    expect(other.logits).toBeGreaterThan(OTHER_FUNCTION);
  });

  test('where the numbers leave no room, nothing is put between two linear layers', async () => {
    const { logits, report } = await measure('resnet_twice');
    expect(logits).toBeLessThan(TOLERANCE);
    expect(report.assumed?.head).toBeUndefined();
    expect(report.notes?.join()).toContain('the head is read as fc.0, fc.1; dropout changes');
  });

  test('a net for gray pictures with a bias in its first convolution', async () => {
    const { report, gradcam } = await measure('resnet_gray');
    expect(gradcam.input).toMatchObject({ channelOrder: 'gray', mean: [0], std: [1] });
    expect(report.used.map(({ tensor }) => tensor)).toContain('conv1.bias');
    expect(report.assumed?.input).toContain(
      'values from 0 to 1 go into the net as they are, since no weights for gray pictures are published',
    );
  });
});
