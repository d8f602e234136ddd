// @ts-check
// Measures what randomised weights do to the maps of every method, and writes the figures as JSON:
//   node tools/evidence/randomisation.mjs <model folder> --images <folder> --out <json>
//     [--steps 5] [--input-range=-1..1]
// Layers become noise from the output to the input, and each map of the predicted class is compared with that
// of the trained model by Spearman's correlation (Adebayo et al. 2018, arXiv 1810.03292). Means over images.
import { explain, loadModel, methods, prepareInput } from '@gradcam/core';
import { inputMapOf, measureRandomisation, readAllWeights } from '@gradcam/core/evidence';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';

/** Passes of a method that may need many: 4000 of RISE, for 90 maps, would take hours. */
const RUNS = 64;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    images: { type: 'string' },
    steps: { type: 'string', default: '5' },
    out: { type: 'string' },
    'input-range': { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined || values.images === undefined || values.out === undefined) {
  throw new Error(
    'say which: node tools/evidence/randomisation.mjs <model folder> --images <folder> --out <json>',
  );
}

const engine = createOnnxEngine(ort);
const inputRange = /** @type {'0..255' | '0..1' | '-1..1' | undefined} */ (values['input-range']);
const stated = inputRange === undefined ? {} : { inputRange };
const model = await loadModel(openModelFolder(folder), { engine, ...stated });
const weights = await readAllWeights(model.session);
const [height, width] = [model.input.height, model.input.width];

/** @param {string} method @param {Awaited<ReturnType<typeof readImage>>} image */
async function cascade(method, image) {
  const prepared = () => prepareInput(image, model.input);
  const { predictions } = await explain(model, prepared(), { methods: ['eigen-cam'] });
  const target = /** @type {{index: number}} */ (predictions[0]).index;
  return measureRandomisation(
    { network: model.network, weights, engine },
    async (session) => {
      const { explanations } = await explain({ ...model, session }, prepared(), {
        methods: [method],
        targets: [target],
        runs: RUNS,
      });
      return explanations.map((one) => inputMapOf(one, [height, width]));
    },
    { steps: Number(values.steps) },
  );
}

const images = readdirSync(values.images).sort();
/** @type {Record<string, (number | null)[]>} */
const found = {};
let layers = 0;
for (const { name } of methods) {
  /** @type {(number | null)[][]} */
  const rows = [];
  try {
    for (const file of images) {
      const image = await readImage(path.join(/** @type {string} */ (values.images), file));
      const { steps } = await cascade(name, image);
      layers = steps.at(-1)?.layers ?? 0;
      rows.push(steps.map(({ similarities: [one] }) => one?.spearman.value ?? null));
    }
  } catch (error) {
    process.stderr.write(`${name}: ${/** @type {Error} */ (error).message}\n`);
    continue;
  }
  found[name] = (rows[0] ?? []).map((_, step) => meanOf(rows.map((row) => row[step] ?? null)));
  process.stderr.write(`${name} ${JSON.stringify(found[name])}\n`);
}
model.dispose();
writeFileSync(
  values.out,
  `${JSON.stringify({ model: path.basename(folder), images: images.length, layers, spearman: found }, null, 1)}\n`,
);

/** @param {readonly (number | null)[]} numbers */
function meanOf(numbers) {
  const known = numbers.filter((value) => value !== null);
  if (known.length === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return Math.round(mean * 1000) / 1000;
}
