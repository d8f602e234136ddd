// @ts-check
/**
 * Compares one net of PyTorch with what PyTorch computes: converts a file and compares logits, activation,
 * gradient and Grad-CAM at one module with arrays in float64. `tools/oracles/torch_zoo.py` calls it for each
 * net.
 *
 * Usage: node tools/verify/compare-torch.mjs <file> <expected.json> [--arch id] [--head modules]; prints one
 * line of JSON.
 */
import { loadModel, resolveLayer } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { convertModel } from '@gradcam/converter/node';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createEngine, explainAt } from './explain-arrays.mjs';
import { gradCam } from './grad-cam.mjs';
import { relativeToRange, relativeToScale } from './measures.mjs';

const { values: stated, positionals } = parseArgs({
  options: { arch: { type: 'string' }, head: { type: 'string' } },
  allowPositionals: true,
});
const [file, expectedFile] = positionals;
if (file === undefined || expectedFile === undefined) {
  throw new Error('usage: compare-torch.mjs <file> <expected.json> [--arch id] [--head modules]');
}
const expected = JSON.parse(readFileSync(expectedFile, 'utf8'));
const read = (/** @type {string} */ name) => {
  const bytes = readFileSync(path.join(path.dirname(expectedFile), `${name}.f64`));
  return new Float64Array(new Uint8Array(bytes).buffer);
};
const work = mkdtempSync(path.join(tmpdir(), 'gradcam-torch-'));
try {
  const started = performance.now();
  const { size } = expected;
  const out = path.join(work, 'model');
  const { arch: architecture, head } = stated;
  const { report } = await convertModel({ source: file, out, architecture, head, size });
  const seconds = (performance.now() - started) / 1000;
  const model = await loadModel(openModelFolder(out), { engine: await createEngine('onnx') });
  const { node } = resolveLayer(model, expected.endpoint);
  const input = drawInput(model.input, size);
  const got = await explainAt(model, input, node, expected.best);
  const { logits } = await model.session.run({
    inputs: { [model.network.inputs[0] ?? '']: input },
    outputs: [],
  });
  const [activation, gradient] = [read('activation'), read('gradient')];
  const { channels } = expected;
  const { map, scale } = gradCam(activation, gradient, channels);
  const found = gradCam(got.activations.data, got.gradients.data, channels);
  const line = {
    architecture: report?.architecture,
    naming: report?.naming,
    classes: report?.classes,
    notes: report?.notes,
    head: report?.assumed?.head,
    default: model.defaultLayer,
    logits: relativeToRange(logits.data, read('logits')),
    activation: relativeToRange(got.activations.data, activation),
    map: relativeToScale(found.map, map, scale),
    seconds: Math.round(seconds * 10) / 10,
  };
  model.dispose();
  process.stdout.write(`${JSON.stringify(line)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/**
 * The picture of `draw_picture` in tools/oracles/torch_expectations.py.
 *
 * @param {import('@gradcam/core').InputDescription} input @param {number} size
 */
function drawInput({ scale, mean, std }, size) {
  const channels = mean.length;
  const data = new Float32Array(size * size * channels);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      for (let c = 0; c < channels; c++) {
        const pixel = (x * 7 + y * 13 + c * 29 + ((x * y) % 31) * 4) % 256;
        data[(y * size + x) * channels + c] = (pixel * scale - mean[c]) / std[c];
      }
    }
  }
  return { shape: [1, size, size, channels], data };
}
