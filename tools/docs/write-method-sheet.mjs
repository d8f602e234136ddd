// @ts-check
/**
 * Writes one picture of one image explained for two classes by every method, to look at: a map on the
 * wrong object is a bug.
 *
 * Usage: node tools/docs/write-method-sheet.mjs MODEL IMAGE FIRST SECOND OUT.png [--runs N]
 * [--range R] [--labels FILE]
 *
 * The picture of docs/methods.md is of the demo model and its sample scene:
 * node tools/docs/write-method-sheet.mjs DEMO-RESNET demo/scenes/cat-and-dog.png cat dog
 * docs/images/methods.png
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as core from '@gradcam/core';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import * as ort from 'onnxruntime-node';
import { composeSheet, toPanel } from './compose-sheet.mjs';

/** Methods in a row, each with its two maps side by side. */
const COLUMNS = 5;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '300' },
    range: { type: 'string' },
    labels: { type: 'string' },
  },
});
const [folder, file, first, second, out] = positionals;
if (!folder || !file || !first || !second || !out) {
  throw new Error('usage: write-method-sheet.mjs MODEL IMAGE FIRST SECOND OUT.png');
}

const engine = createOnnxEngine(ort);
const model = await core.loadModel(openModelFolder(folder), {
  engine,
  ...(flags.range ? { inputRange: /** @type {'-1..1'} */ (flags.range) } : {}),
  ...(flags.labels ? { classNames: core.parseLabels(await readFile(flags.labels, 'utf8')) } : {}),
});
const image = await readImage(file);
const targets = [first, second];

const tiles = [];
tiles.push({ caption: `The image; maps of ${first}, ${second}`, panels: [await toPanel(image)] });
for (const method of core.methods) {
  const found = await core
    .explain(model, image, { methods: [method.name], targets, runs: Number(flags.runs) })
    .catch((error) => ({ error }));
  if ('error' in found) {
    console.error(`${method.name}: left out, ${found.error.message}`);
    continue;
  }
  const panels = await Promise.all(
    found.explanations.map(async (explanation) => {
      const map = core.displayMapOf(explanation, found.geometry);
      const painted =
        explanation.kind === 'pixels'
          ? core.renderGradientOver(image, explanation.raw, found.geometry)
          : core.renderOverlay(image, map, 'turbo', 0.5);
      return toPanel(painted);
    }),
  );
  tiles.push({ caption: method.title, panels });
}
model.dispose();

await composeSheet(tiles, COLUMNS, out);
