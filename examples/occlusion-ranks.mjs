// Usage: node examples/occlusion-ranks.mjs <model folder> <folder of images>
// Is a map faithful? The paper's check: the rank correlation of each map with the map of occlusion, which says
// what the score really loses where the picture is covered (Selvaraju et al. 2017, section 5.3).
import { explain, loadModel, prepareInput } from '@gradcam/core';
import { bootstrapMean, inputMapOf, rankCorrelation } from '@gradcam/core/evidence';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import * as ort from 'onnxruntime-node';

const [folder, images] = process.argv.slice(2);
const model = await loadModel(openModelFolder(folder), { engine: createOnnxEngine(ort) });
const methods = ['grad-cam', 'guided-grad-cam', 'guided-backprop', 'gradient', 'random-cam'];
const found = new Map(methods.map((method) => [method, []]));
for (const file of readdirSync(images).sort()) {
  const image = await readImage(path.join(images, file));
  const { height, width } = model.input;
  const { explanations } = await explain(model, prepareInput(image, model.input), {
    methods: ['occlusion', ...methods],
  });
  const [occlusion, ...maps] = explanations.map((one) => inputMapOf(one, [height, width]).data);
  methods.forEach((method, i) => found.get(method).push(rankCorrelation(maps[i], occlusion)));
}
model.dispose();
for (const [method, values] of found) {
  const { mean, low, high, images: count } = bootstrapMean(values);
  const interval = `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
  console.log(`${method.padEnd(16)} ${mean.toFixed(3)} ${interval} over ${count} images`);
}
