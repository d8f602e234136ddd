// Usage: node examples/class-channels.mjs <model folder> <class> <folder of images> <tiles.png>
// Which channels of the last layer speak for a class, and which against it? As in the paper's textual
// explanations: the channels with the largest and smallest Grad-CAM weights, each with the picture of the
// folder that excites it most.
import { createDisplayMap, explain, loadModel, prepareInput, renderOverlay } from '@gradcam/core';
import { encodePng, openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as ort from 'onnxruntime-node';

const COUNT = 5;
const [folder, target, images, out] = process.argv.slice(2);
const model = await loadModel(openModelFolder(folder), { engine: createOnnxEngine(ort) });
const input = model.network.inputs[0];

/** The mean over the pictures of each channel's weight, and the picture of its largest activation. */
const weights = [];
const strongest = [];
const files = readdirSync(images).sort();
for (const file of files) {
  const image = await readImage(path.join(images, file));
  const { values, geometry } = prepareInput(image, model.input);
  const { explanations } = await explain(model, { values, geometry }, { targets: [target] });
  const [{ layer, target: found }] = explanations;
  const node = model.network.layers.get(model.endpoints?.[layer] ?? layer) ?? layer;
  const { outputs, gradients } = await model.session.run({
    inputs: { [input]: values },
    outputs: [node],
    gradient: {
      seeds: [{ score: 'logit', of: { class: found.index } }],
      wrt: [node],
      relu: 'plain',
    },
  });
  const { shape, data } = outputs.get(node);
  const [, rows, columns, channels] = shape;
  const slopes = gradients[0].get(node).data;
  for (let k = 0; k < channels; k++) {
    const map = Float32Array.from({ length: rows * columns }, (_, i) => data[i * channels + k]);
    const most = map.reduce((max, value) => Math.max(max, value), 0);
    let weight = 0;
    for (let i = k; i < slopes.length; i += channels) weight += slopes[i] / map.length;
    weights[k] = (weights[k] ?? 0) + weight / files.length;
    if (most > (strongest[k]?.most ?? -1)) {
      strongest[k] = { most, file, image, geometry, map: { shape: [rows, columns], data: map } };
    }
  }
}
model.dispose();

const order = weights.map((_, k) => k).sort((a, b) => weights[b] - weights[a]);
const chosen = [...order.slice(0, COUNT), ...order.slice(-COUNT)];
chosen.forEach((k, place) => {
  const side = place < COUNT ? 'for' : 'against';
  console.log(
    `${side.padEnd(7)} channel ${k}: weight ${weights[k].toExponential(2)}, most in ${strongest[k].file}`,
  );
});

// Two rows of tiles, for and against, in the order of the text. The pictures have one size.
const tiles = chosen.map((k) => {
  const { image, geometry, map } = strongest[k];
  return renderOverlay(image, createDisplayMap(map, true, geometry), 'turbo', 0.5);
});
const [{ width, height }] = tiles;
const sheet = { width: COUNT * width, height: 2 * height, channels: 3 };
sheet.data = new Uint8Array(sheet.width * sheet.height * 3);
tiles.forEach(({ data }, place) => {
  for (let y = 0; y < height; y++) {
    const from = data.subarray(y * width * 3, (y + 1) * width * 3);
    const row = Math.floor(place / COUNT) * height + y;
    sheet.data.set(from, (row * sheet.width + (place % COUNT) * width) * 3);
  }
});
await writeFile(out, await encodePng(sheet));
