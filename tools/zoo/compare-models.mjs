// @ts-check
/**
 * `node compare-models.mjs <folder> <size>`: explains the pictures of `<folder>/pictures.f32`
 * ([2, size, size, 3]) by the LayersModel in `<folder>/layers` and the GraphModel in
 * `<folder>/graph`. JSON on stdout has the largest differences: of the scores (of their range), and of
 * Grad-CAM at the layer that is recommended for the LayersModel (of the largest sum of |weight * activation|
 * over the cells).
 */
import { computeGradCam, loadModel, resolveLayer } from '@gradcam/core';
import { createGraphModelEngine } from '@gradcam/core/graph-model';
import { openModelFolder } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { itemOf, readFloats } from './arrays.mjs';

/** @typedef {import('@gradcam/core').Model} Model */

const [folder = '', size] = process.argv.slice(2);
const graphs = await createGraphModelEngine({ backend: 'wasm' });
const { openGraph } = graphs;
const engine = { ...createOnnxEngine(ort), ...(openGraph === undefined ? {} : { openGraph }) };
const side = Number(size);
const pictures = { shape: [2, side, side, 3], data: readFloats(folder, 'pictures') };

const layers = await open('layers');
const graph = await open('graph');
const opaque = graph.network.nodes.find(({ op }) => op.kind === 'opaque');
if (opaque?.op.kind === 'opaque')
  throw new Error(`not translated: ${opaque.op.config['obstacle']}`);
const { layer } = resolveLayer(layers, 'auto');
const wanted = await explain(layers, layer);
// Keras numbers the layers of a model that is called once more.
const found = await explain(graph, `${layer}_1`);
const own = resolveLayer(graph, 'auto');
process.stdout.write(
  `${JSON.stringify({
    layer,
    node: found.node,
    isAuto: own.node === found.node,
    proof: graph.proof,
    output: largest(wanted.logits, found.logits) / rangeOf(wanted.logits),
    cam: largest(wanted.map, found.map) / wanted.scale,
  })}\n`,
);
process.exit(0);

/** @param {string} form */
function open(form) {
  return loadModel(openModelFolder(path.join(folder, form)), { engine, inputRange: '0..1' });
}

/** @param {Model} model @param {string} name */
async function explain(model, name) {
  const { node } = resolveLayer(model, name);
  const [image = ''] = model.network.inputs;
  const { logits, outputs, gradients } = await model.session.run({
    inputs: { [image]: pictures },
    outputs: [node],
    gradient: { seeds: [{ score: 'logit', of: { class: 3 } }], wrt: [node], relu: 'plain' },
  });
  const [activations, gradient] = [outputs.get(node), gradients[0]?.get(node)];
  if (activations === undefined || gradient === undefined) throw new Error(`${node} was asked for`);
  const maps = [0, 1].map((item) =>
    computeGradCam({
      activations: itemOf(activations, item),
      gradients: itemOf(gradient, item),
    }),
  );
  const scales = [0, 1].map((item) => scaleOf(itemOf(activations, item), itemOf(gradient, item)));
  return {
    node,
    logits: logits.data,
    map: Float32Array.from(maps.flatMap(({ data }) => [...data])),
    scale: Math.max(...scales),
  };
}

/**
 * The largest sum of |weight * activation| over the cells; a channel's weight is the mean of its gradient.
 *
 * @param {import('@gradcam/core').NdArray} activations @param {import('@gradcam/core').NdArray} gradient
 */
function scaleOf({ shape, data }, gradient) {
  const channels = shape.at(-1) ?? 1;
  const cells = data.length / channels;
  const weights = new Float64Array(channels);
  gradient.data.forEach(
    (value, i) => (weights[i % channels] = (weights[i % channels] ?? 0) + value / cells),
  );
  const sums = new Float64Array(cells);
  data.forEach((value, i) => {
    const cell = Math.floor(i / channels);
    sums[cell] = (sums[cell] ?? 0) + Math.abs(value * (weights[i % channels] ?? 0));
  });
  return Math.max(...sums);
}

/** @param {Float32Array} a @param {Float32Array} b */
function largest(a, b) {
  if (a.length !== b.length) throw new Error(`${a.length} and ${b.length} values`);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);
}

/** @param {Float32Array} values */
function rangeOf(values) {
  return Math.max(...values) - Math.min(...values);
}
