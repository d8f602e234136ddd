// @ts-check
/**
 * `node list-decisions.mjs <file.onnx> <folder> <items> <size> <class>`: writes the values that decide the
 * slopes of ops with kinks in a file, for the pictures of `<folder>/pictures.f32` ([items, 3, size, size]):
 * the output of every ReLU and the input of every max pool, hard swish and hard sigmoid, as `decision-0.f32`
 * and so on with channels last, and the gradients at the input of the same passes, `decided-input` and
 * `decided-guided`. JSON on stdout lists them.
 */
import { loadModel, openOnnxFile } from '@gradcam/core';
import { createOnnxEngine } from '@gradcam/core/onnx';
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { readPictures, writeFloats } from './arrays.mjs';

const [file = '', folder = '', items, size, index] = process.argv.slice(2);
const pictures = readPictures(folder, Number(items), Number(size));
const engine = createOnnxEngine(ort);
const model = await loadModel(openOnnxFile(new Uint8Array(readFileSync(file))), { engine });
const { nodes, inputs } = model.network;
const image = inputs[0] ?? '';
const hard = new Set(['hardSwish', 'hardSigmoid']);
/** @typedef {{ kind: string, node: string, shape?: readonly number[] }} Place */
const places = nodes.flatMap((node) => placesOf(node));
const seeds = [{ score: /** @type {const} */ ('logit'), of: { class: Number(index) } }];
const outputs = [...new Set(places.map(({ node }) => node))].filter((node) => node !== image);

for (const [what, relu] of /** @type {const} */ ([
  ['input', 'plain'],
  ['guided', 'guided'],
])) {
  const found = await model.session.run({
    inputs: { [image]: pictures },
    outputs,
    gradient: { seeds, wrt: [image], relu },
  });
  const gradient = found.gradients[0]?.get(image);
  if (gradient === undefined) throw new Error('the gradient was asked for');
  writeFloats(folder, `decided-${what}`, gradient);
  if (relu === 'guided') continue;
  places.forEach(({ node }, i) => {
    const value = found.outputs.get(node) ?? pictures;
    writeFloats(folder, `decision-${i}`, value);
    Object.assign(places[i] ?? {}, { shape: value.shape });
  });
}
process.stdout.write(`${JSON.stringify(places)}\n`);
process.exit(0);

/** @param {import('@gradcam/core').GraphNode} node @returns {Place[]} */
function placesOf({ name, op, inputs: [before = ''] }) {
  if (op.kind === 'relu') return [{ kind: op.kind, node: name }];
  if (op.kind === 'activation' && hard.has(op.fn.name)) return [{ kind: op.fn.name, node: before }];
  return op.kind === 'maxPool' ? [{ kind: op.kind, node: before }] : [];
}
