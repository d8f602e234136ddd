// @ts-check
/**
 * Compares full-size nets with TensorFlow: converts what `tools/oracles/write_full_size.py` wrote, loads
 * the result with plain tfjs over HTTP, and compares logits and Grad-CAM maps with TensorFlow's.
 *
 * Usage: node tools/verify/compare-full-size.mjs <folder> [--wasm] [net..]; exits 1 where a bound is not
 * met. Maps run on ONNX Runtime, or with --wasm on tfjs.
 */
import { createOnnxEngine } from '@gradcam/core/onnx';
import { createTfjsEngine } from '@gradcam/core/tfjs';
import { openModelFolder } from '@gradcam/core/node';
import { computeGradCam, loadModel, resolveLayer } from '@gradcam/core';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, model as tfModel } from '@tensorflow/tfjs-layers';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  createReadStream,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import npyjs from 'npyjs';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';

/** Design section 9: logits relative to their range, maps to max over cells of sum_k |w_k A_k|. */
const BOUND = 1e-4;

const useWasm = process.argv.includes('--wasm');
const [folder, ...only] = process.argv.slice(2).filter((argument) => argument !== '--wasm');
if (folder === undefined) throw new Error('usage: compare-full-size.mjs <folder> [net..]');
const command = fileURLToPath(new URL('../../packages/cli/bin/gradcam.mjs', import.meta.url));
let failed = 0;

