import { expect, test } from 'vitest';
import { encodeModel } from '../../src/engines/onnx/proto/onnx-model.ts';
import { describeModel } from '../../src/model/describe-model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { floats, node } from '../helper/hand-made-onnx.ts';

/** As a net that segments scans of 256 voxels a side; its values would take gigabytes. */
const scans = encodeModel({
  name: 'scans',
  graph: {
    nodes: [node('Conv', ['x', 'kernel'], ['y'], { pads: [1, 1, 1, 1, 1, 1] })],
    initializers: [floats('kernel', [3, 1, 3, 3, 3])],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', 1, 256, 256, 256] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['n', 3, 256, 256, 256] }],
  },
  domains: {},
});

test('an ONNX net of volumes is refused by its input', async () => {
  await expect(describeModel(openOnnxFile(scans))).rejects.toThrow(
    'input x [1, 256, 256, 256] is a volume or a film, which has three axes; only models of images, with two axes, are supported',
  );
});
