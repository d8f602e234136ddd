// Usage: node examples/fooled.mjs <model folder> <image> <class it shall take it for> <class> ..
// Does the map still find what is there when the label is wrong? The picture is changed by at most 8 of 255
// levels, along the signs of the gradient of the wanted class, from a seeded start. Then the maps of the other
// classes are compared with those before (Selvaraju et al. 2017, section 6.2).
import { explain, loadModel, prepareInput } from '@gradcam/core';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import * as ort from 'onnxruntime-node';

const LEVELS = 8;
const STEPS = 40;

const [folder, file, wanted, ...targets] = process.argv.slice(2);
const model = await loadModel(openModelFolder(folder), { engine: createOnnxEngine(ort) });
const { values, geometry } = prepareInput(await readImage(file), model.input);
const { scale, mean, std } = model.input;
const input = model.network.inputs[0];
const { explanations: named } = await explain(model, { values, geometry }, { targets: [wanted] });
const { index } = named[0].target;
const gradient = {
  seeds: [{ score: 'logProbability', of: { class: index } }],
  wrt: [input],
  relu: 'plain',
};

/** The values of pixels 0..255, and a number of levels, of the channel at a place of the input. */
const valueOf = (level, i) => (level * scale - mean[i % 3]) / std[i % 3];
const stepOf = (levels, i) => (levels * scale) / std[i % 3];

/** A seeded generator of numbers 0..1 (Lehmer 1951, with the factor of MINSTD). */
let state = 1;
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
let data = values.data.map((value, i) => value + stepOf(LEVELS * (2 * random() - 1), i));
for (let step = 0; step < STEPS; step++) {
  const { gradients } = await model.session.run({
    inputs: { [input]: { shape: values.shape, data } },
    outputs: [],
    gradient,
  });
  const slope = gradients[0].get(input).data;
  data = data.map((value, i) => {
    const moved = value + stepOf((2.5 * LEVELS) / STEPS, i) * Math.sign(slope[i]);
    const reach = stepOf(LEVELS, i);
    const near = Math.min(values.data[i] + reach, Math.max(values.data[i] - reach, moved));
    return Math.min(valueOf(255, i), Math.max(valueOf(0, i), near));
  });
}

for (const [name, shown] of [
  ['before', values.data],
  ['after', data],
]) {
  const picture = { values: { shape: values.shape, data: shown }, geometry };
  const { predictions, explanations } = await explain(model, picture, { targets });
  const [best] = predictions;
  console.log(`${name}: ${best.label ?? best.index} ${(100 * best.probability).toFixed(2)} %`);
  for (const { target, peak } of explanations) {
    console.log(`  ${target.label ?? target.index} strongest at (${peak.x}, ${peak.y})`);
  }
}
model.dispose();
