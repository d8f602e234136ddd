// @ts-check
/**
 * `node explain-file.mjs <file.onnx> <folder> <onnx|wasm> <items> <size> <class>`: explains the pictures of
 * `<folder>/pictures.f32` ([items, 3, size, size]) and writes the results there, as float32 with channels
 * last: `scores`, `activation` and raw Grad-CAM `map` at the recommended layer, gradient at the input,
 * `input`, and `guided`. JSON on stdout states their shapes, the layer and the cost.
 */
import { computeGradCam, listTaps, loadModel, openOnnxFile, resolveLayer } from '@gradcam/core';
import { createOnnxEngine } from '@gradcam/core/onnx';
import { createTfjsEngine } from '@gradcam/core/tfjs';
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { itemOf, readFloats, readPictures, writeFloats } from './arrays.mjs';

/** @typedef {import('@gradcam/core').NdArray} NdArray */

/** The number of rounds. The fastest one counts. */
const ROUNDS = 7;

const [file = '', folder = '', name, items, size, index] = process.argv.slice(2);
const pictures = readPictures(folder, Number(items), Number(size));
const bytes = readFileSync(file);
const engine =
  name === 'wasm' ? await createTfjsEngine({ backend: 'wasm' }) : createOnnxEngine(ort);
const start = process.cpuUsage();
const opened = await open();
process.stdout.write(`${JSON.stringify(opened)}\n`);
process.exit(0);

async function open() {
  let model;
  try {
    model = await loadModel(openOnnxFile(new Uint8Array(bytes)), { engine });
  } catch (error) {
    return { opens: false, why: String(/** @type {Error} */ (error).message) };
  }
  const openSeconds = secondsSince(start);
  try {
    return { opens: true, openSeconds, proof: model.proof, ...(await explain(model)) };
  } catch (error) {
    return { opens: false, why: String(/** @type {Error} */ (error).message) };
  }
}

/** @param {import('@gradcam/core').Model} model */
async function explain(model) {
  const image = model.network.inputs[0] ?? '';
  const at = findLayer(model);
  const seeds = [{ score: /** @type {const} */ ('logit'), of: { class: Number(index) } }];
  /** @param {string} wrt @param {'plain' | 'guided'} relu @param {NdArray} value */
  const run = async (wrt, relu, value = pictures) => {
    const { logits, outputs, gradients } = await model.session.run({
      inputs: { [image]: value },
      outputs: wrt === image ? [] : [wrt],
      gradient: { seeds, wrt: [wrt], relu },
    });
    return { logits, activation: outputs.get(wrt), gradient: gradients[0]?.get(wrt) };
  };
  const plain = await run(image, 'plain');
  const guided = await run(image, 'guided');
  /** @type {Record<string, readonly number[]>} */
  const shapes = {};
  /** @param {string} what @param {NdArray | undefined} array */
  const keep = (what, array) => {
    if (array === undefined) throw new Error(`${what} was asked for`);
    writeFloats(folder, what, array);
    shapes[what] = array.shape;
  };
  keep('scores', plain.logits);
  keep('input', plain.gradient);
  keep('guided', guided.gradient);
  if ('noLayer' in at) return { shapes, ...at };
  const { node } = at;
  const tap = listTaps(model.network).find((one) => one.node === node);
  if (tap === undefined) throw new Error(`${at.layer} was recommended and is no layer`);
  const { activation, gradient } = await run(node, 'plain');
  keep('activation', activation);
  keep('map', camsOf(tap, activation, gradient));
  const one = itemOf(pictures, 0);
  const picture = { shape: [1, ...one.shape], data: one.data };
  const cost =
    name === 'wasm'
      ? {}
      : await compareCosts(async () => {
          const found = await run(node, 'plain', picture);
          camsOf(tap, found.activation, found.gradient);
        });
  return { shapes, ...at, tokens: tap.tokens, ...cost };
}

/** @param {import('@gradcam/core').Model} model */
function findLayer(model) {
  try {
    return resolveLayer(model, 'auto');
  } catch (error) {
    return { noLayer: String(/** @type {Error} */ (error).message) };
  }
}

/**
 * Computes the raw map of each item. If the layer has tokens, only those of the image's cells are used.
 *
 * @param {import('@gradcam/core').Tap} tap
 * @param {NdArray | undefined} activation
 * @param {NdArray | undefined} gradient
 */
function camsOf({ shape, tokens }, activation, gradient) {
  if (activation === undefined || gradient === undefined) {
    throw new Error('the layer was asked for');
  }
  const start = (tokens?.before ?? 0) * (shape[2] ?? 1);
  const length = shape.reduce((product, one) => product * one, 1);
  /** @param {NdArray} array @param {number} item */
  const cellsOf = (array, item) => ({
    shape,
    data: itemOf(array, item).data.subarray(start, start + length),
  });
  const maps = Array.from({ length: activation.shape[0] ?? 0 }, (_, item) =>
    computeGradCam({
      activations: cellsOf(activation, item),
      gradients: cellsOf(gradient, item),
    }),
  );
  const [first] = maps;
  if (first === undefined) throw new Error('there is no picture');
  const data = new Float32Array(maps.length * first.data.length);
  maps.forEach((map, item) => data.set(map.data, item * map.data.length));
  return { shape: [maps.length, ...first.shape], data };
}

/**
 * Measures the CPU time of an explanation and of the untouched file's forward pass, which take turns.
 *
 * @param {() => Promise<void>} cam
 */
async function compareCosts(cam) {
  const session = await ort.InferenceSession.create(file, {
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const side = Number(size);
  const picture = new ort.Tensor(
    'float32',
    readFloats(folder, 'pictures').subarray(0, 3 * side * side),
    [1, 3, side, side],
  );
  const feeds = { [session.inputNames[0] ?? '']: picture };
  const works = { forward: () => session.run(feeds), cam };
  const least = { forward: Infinity, cam: Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    for (const work of /** @type {const} */ (['forward', 'cam'])) {
      const before = process.cpuUsage();
      await works[work]();
      least[work] = Math.min(least[work], secondsSince(before));
    }
  }
  return { forwardSeconds: least.forward, camSeconds: least.cam };
}

/** @param {NodeJS.CpuUsage} before */
function secondsSince(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
