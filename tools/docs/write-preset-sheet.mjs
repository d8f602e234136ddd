// @ts-check
/**
 * Writes one picture that shows the Grad-CAM of one image as each preset draws it, and as the default does:
 * for a layer's map and, if the program that the preset imitates has it, for Guided Grad-CAM.
 *
 * Usage: node tools/docs/write-preset-sheet.mjs MODEL IMAGE CLASS OUT.png
 *
 * The picture of docs/presets.md shows the demo model and its sample scene: node
 * tools/docs/write-preset-sheet.mjs DEMO-RESNET demo/scenes/cat-and-dog.png dog docs/images/presets.png
 */
import * as core from '@gradcam/core';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import * as ort from 'onnxruntime-node';
import { composeSheet, toPanel } from './compose-sheet.mjs';

const METHODS = ['grad-cam', 'guided-grad-cam'];
const COLUMNS = 4;

const [folder, file, target, out] = process.argv.slice(2);
if (!folder || !file || !target || !out) {
  throw new Error('usage: write-preset-sheet.mjs MODEL IMAGE CLASS OUT.png');
}
const model = await core.loadModel(openModelFolder(folder), { engine: createOnnxEngine(ort) });
const image = await readImage(file);
const tiles = [{ caption: 'The image', panels: [await toPanel(image)] }];
// CNN-Fixations has no Grad-CAM; of the options, captum's has colours of its own.
const shown = core.presets.filter(
  ({ name, methods }) =>
    methods['grad-cam'] !== undefined && (!name.includes(':') || name === 'captum:signed'),
);
for (const preset of [null, ...shown]) {
  const offered = METHODS.filter((name) => preset === null || preset.methods[name]?.imitated);
  const { explanations, geometry } = await core.explain(model, image, {
    methods: offered,
    targets: [target],
    ...(preset === null ? {} : { like: preset.name }),
  });
  const panels = await Promise.all(
    explanations.map((explanation) => {
      const map = core.displayMapOf(explanation, geometry);
      if (preset !== null) {
        const { kind, like } = explanation;
        const isPicture = kind === 'pixels' && like !== undefined;
        return toPanel(
          isPicture ? core.renderPeerMap(like, map, geometry) : core.renderLike(image, map, preset),
        );
      }
      return toPanel(
        explanation.kind === 'pixels'
          ? core.renderGradientOver(image, explanation.raw, geometry)
          : core.renderOverlay(image, map, 'turbo', 0.5),
      );
    }),
  );
  tiles.push({ caption: preset?.name ?? 'Default', panels });
}
model.dispose();
await composeSheet(tiles, COLUMNS, out);
