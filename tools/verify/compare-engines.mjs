// @ts-check
/**
 * Compares the two engines with each other, on the demo's scene: logits, activations and the maps of
 * five methods at every layer given (the recommended one by default), for the two best classes.
 *
 * Usage: node tools/verify/compare-engines.mjs <model folder>[@layer,..].. ; exits 1 above 1e-5, and lists
 * the ReLUs and max pools at which the engines differ, below which gradients differ by more.
 */
import { loadModel, prepareInput, resolveLayer } from '@gradcam/core';
import { openModelFolder, readImage } from '@gradcam/core/node';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngine, explainAt, formulas } from './explain-arrays.mjs';
import { compareDecisions, listDecisions } from './kinks.mjs';
import { relativeToRange, relativeToScale } from './measures.mjs';

/** Ten times the difference between two correct float32 engines: design section 9. */
const BOUND = 1e-5;

const scene = fileURLToPath(new URL('../../demo/scenes/cat-and-dog.png', import.meta.url));
const image = await readImage(scene);
let failed = 0;
for (const argument of process.argv.slice(2)) {
  const [folder = '', layers = 'auto'] = argument.split('@');
  const [onnx, wasm] = [await runOn('onnx', folder, layers), await runOn('wasm', folder, layers)];
  process.stdout.write(`${path.basename(folder)}\n`);
  report('logits', relativeToRange(wasm.logits, onnx.logits));
  onnx.layers.forEach(({ layer, index, got }, i) => {
    const other = wasm.layers[i]?.got;
    if (other === undefined) throw new Error(`no second run at ${layer}`);
    report(
      `${layer}@${index} activations`,
      relativeToRange(other.activations.data, got.activations.data),
    );
    for (const [method, compute] of Object.entries(formulas)) {
      const scale = scaleOf(method, got);
      report(
        `${layer}@${index} ${method}`,
        relativeToScale(compute(other).data, compute(got).data, scale),
      );
    }
  });
  for (const { node, count, of } of compareDecisions(onnx.decisions, wasm.decisions)) {
    process.stdout.write(`  ${node}: ${count} of ${of} kinks are seen differently\n`);
  }
}
process.exit(failed === 0 ? 0 : 1);

/** @param {'onnx' | 'wasm'} name @param {string} folder @param {string} layers */
async function runOn(name, folder, layers) {
  const engine = await createEngine(name);
  const model = await loadModel(openModelFolder(folder), { engine });
  const { values } = prepareInput(image, model.input);
  const input = model.network.inputs[0] ?? '';
  const { logits } = await model.session.run({ inputs: { [input]: values }, outputs: [] });
  const order = Array.from(logits.data.keys()).sort(
    (a, b) => (logits.data[b] ?? 0) - (logits.data[a] ?? 0),
  );
  const found = [];
  for (const layer of layers.split(',')) {
    const choice = resolveLayer(model, layer);
    for (const index of order.slice(0, 2)) {
      const got = await explainAt(model, values, choice.node, index);
      found.push({ layer: choice.layer, index, got });
    }
  }
  const decisions = await listDecisions(model, values);
  model.dispose();
  return { logits: logits.data, layers: found, decisions };
}

/**
 * For each method, the largest value over the cells of the sum over channels of the terms' magnitudes.
 *
 * @param {string} method
 * @param {{ activations: import('@gradcam/core').NdArray, gradients:
 * import('@gradcam/core').NdArray }} got
 */
function scaleOf(method, { activations, gradients }) {
  const compute = /** @type {Record<string, typeof formulas.gradCam>} */ (formulas)[method];
  if (compute === undefined) throw new Error(`no method ${method}`);
  const channels = activations.shape[2] ?? 1;
  const cells = activations.data.length / channels;
  const sums = new Float64Array(cells);
  // The map of a single channel is that channel's term in every cell.
  for (let k = 0; k < channels; k++) {
    const take = (/** @type {import('@gradcam/core').NdArray} */ array) => ({
      shape: [...array.shape.slice(0, 2), 1],
      data: Float32Array.from(
        { length: cells },
        (_, cell) => array.data[cell * channels + k] ?? NaN,
      ),
    });
    const map = compute({ activations: take(activations), gradients: take(gradients) });
    map.data.forEach((value, cell) => (sums[cell] = (sums[cell] ?? 0) + Math.abs(value)));
  }
  return Math.max(...sums);
}

/** @param {string} label @param {number} error */
function report(label, error) {
  const ok = error <= BOUND;
  if (!ok) failed += 1;
  process.stdout.write(`  ${ok ? 'ok  ' : 'FAIL'} ${label}: ${error.toExponential(2)}\n`);
}
