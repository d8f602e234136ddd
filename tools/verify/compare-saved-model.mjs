// @ts-check
/**
 * Compares one net of TensorFlow with what TensorFlow computes: converts a SavedModel and compares logits,
 * activation and Grad-CAM at the recommended layer with arrays in float64. `tools/zoo/saved_model_zoo.py`
 * calls it for each net.
 *
 * Usage: node tools/verify/compare-saved-model.mjs <saved model> <expected.json>; the arrays lie beside
 * expected.json. Prints one line of JSON, in which a number that is not finite is a string.
 */
import { loadModel, resolveLayer } from '@gradcam/core';
import { createGraphModelEngine } from '@gradcam/core/graph-model';
import { openModelFolder } from '@gradcam/core/node';
import { convertModel } from '@gradcam/converter/node';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEngine, explainAt } from './explain-arrays.mjs';
import { gradCam } from './grad-cam.mjs';
import { relativeToRange, relativeToScale } from './measures.mjs';

const [source, expectedFile] = process.argv.slice(2);
if (source === undefined || expectedFile === undefined) {
  throw new Error('usage: compare-saved-model.mjs <saved model> <expected.json>');
}
const expected = JSON.parse(readFileSync(expectedFile, 'utf8'));
const read = (/** @type {string} */ name) => {
  const bytes = readFileSync(path.join(path.dirname(expectedFile), `${name}.f64`));
  return new Float64Array(new Uint8Array(bytes).buffer);
};
const work = mkdtempSync(path.join(tmpdir(), 'gradcam-saved-'));
let line = {};
try {
  const started = performance.now();
  const { size, best, channels } = expected;
  const out = path.join(work, 'model');
  await convertModel({ source, out });
  const seconds = (performance.now() - started) / 1000;
  const { openGraph } = await createGraphModelEngine({ backend: 'wasm' });
  const engine = { ...(await createEngine('onnx')), ...(openGraph && { openGraph }) };
  // The arrays below are what the net takes, so the range is stated for no other reason than to open it.
  const model = await loadModel(openModelFolder(out), { engine, inputRange: '0..1' });
  const { node, layer } = resolveLayer(model, 'auto');
  const input = { shape: [1, size, size, 3], data: Float32Array.from(read('input')) };
  const [image = ''] = model.network.inputs;
  const got = await explainAt(model, input, node, best);
  const { logits } = await model.session.run({ inputs: { [image]: input }, outputs: [] });
  const [activation, gradient] = [read('activation'), read('gradient')];
  const { map, scale } = gradCam(activation, gradient, channels);
  const found = gradCam(got.activations.data, got.gradients.data, channels);
  line = {
    layer,
    opaque: model.network.nodes.filter(({ op }) => op.kind === 'opaque').length,
    proof: model.proof,
    logits: relativeToRange(logits.data, read('logits')),
    activation: relativeToRange(got.activations.data, activation),
    map: relativeToScale(found.map, map, scale),
    seconds: Math.round(seconds * 10) / 10,
  };
  model.dispose();
} finally {
  rmSync(work, { recursive: true, force: true });
}
// JSON has no NaN: it would become null, which is no number that a bound can refuse.
const text = JSON.stringify(line, (_, value) =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
);
// The threads of an engine may keep the process alive.
process.stdout.write(`${text}\n`, () => process.exit(0));