for (const net of readdirSync(folder)) {
  const from = path.join(folder, net);
  if (!existsSync(path.join(from, 'expected.json')) || (only.length > 0 && !only.includes(net)))
    continue;
  const expected = JSON.parse(readFileSync(path.join(from, 'expected.json'), 'utf8'));
  const work = mkdtempSync(path.join(tmpdir(), 'gradcam-verify-'));
  try {
    for (const source of readdirSync(from).filter((name) => /\.(tar\.gz|tgz|npy)$/.test(name))) {
      const out = path.join(work, source);
      const started = performance.now();
      // The published MobileNets carry their input size in their names.
      const architecture = /^mobilenet_v1_[\d.]+$/.test(net) ? `${net}_224` : net;
      const args = ['convert', path.join(from, source), '--arch', architecture, '--out', out];
      const { status } = spawnSync(process.execPath, [command, ...args], { stdio: 'inherit' });
      if (status !== 0) throw new Error(`${source}: convert exited with ${status}`);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(`${net} from ${source}: converted in ${seconds} s\n`);
      await comparePlainTfjs(out, from, expected);
      await compareMaps(out, from, expected);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
process.exit(failed === 0 ? 0 : 1);

/** @param {string} label @param {number} error */
function report(label, error) {
  const ok = error <= BOUND;
  if (!ok) failed += 1;
  process.stdout.write(`  ${ok ? 'ok  ' : 'FAIL'} ${label}: ${error.toExponential(2)}\n`);
}

/** The expected input: the image is of the model's size, so nothing is resized.
 * @param {string} from @param {any} expected */
async function readInput(from, expected) {
  const { channelOrder, mean, std, scale, height, width } = expected.architecture.input;
  const pixels = await sharp(path.join(from, expected.image.png)).removeAlpha().raw().toBuffer();
  const values = Float32Array.from(pixels, (_, i) => {
    const c = i % 3;
    const pixel = pixels[i - c + (channelOrder === 'bgr' ? 2 - c : c)] ?? 0;
    return (pixel * scale - mean[c]) / std[c];
  });
  return { shape: [1, height, width, 3], data: values };
}

/** @param {string} base64 */
function decodeFloats(base64) {
  return new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);
}

/** @param {ArrayLike<number>} got @param {Float32Array} want */
function relativeToRange(got, want) {
  const [low, high] = want.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const worst = want.reduce(
    (error, value, i) => Math.max(error, Math.abs(value - (got[i] ?? NaN))),
    0,
  );
  return worst / (high - low);
}

/** Plain `tf.loadLayersModel` over HTTP, as someone without this library would.
 * @param {string} out @param {string} from @param {any} expected */
async function comparePlainTfjs(out, from, expected) {
  await tf.setBackend('wasm');
  const server = createServer((request, response) => {
    createReadStream(path.join(out, path.basename(request.url ?? ''))).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const model = await loadLayersModel(`http://127.0.0.1:${port}/model.json`);
  server.close();
  const { gradcam } = JSON.parse(
    readFileSync(path.join(out, 'model.json'), 'utf8'),
  ).userDefinedMetadata;
  const logitsModel = tfModel({
    inputs: model.inputs,
    outputs: /** @type {import('@tensorflow/tfjs-layers').SymbolicTensor} */ (
      model.getLayer(gradcam.logits).output
    ),
  });
  const input = await readInput(from, expected);
  const logits = tf.tidy(() => {
    const x = tf.tensor(input.data, input.shape);
    return /** @type {tf.Tensor} */ (logitsModel.predict(x)).dataSync();
  });
  report(
    'plain tfjs over HTTP, logits',
    relativeToRange(logits, decodeFloats(expected.logits.float32)),
  );
  model.dispose();
}

/** @param {string} out @param {string} from @param {any} expected */
async function compareMaps(out, from, expected) {
  const engine = useWasm ? await createTfjsEngine() : createOnnxEngine(ort);
  const model = await loadModel(openModelFolder(out), { engine });
  const input = await readInput(from, expected);
  for (const key of Object.keys(expected.gradients)) {
    const [endpoint = '', index = ''] = key.split('@');
    const { node } = resolveLayer(model, endpoint);
    const started = performance.now();
    const { gradients, outputs } = await model.session.run({
      inputs: { [model.network.inputs[0] ?? '']: input },
      outputs: [node],
      gradient: {
        seeds: [{ score: 'logit', of: { class: Number(index) } }],
        wrt: [node],
        relu: 'plain',
      },
    });
    const ms = Math.round(performance.now() - started);
    const got = strip(outputs.get(node), gradients[0]?.get(node));
    const want = await readExpected(from, expected, endpoint, key);
    report(`${key} activations`, relativeToRange(got.activations.data, want.activations));
    report(`${key} Grad-CAM (${ms} ms)`, camError(computeGradCam(got).data, want));
  }
  model.dispose();
}

/** @param {any} activations @param {any} gradients */
function strip(activations, gradients) {
  const drop = (/** @type {any} */ array) => ({ shape: array.shape.slice(1), data: array.data });
  return { activations: drop(activations), gradients: drop(gradients) };
}

/** @param {string} from @param {any} expected @param {string} endpoint @param {string} key */
async function readExpected(from, expected, endpoint, key) {
  const read = async (/** @type {string} */ file) => {
    const bytes = readFileSync(path.join(from, file));
    const { data } = new npyjs().parse(new Uint8Array(bytes).buffer);
    return /** @type {Float32Array} */ (data);
  };
  return {
    shape: expected.activations[endpoint].shape,
    activations: await read(expected.activations[endpoint].npy),
    gradients: await read(expected.gradients[key].npy),
  };
}

/** The map and its scale are computed here in float64 from TensorFlow's arrays, not by our methods.
 * @param {Float32Array} got
 * @param {{ shape: number[], activations: Float32Array, gradients: Float32Array }} want */
function camError(got, { shape, activations, gradients }) {
  const [rows, columns, channels] = shape;
  const cells = rows * columns;
  const weights = new Float64Array(channels);
  gradients.forEach((g, i) => (weights[i % channels] += g / cells));
  let [scale, error] = [0, 0];
  for (let cell = 0; cell < cells; cell++) {
    let [sum, absolute] = [0, 0];
    for (let k = 0; k < channels; k++) {
      const term = weights[k] * activations[cell * channels + k];
      sum += term;
      absolute += Math.abs(term);
    }
    scale = Math.max(scale, absolute);
    error = Math.max(error, Math.abs(sum - got[cell]));
  }
  return error / scale;
}
