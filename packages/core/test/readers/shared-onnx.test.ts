import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import { openModelFolder } from '../../src/node/model-folder.ts';
import { loadModel } from '../../src/model/model.ts';
import { mainHead } from '../../src/network/network.ts';
import { expectClose } from '../helper/closeness.ts';
import { createEngine } from '../helper/engines.ts';
import { findShared } from '../helper/shared-data.ts';

/**
 * Files of other people, with what ONNX Runtime computes of them untouched. Two float32 evaluations of nets of
 * ten to twenty layers.
 */
const OTHER_ENGINE = 1e-5;

const files = [
  'COLVERTYETY-cifar100edge/model.onnx',
  'Salamdi-digit-recognizer/model.onnx',
  'alandoescode-drawculator-obsidian/cnn_single.onnx',
  'cibizoro-emotion-detection/emotion_model.onnx',
];

test.each(files)('%s', async (name) => {
  const file = findShared('data', 'models', 'onnx', ...name.split('/'));
  if (file === null) return;
  const read = (part: string): NdArray => readNpy(path.join(path.dirname(file), part));
  for (const engine of ['onnx', 'wasm'] as const) {
    const model = await loadModel(openModelFolder(file), { engine: await createEngine(engine) });
    try {
      const [input = ''] = model.network.inputs;
      const head = mainHead(model.network);
      const result = head.probabilities ?? head.logits;
      const { outputs } = await model.session.run({
        inputs: { [input]: toChannelsLast(read('oracle-in.npy')) },
        outputs: [result],
      });
      const expected = read('oracle-out.npy');
      expectClose(
        outputs.get(result),
        { shape: [1, head.classes], data: expected.data },
        OTHER_ENGINE,
      );
    } finally {
      model.dispose();
    }
  }
});

/** Version 1 files of float32 in C order, as the oracle wrote them. */
function readNpy(file: string): NdArray {
  const bytes = readFileSync(file);
  const length = bytes.readUInt16LE(8);
  const header = bytes.subarray(10, 10 + length).toString('latin1');
  expect(header).toContain("'<f4'");
  const shape = /\(([\d, ]*)\)/.exec(header)![1]!.split(',').filter(Boolean).map(Number);
  return { shape, data: new Float32Array(Uint8Array.from(bytes.subarray(10 + length)).buffer) };
}

function toChannelsLast(array: NdArray): NdArray {
  const [items = 1, channels = 1, height = 1, width = 1] = array.shape;
  if (width === 1 || width === 3) return array;
  const data = new Float32Array(array.data.length);
  for (let c = 0; c < channels; c++) {
    for (let cell = 0; cell < height * width; cell++) {
      data[cell * channels + c] = array.data[c * height * width + cell]!;
    }
  }
  return { shape: [items, height, width, channels], data };
}
