import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { createOnnxEngine } from '../../src/engines/onnx/create-engine.ts';
import { encodeModel } from '../../src/engines/onnx/proto/onnx-model.ts';
import { loadModel } from '../../src/model/model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { floats, integers, node } from '../helper/hand-made-onnx.ts';

/**
 * A net that makes its picture [3, 12, 16] twice as large, as PyTorch exports `nn.PixelShuffle(2)` up to operator
 * set 10: a reshape, a transposition and another reshape.
 */
function enlarging(channels: number): Uint8Array {
  return encodeModel({
    name: 'enlarging',
    graph: {
      nodes: [
        node('Conv', ['x', 'kernel'], ['many'], { pads: [1, 1, 1, 1] }),
        node('Reshape', ['many', 'split'], ['blocks']),
        node('Transpose', ['blocks'], ['rows'], { perm: [0, 1, 4, 2, 5, 3] }),
        node('Reshape', ['rows', 'joined'], ['large']),
      ],
      initializers: [
        floats('kernel', [4 * channels, 3, 3, 3]),
        integers('split', [-1, channels, 2, 2, 12, 16]),
        integers('joined', [-1, channels, 24, 32]),
      ],
      inputs: [{ name: 'x', type: 'float32', shape: ['n', 3, 12, 16] }],
      outputs: [{ name: 'large', type: 'float32', shape: ['n', channels, 24, 32] }],
    },
    domains: {},
  });
}

describe('an output whose channels a pixel shuffle made', () => {
  test.each([1, 3])('is a picture of %i channels', async (channels) => {
    const engine = createOnnxEngine(ort);
    const model = await loadModel(openOnnxFile(enlarging(channels)), { engine });
    expect(model.network.heads[0]!.shape).toEqual([24, 32, channels]);
    expect(model.proof).toContain('the translation computes what the file says');
    model.dispose();
  });
});
