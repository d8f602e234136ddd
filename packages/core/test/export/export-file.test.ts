import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { exportOnnx, listExportable } from '../../src/export/index.ts';
import { placeWeights } from '../../src/export/place-weights.ts';
import { methods } from '../../src/methods/registry.ts';
import { drawImage, runOnnx } from '../helper/exported.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';
import { createRandom } from '../helper/random.ts';
import { convolution, dense, residualNet } from '../helper/small-nets.ts';
import { readOnnxTexts } from '../helper/onnx-texts.ts';

const files = filesOf(residualNet());

describe('what the file says of itself', () => {
  test('method, paper, layer, target, model, preprocessing, labels', async () => {
    const { onnx, description } = await exportOnnx(files, {
      method: 'layer-cam',
      layer: 'relu1',
      target: 'dog',
      mean: [1, 2, 3],
      classNames: { labels: ['cat', 'dog, hound', 'car', 'tree'], wnids: [] },
      version: '9.8.7',
      modelDigest: 'ab'.repeat(32),
    });
    const { producer, version, opset, metadata } = readOnnxTexts(Buffer.concat(onnx));
    expect({ producer, version, opset }).toEqual({
      producer: 'gradcam',
      version: '9.8.7',
      opset: 18,
    });
    expect(metadata).toEqual(description.metadata);
    expect(metadata).toMatchObject({
      'gradcam.method': 'layer-cam',
      'gradcam.paper': 'https://doi.org/10.1109/TIP.2021.3089943',
      'gradcam.layer': 'relu1',
      'gradcam.target': 'class 1 (dog)',
      'gradcam.model': 'model',
      'gradcam.model.sha256': 'ab'.repeat(32),
      'gradcam.version': '9.8.7',
      'gradcam.opset': '18',
      'gradcam.preprocessing': '{"channelOrder":"rgb","scale":1,"mean":[1,2,3],"std":[1,1,1]}',
      'gradcam.labels': '["cat","dog, hound","car","tree"]',
    });
    expect(metadata['gradcam.inputs']).toContain(
      'image: float32 [batch, 9, 7, 3], RGB pixels 0..255',
    );
    expect(metadata['gradcam.outputs']).toMatch(/^logits: .*\nprobabilities: .*\nclass: /);
  });

  test('a runtime reads the same inputs and outputs', async () => {
    const { onnx, description } = await exportOnnx(files, { target: 'input', pixels: 'uint8' });
    const session = await ort.InferenceSession.create(Buffer.concat(onnx));
    const listed = [session.inputMetadata, session.outputMetadata].map((values) =>
      values.map((value) =>
        value.isTensor ? { name: value.name, type: value.type, shape: value.shape } : value.name,
      ),
    );
    const { inputs, outputs } = description;
    expect(listed).toEqual(
      [inputs, outputs].map((values) =>
        values.map(({ name, type, shape }) => ({ name, type, shape: [...shape] })),
      ),
    );
    await session.release();
  });
});

describe('where the weights stand', () => {
  const image = drawImage(8, 10, 3);
  const random = createRandom(4);
  const wide = filesOf(
    functionalModel([
      input('image', 8, 10, 3),
      convolution(random, 'conv', [3, 3], 3, 32, { activation: 'relu' }),
      layer('GlobalAveragePooling2D', 'mean'),
      dense(random, 'scores', 32, 4),
    ]),
  );

  test('inside, or in a file beside the model, to the same effect', async () => {
    const inside = await exportOnnx(wide);
    const beside = await exportOnnx(wide, {
      externalData: { file: 'explained.onnx.data', when: 'always' },
    });
    const { file, pieces } = beside.externalData!;
    const [model, data] = [Buffer.concat(beside.onnx), Buffer.concat(pieces)];
    expect(inside.externalData).toBeNull();
    expect(file).toBe('explained.onnx.data');
    // Of the tensors only the kernel has more than 1 KiB: 3 x 3 x 3 x 32 of 4 bytes, to whole pages.
    expect(data.byteLength).toBe(4096);
    const session = await ort.InferenceSession.create(model, {
      externalData: [{ path: file, data }],
    });
    const pixels = new ort.Tensor('float32', Float32Array.from(image.data), [1, 8, 10, 3]);
    const { raw } = await session.run({ image: pixels });
    await session.release();
    const expected = await runOnnx(Buffer.concat(inside.onnx), 'float32', [image]);
    expect(raw!.data).toEqual(expected['raw']!.data);
  });

  test('a model above the limit moves them out where it may, and says so where it may not', () => {
    const weights = { name: 'w', shape: [1000], data: new Float32Array(1000).fill(1) };
    const graph = { nodes: [], initializers: [weights], inputs: [], outputs: [] };
    const place = { file: 'w.data', when: 'needed' } as const;
    expect(placeWeights({ name: 'm', graph }, place, 5000).externalData).toBeNull();
    const moved = placeWeights({ name: 'm', graph }, place, 3999);
    expect(Buffer.concat(moved.externalData!.pieces).readFloatLE(3996)).toBe(1);
    expect(Buffer.concat(moved.onnx).byteLength).toBeLessThan(200);
    expect(() => placeWeights({ name: 'm', graph }, undefined, 3999)).toThrow(
      /would have 40\d\d bytes and may have 3999; let its weights stand in a file beside it/,
    );
  });
});

describe('methods that no graph can hold are refused with the reason', () => {
  const exportable = new Set(listExportable().map(({ name }) => name));
  const others = methods.map(({ name }) => name).filter((name) => !exportable.has(name));

  test.each(others)('%s', async (method) => {
    await expect(exportOnnx(files, { method })).rejects.toMatchObject({
      kind: 'argument',
      message: expect.stringMatching(
        new RegExp(`^${method} cannot be exported: it.*; exportable are grad-cam, `),
      ),
    });
  });

  test('CAM at a layer that no mean and linear layer follow', async () => {
    await expect(exportOnnx(files, { method: 'cam', layer: 'relu1' })).rejects.toMatchObject({
      kind: 'argument',
      message: expect.stringContaining("which 'relu1' is not"),
    });
  });
});
