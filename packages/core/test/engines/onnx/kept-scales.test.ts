import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { expect, onTestFinished, test } from 'vitest';
import { createOnnxEngine } from '../../../src/engines/onnx/index.ts';
import { loadModel } from '../../../src/model/model.ts';
import { createGraphStore, openModelFolder } from '../../../src/node/index.ts';
import { handMadeOnnx, node } from '../../helper/hand-made-onnx.ts';

/** One rounding of float32 for each of the 64 pixels of a mean. */
const MEAN_OF_64 = 64 * 2 ** -24;

test('a factor for each channel stays out of the graph, so that a kept model makes further graphs', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'net.onnx');
  const factors = { name: 'factors', shape: [3, 1, 1], data: Float32Array.of(2, -3, 5) };
  writeFileSync(file, handMadeOnnx([node('Mul', ['x', 'factors'], ['y'])], [factors]));

  const image = new Float32Array(8 * 8 * 3).fill(1);
  const run = async (isDerived: boolean): Promise<number[]> => {
    const store = createGraphStore({
      ...{ folder: path.join(folder, 'graphs'), fromBytes: 0, onNote: () => {} },
    });
    const model = await loadModel(openModelFolder(file), {
      engine: createOnnxEngine(ort, { store }),
    });
    onTestFinished(() => model.dispose());
    const name = model.network.inputs[0]!;
    const gradient = {
      seeds: [{ score: 'logit', of: { class: 0 } }],
      wrt: [name],
      relu: 'plain',
    } as const;
    const { logits, gradients } = await model.session.run({
      ...{ inputs: { [name]: { shape: [1, 8, 8, 3], data: image } }, outputs: [] },
      ...(isDerived ? { gradient } : {}),
    });
    return isDerived ? [...gradients[0]!.get(name)!.data.slice(0, 3)] : [...logits.data];
  };

  // Each score is 0.1 (2 - 3 + 5); its gradient at a pixel is 0.1 times the factor, divided by 64 pixels.
  for (const score of await run(false)) expect(Math.abs(score - 0.4)).toBeLessThan(MEAN_OF_64);
  const gradient = await run(true);
  [2, -3, 5].forEach((factor, channel) => {
    expect(Math.abs(gradient[channel]! - (0.1 * factor) / 64)).toBeLessThan(MEAN_OF_64);
  });
});
